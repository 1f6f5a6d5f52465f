/// How a text is cut into tokens.
public enum TokenizerKind: String, Sendable, Codable, CaseIterable {
    /// Every character (grapheme cluster) is a token, white space and case included.
    case characters
    /// White space parts words; they are lowercased, and punctuation is split off.
    case words
    /// CJK text is cut into words learned from the corpus; runs of other letters and runs of
    /// digits are lowercased tokens, and each punctuation mark is one.
    case dictionary
    /// ``characters`` where the corpus is mostly CJK, else ``words``.
    case automatic
}

/// What a text is split at, or replaced: a fixed text, or a regular expression (`pattern` of `tokenizer.json`).
public enum TextPattern: Sendable, Equatable {
    /// `{"String": …}`: these very characters.
    case text(String)
    /// `{"Regex": …}`: an expression in the language of Oniguruma, as far as ``TextPattern`` knows it: alternatives,
    /// groups, classes, `\p{…}`, repetitions, `(?i:…)`, anchors, and looking ahead or behind by one character.
    case expression(String)
}

/// What happens to the pieces that a pattern matches (`behavior`).
public enum SplitBehavior: String, Sendable, CaseIterable {
    /// They are left out.
    case removed = "Removed"
    /// Each is a piece of its own.
    case isolated = "Isolated"
    /// Each goes to the piece before it.
    case mergedWithPrevious = "MergedWithPrevious"
    /// Each goes to the piece after it.
    case mergedWithNext = "MergedWithNext"
    /// Matches side by side are one piece.
    case contiguous = "Contiguous"
}

/// How a text is split into the words that the model tokenizes one by one (`pre_tokenizer` of `tokenizer.json`).
public indirect enum PreTokenizer: Sendable, Equatable {
    /// `ByteLevel`: a space before the text, GPT-2's expression, every byte as a visible character.
    case byteLevel(ByteLevelOptions)
    /// `BertPreTokenizer`: at white space, and punctuation by itself.
    case bert
    /// `Whitespace`: `\w+|[^\w\s]+`.
    case whitespace
    /// `WhitespaceSplit`: at white space.
    case whitespaceSplit
    /// `Metaspace`: spaces become a visible character that begins the next word.
    case metaspace(MetaspaceOptions)
    /// `Digits`: runs of digits, or single digits, by themselves.
    case digits(individual: Bool)
    /// `Punctuation`: marks by themselves.
    case punctuation(SplitBehavior)
    /// `CharDelimiterSplit`: at one character, which is left out.
    case characterDelimiter(Unicode.Scalar)
    /// `Split`: at a pattern, or (`invert`) at what it does not match.
    case split(TextPattern, behavior: SplitBehavior, isInverted: Bool)
    /// `UnicodeScripts`: where the script changes.
    case unicodeScripts
    /// `FixedLength`: every so many characters.
    case fixedLength(Int)
    /// `Sequence`: one after the other.
    case sequence([PreTokenizer])
}

/// How text becomes visible bytes (`ByteLevel` as a pre-tokenizer, a post-processor or a decoder).
public struct ByteLevelOptions: Sendable, Equatable {
    /// Whether a space is put before a text that has none (`add_prefix_space`).
    public var addsPrefixSpace: Bool
    /// Whether offsets leave white space out (`trim_offsets`).
    public var trimsOffsets: Bool
    /// Whether the text is split by GPT-2's expression (`use_regex`).
    public var usesExpression: Bool

    /// Options, as Hugging Face's are by default.
    public init(
        addsPrefixSpace: Bool = true, trimsOffsets: Bool = true, usesExpression: Bool = true
    ) {
        self.addsPrefixSpace = addsPrefixSpace
        self.trimsOffsets = trimsOffsets
        self.usesExpression = usesExpression
    }
}

/// How spaces become visible (`Metaspace` as a pre-tokenizer or a decoder).
public struct MetaspaceOptions: Sendable, Equatable {
    /// Where the visible space is put before a text that has none (`prepend_scheme`).
    public enum Prepending: String, Sendable, CaseIterable {
        /// Before the whole text, not before what follows an added token.
        case first
        /// Nowhere.
        case never
        /// Before every part of the text.
        case always
    }

    /// What a space becomes.
    public var replacement: Unicode.Scalar
    /// Where one is put in front.
    public var prepending: Prepending
    /// Whether the text is split before each.
    public var splits: Bool

    /// Options, as Hugging Face's are by default.
    public init(
        replacement: Unicode.Scalar = "\u{2581}", prepending: Prepending = .always,
        splits: Bool = true
    ) {
        self.replacement = replacement
        self.prepending = prepending
        self.splits = splits
    }
}

/// A token that is found in the text before the model sees it (`added_tokens` of `tokenizer.json`).
public struct AddedToken: Sendable, Equatable {
    /// The number of the token.
    public var id: Int32
    /// The text of the token.
    public var content: String
    /// Whether it is only found where no word character stands beside it (`single_word`).
    public var isSingleWord: Bool
    /// Whether it takes the white space on its left with it (`lstrip`).
    public var stripsLeft: Bool
    /// Whether it takes the white space on its right with it (`rstrip`).
    public var stripsRight: Bool
    /// Whether it is looked for in the normalised text, by its normalised content (`normalized`).
    public var isNormalized: Bool
    /// Whether it is left out in decoding when special tokens are skipped (`special`).
    public var isSpecial: Bool

    /// An added token; without more it is plain text that is found anywhere, and normalised unless it is special.
    public init(
        id: Int32, content: String, isSingleWord: Bool = false, stripsLeft: Bool = false,
        stripsRight: Bool = false, isNormalized: Bool? = nil, isSpecial: Bool = false
    ) {
        self.id = id
        self.content = content
        self.isSingleWord = isSingleWord
        self.stripsLeft = stripsLeft
        self.stripsRight = stripsRight
        self.isNormalized = isNormalized ?? !isSpecial
        self.isSpecial = isSpecial
    }
}

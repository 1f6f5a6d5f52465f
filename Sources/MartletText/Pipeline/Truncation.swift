/// Which end of a text tokens are cut off from, or put at.
public enum TextSide: String, Sendable, CaseIterable {
    /// The beginning.
    case left = "Left"
    /// The end.
    case right = "Right"
}

/// How many tokens there may be (`truncation` of `tokenizer.json`).
public struct Truncation: Sendable, Equatable {
    /// Which of two texts loses tokens.
    public enum Strategy: String, Sendable, CaseIterable {
        /// The longer one first.
        case longestFirst = "LongestFirst"
        /// The first.
        case onlyFirst = "OnlyFirst"
        /// The second.
        case onlySecond = "OnlySecond"
    }

    /// The most tokens, with the special ones.
    public var maximumLength: Int
    /// Which of two texts loses tokens.
    public var strategy: Strategy
    /// How many tokens a part shares with the part before it.
    public var stride: Int
    /// Which end loses them.
    public var direction: TextSide

    /// At most `maximumLength` tokens.
    public init(
        maximumLength: Int, strategy: Strategy = .longestFirst, stride: Int = 0,
        direction: TextSide = .right
    ) {
        self.maximumLength = maximumLength
        self.strategy = strategy
        self.stride = stride
        self.direction = direction
    }
}

/// What texts of a batch are made equally long with (`padding` of `tokenizer.json`).
public struct TokenPadding: Sendable, Equatable {
    /// How long they become.
    public enum Strategy: Sendable, Equatable {
        /// As the longest of a batch.
        case batchLongest
        /// So many tokens.
        case fixed(Int)
    }

    /// How long they become.
    public var strategy: Strategy
    /// Which end the padding goes to.
    public var direction: TextSide
    /// The length is rounded up to a multiple of this.
    public var multipleOf: Int?
    /// The number of the padding token.
    public var id: Int32
    /// The type of the padding token.
    public var typeID: Int32
    /// The text of the padding token.
    public var token: String

    /// Padding, as Hugging Face's is by default.
    public init(
        strategy: Strategy = .batchLongest, direction: TextSide = .right, multipleOf: Int? = nil,
        id: Int32 = 0, typeID: Int32 = 0, token: String = "[PAD]"
    ) {
        self.strategy = strategy
        self.direction = direction
        self.multipleOf = multipleOf
        self.id = id
        self.typeID = typeID
        self.token = token
    }
}

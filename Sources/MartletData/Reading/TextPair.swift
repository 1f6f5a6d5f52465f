/// A text that is read, and one that is to be written for it.
public struct TextPair: Sendable, Hashable {
    /// What is read.
    public var source: String
    /// What is to be written.
    public var target: String

    /// A pair of these.
    public init(source: String, target: String) {
        self.source = source
        self.target = target
    }
}

/// The keys of a JSONL file's objects that hold the two texts of a pair.
public struct PairKeys: Sendable, Codable, Equatable {
    /// The key of what is read.
    public var source: String
    /// The key of what is to be written.
    public var target: String

    /// Keys of these names.
    public init(source: String = "source", target: String = "target") {
        self.source = source
        self.target = target
    }
}

/// Pairs to learn from, to choose by, and to judge by.
public struct PairSplit: Sendable, Equatable {
    /// The pairs to learn from.
    public var training: [TextPair]
    /// The pairs that choose the best epoch.
    public var validation: [TextPair]
    /// The pairs that only the last judgement sees.
    public var test: [TextPair]

    /// A split into these parts.
    public init(training: [TextPair], validation: [TextPair], test: [TextPair]) {
        self.training = training
        self.validation = validation
        self.test = test
    }
}

/// What contenders are compared on; the raw value is the name on the command line.
public enum ComparisonTask: String, Sendable, Codable, CaseIterable {
    /// See ``MemoryTask``.
    case adding, copying, parity
    /// Labelled texts.
    case sentiment
    /// Running text, character by character.
    case languageModel = "language-model"
    /// Nothing is learned: what training and single steps cost, by the length of sequences.
    case speed

    /// The memory task, if it is one.
    public var memory: MemoryTask? { MemoryTask(rawValue: rawValue) }

    /// What its score is, in words.
    public var scoreName: String {
        switch self {
        case .adding: "sums right within 0.04"
        case .copying: "symbols recalled"
        case .parity: "parities right"
        case .sentiment: "unseen texts right"
        case .languageModel: "bits per character of unseen text"
        case .speed: "steps of training a second"
        }
    }

    /// Whether the score is a share, of which more is better; else less is.
    public var isShare: Bool { self != .languageModel }

    /// The lengths to compare at where none are asked for: from what most can do to what few can.
    public var defaultLengths: [Int] {
        switch self {
        case .adding: [20, 50, 100, 200]
        case .copying: [5, 10, 20, 50]
        case .parity: [2, 3, 4, 6]
        case .sentiment, .languageModel: []
        case .speed: [64, 256, 1024, 4096]
        }
    }
}

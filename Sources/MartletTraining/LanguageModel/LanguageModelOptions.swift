public import MartletTensor
public import MartletText

/// Everything that can be chosen about the training of a language model.
public struct LanguageModelOptions: TextTrainingChoices {
    /// What text is cut into.
    public var unit = TextUnit.character
    /// The recurrent cell.
    public var cell = CellKind.lstm
    /// The number of units of each layer.
    public var hidden = 256
    /// How many recurrent layers stand on top of each other.
    public var layers = 2
    /// The width of a token's vector.
    public var embedding = 128
    /// Whether scores are products with the token vectors; nil: for words.
    public var tied: Bool?
    /// The most tokens of the vocabulary.
    public var vocabulary = 30_000
    /// How often a token must occur in training to be known.
    public var minimumCount = 2
    /// The share of elements dropped of the vectors, between layers and of the outputs.
    public var dropout = 0.2
    /// The share of elements dropped of the recurrent matrices.
    public var weightDropout = 0.0
    /// The most epochs; nil: as many as make 3,000 steps, 1 … 50.
    public var epochs: Int?
    /// Pieces of the text that are read side by side.
    public var batch = 32
    /// The steps that a gradient goes back.
    public var window = 64
    /// The highest learning rate.
    public var learningRate = 2e-3
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 100
    /// The decay of the weights in a step, times the learning rate.
    public var weightDecay = 0.01
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    public var averaging = 0.995
    /// End after this many epochs without a better one; nil: a quarter of all, at least 3.
    public var patience: Int?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case unit, cell, hidden, layers, embedding, tied, vocabulary, dropout, epochs, batch, window
        case clip, averaging, patience, seed
        case minimumCount = "minimum_count"
        case weightDropout = "weight_dropout"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// Whether scores are products with the token vectors.
    public var isTied: Bool { tied ?? (unit == .word) }

    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 3_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 1...50 }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--unit", unit.rawValue), ("--cell", cell.rawValue), ("--hidden", "\(hidden)"),
            ("--layers", "\(layers)"), ("--embedding", "\(embedding)"), ("--tied", "\(isTied)"),
            ("--dropout", "\(dropout)"), ("--weight-dropout", "\(weightDropout)"),
            ("--window", "\(window)"),
        ] + textListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        textProblem(
            sizes: [
                ("--hidden", hidden, 1 << 16), ("--embedding", embedding, 1 << 16),
                ("--layers", layers, 64), ("--window", window, 1 << 16),
            ],
            shares: [("--dropout", dropout), ("--weight-dropout", weightDropout)])
    }
}

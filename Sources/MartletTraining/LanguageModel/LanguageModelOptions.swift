public import MartletTensor
public import MartletText

/// Everything that can be chosen about the training of a language model.
public struct LanguageModelOptions: Codable, Sendable, Equatable {
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

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--unit", unit.rawValue), ("--cell", cell.rawValue), ("--hidden", "\(hidden)"),
            ("--layers", "\(layers)"), ("--embedding", "\(embedding)"), ("--tied", "\(isTied)"),
            ("--vocabulary", "\(vocabulary)"), ("--minimum-count", "\(minimumCount)"),
            ("--dropout", "\(dropout)"), ("--weight-dropout", "\(weightDropout)"),
            ("--epochs", epochs.map { "\($0)" } ?? "automatic"), ("--batch", "\(batch)"),
            ("--window", "\(window)"), ("--learning-rate", "\(learningRate)"),
            ("--warm-up", "\(warmUp)"), ("--weight-decay", "\(weightDecay)"), ("--clip", "\(clip)"),
            ("--averaging", "\(averaging)"),
            ("--patience", patience.map { "\($0)" } ?? "automatic"), ("--seed", "\(seed)"),
        ]
    }

    /// The most epochs where one has so many steps.
    public func epochs(stepsPerEpoch: Int) -> Int {
        epochs ?? min(max((3_000 + stepsPerEpoch - 1) / max(stepsPerEpoch, 1), 1), 50)
    }

    /// What differs from the options that a saved run was begun with, in words; nil if nothing does.
    public func difference(from saved: LanguageModelOptions) -> String? {
        let parts = zip(listing, saved.listing).filter { $0.value != $1.value }.map {
            "\($0.flag) is \($0.value), the saved run has \($1.value)"
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        for (flag, value, most) in [
            ("--hidden", hidden, 1 << 16), ("--embedding", embedding, 1 << 16),
            ("--layers", layers, 64), ("--batch", batch, 1 << 16), ("--window", window, 1 << 16),
            ("--minimum-count", minimumCount, 1 << 30), ("--epochs", epochs ?? 1, 1 << 20),
            ("--patience", patience ?? 1, 1 << 20),
        ] where !(1...most).contains(value) {
            return "\(flag) is \(value): expected 1 … \(most)"
        }
        if !(3...1 << 20).contains(vocabulary) {
            return "--vocabulary is \(vocabulary): expected 3 … \(1 << 20)"
        }
        for (flag, value) in [
            ("--dropout", dropout), ("--weight-dropout", weightDropout), ("--averaging", averaging),
        ] where !(value >= 0 && value < 1) {
            return "\(flag) is \(value): expected 0 ..< 1"
        }
        for (flag, value) in [("--learning-rate", learningRate), ("--clip", clip)]
        where !(value > 0 && value.isFinite) {
            return "\(flag) is \(value): expected a number above 0"
        }
        if !(weightDecay >= 0 && weightDecay.isFinite) {
            return "--weight-decay is \(weightDecay): expected at least 0"
        }
        return warmUp < 0 ? "--warm-up is \(warmUp): expected at least 0" : nil
    }
}

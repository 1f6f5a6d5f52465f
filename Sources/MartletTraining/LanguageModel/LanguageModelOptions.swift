import MartletNN
public import MartletTensor
public import MartletText

/// How a language model scores the tokens that may come next.
public enum SoftmaxKind: String, Codable, Sendable, CaseIterable {
    /// Every token at every step.
    case full
    /// The common tokens at every step, clusters of rare ones only where they come (Grave et al. 2017): for vocabularies of
    /// tens of thousands.
    case adaptive
}

/// Everything that can be chosen about the training of a language model.
public struct LanguageModelOptions: TextTrainingChoices {
    /// What text is cut into.
    public var unit = TextUnit.character
    /// For subwords: a `tokenizer.json` to cut with; nil: one is learned from the text.
    public var tokenizer: String?
    /// The recurrent cell.
    public var cell = CellKind.lstm
    /// The number of units of each layer.
    public var hidden = 256
    /// How many recurrent layers stand on top of each other.
    public var layers = 2
    /// The width of a token's vector.
    public var embedding = 128
    /// Whether a second network learns to read the text from its end, for a classifier to begin with; nil: no.
    public var bidirectional: Bool?
    /// Whether scores are products with the token vectors; nil: for words and subwords, with a full softmax.
    public var tied: Bool?
    /// How tokens are scored.
    public var softmax = SoftmaxKind.full
    /// Where the clusters of an adaptive softmax begin; nil: chosen by how common the tokens are, as
    /// ``MartletNN/AdaptiveSoftmax/cutoffs(counts:)`` does.
    public var cutoffs: [Int]?
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
    /// What products are computed in; nil: float32.
    public var precision: ProductPrecision?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case unit, tokenizer, cell, hidden, layers, embedding, tied, softmax, cutoffs, vocabulary
        case bidirectional, dropout, epochs, batch, window, clip, averaging, patience, precision,
            seed
        case minimumCount = "minimum_count"
        case weightDropout = "weight_dropout"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// Reads the options; what older runs do not have keeps its default.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        unit = try keys.decode(TextUnit.self, forKey: .unit)
        tokenizer = try keys.decodeIfPresent(String.self, forKey: .tokenizer)
        cell = try keys.decode(CellKind.self, forKey: .cell)
        hidden = try keys.decode(Int.self, forKey: .hidden)
        layers = try keys.decode(Int.self, forKey: .layers)
        embedding = try keys.decode(Int.self, forKey: .embedding)
        bidirectional = try keys.decodeIfPresent(Bool.self, forKey: .bidirectional)
        tied = try keys.decodeIfPresent(Bool.self, forKey: .tied)
        softmax = try keys.decodeIfPresent(SoftmaxKind.self, forKey: .softmax) ?? .full
        cutoffs = try keys.decodeIfPresent([Int].self, forKey: .cutoffs)
        vocabulary = try keys.decode(Int.self, forKey: .vocabulary)
        minimumCount = try keys.decode(Int.self, forKey: .minimumCount)
        dropout = try keys.decode(Double.self, forKey: .dropout)
        weightDropout = try keys.decode(Double.self, forKey: .weightDropout)
        epochs = try keys.decodeIfPresent(Int.self, forKey: .epochs)
        batch = try keys.decode(Int.self, forKey: .batch)
        window = try keys.decode(Int.self, forKey: .window)
        learningRate = try keys.decode(Double.self, forKey: .learningRate)
        warmUp = try keys.decode(Int.self, forKey: .warmUp)
        weightDecay = try keys.decode(Double.self, forKey: .weightDecay)
        clip = try keys.decode(Double.self, forKey: .clip)
        averaging = try keys.decode(Double.self, forKey: .averaging)
        patience = try keys.decodeIfPresent(Int.self, forKey: .patience)
        precision = try keys.decodeIfPresent(ProductPrecision.self, forKey: .precision)
        seed = try keys.decode(UInt64.self, forKey: .seed)
    }

    /// Whether scores are products with the token vectors.
    public var isTied: Bool { tied ?? (unit != .character && softmax == .full) }

    /// The most tokens of subwords that are learned, where nobody says: a text has few pieces that are worth a vector.
    public static var subwordVocabulary: Int { 4_000 }

    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 3_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 1...50 }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--unit", unit.rawValue), ("--cell", cell.rawValue), ("--hidden", "\(hidden)"),
            ("--layers", "\(layers)"), ("--embedding", "\(embedding)"), ("--tied", "\(isTied)"),
            ("--softmax", softmax.rawValue), ("--dropout", "\(dropout)"),
            ("--weight-dropout", "\(weightDropout)"),
            ("--window", "\(window)"),
        ] + (tokenizer.map { [("--tokenizer", $0)] } ?? [])
            + (cutoffs.map { [("--cutoffs", $0.map(String.init).joined(separator: ","))] } ?? [])
            + (bidirectional.map { [("--bidirectional", "\($0)")] } ?? [])
            + textListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if tokenizer != nil, unit != .subword {
            return "--tokenizer is for --unit subword: the unit is \(unit.rawValue)"
        }
        if softmax == .adaptive, isTied {
            return
                "--tied and --softmax adaptive exclude each other: an adaptive softmax has narrower vectors for rare tokens than those that are read"
        }
        if let problem = clusterProblem { return problem }
        if unit == .subword, tokenizer == nil, vocabulary < 256 {
            return
                "--vocabulary is \(vocabulary): expected at least 256, one for each byte"
        }
        return textProblem(
            sizes: [
                ("--hidden", hidden, 1 << 16), ("--embedding", embedding, 1 << 16),
                ("--layers", layers, 64), ("--window", window, 1 << 16),
            ],
            shares: [("--dropout", dropout), ("--weight-dropout", weightDropout)])
    }

    /// What is wrong with the choices about an adaptive softmax; nil if nothing is.
    private var clusterProblem: String? {
        guard softmax == .adaptive else {
            return cutoffs == nil ? nil : "--cutoffs are for --softmax adaptive"
        }
        // Chosen ones are at most two; how many tokens there are is known later.
        return AdaptiveSoftmax.problem(
            cutoffs: cutoffs ?? [1, 2], inputSize: hidden, classes: 1 << 30
        ).map {
            "--softmax adaptive: \($0.replacing("the width is", with: "--hidden is"))"
        }
    }
}

public import MartletModels
public import MartletTensor
public import MartletText

/// Everything that can be chosen about a sentiment run; the defaults were tuned on validation examples only.
public struct SentimentOptions: TextTrainingChoices {
    /// What reads the vectors of a text; nil: recurrent layers.
    public var architecture: TextArchitecture?
    /// The recurrent cell.
    public var cell = CellKind.gru
    /// The width of each state; of a CNN, the results of each size.
    public var hidden = 128
    /// The tokens that each convolution of a CNN looks at; nil: 3, 4 and 5.
    public var kernelSizes: [Int]?
    /// How many recurrent layers, or blocks of attention, stand on top of each other.
    public var layers = 1
    /// Whether each layer also reads from the end.
    public var bidirectional = true
    /// The width of a token's vector.
    public var embedding = 128
    /// The tokens of the longest n-gram with a vector of its own; 1: none.
    public var longestNGram = 3
    /// The most n-grams that have a vector.
    public var nGrams = 80_000
    /// How text is cut.
    public var tokenizer = TokenizerKind.automatic
    /// The most tokens of the vocabulary.
    public var vocabulary = 30_000
    /// How often a token must occur in training to be known.
    public var minimumCount = 2
    /// The share of vector elements dropped in training.
    public var dropout = 0.5
    /// The share of tokens and n-grams hidden in training.
    public var tokenDropout = 0.3
    /// The share of texts of which only a random part is read in training.
    public var crop = 0.5
    /// The most epochs; nil: as many as make 2,000 steps, 5 … 100.
    public var epochs: Int?
    /// Texts in a batch.
    public var batch = 32
    /// The highest learning rate.
    public var learningRate = 1e-3
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 200
    /// The decay of the weights in a step, times the learning rate.
    public var weightDecay = 0.01
    /// The share of certainty that is spread over all labels.
    public var labelSmoothing = 0.0
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    public var averaging = 0.998
    /// End after this many epochs without a better one; nil: a quarter of all, at least 3.
    public var patience: Int?
    /// What products are computed in; nil: float32.
    public var precision: ProductPrecision?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0
    /// The run folder of a language model whose tokens, vectors and recurrent layers the classifier begins with.
    public var pretrained: String?

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case architecture, cell, hidden, layers, bidirectional, embedding, tokenizer, vocabulary,
            dropout, crop,
            epochs
        case averaging, batch, clip, patience, precision, seed, pretrained
        case kernelSizes = "kernel_sizes"
        case longestNGram = "longest_ngram"
        case nGrams = "ngrams"
        case minimumCount = "minimum_count"
        case tokenDropout = "token_dropout"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
        case labelSmoothing = "label_smoothing"
    }

    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 2_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 5...100 }

    /// What reads the vectors of a text.
    public var network: TextArchitecture { architecture ?? .recurrent }
    /// The tokens that each convolution looks at; empty where there are none.
    public var convolutions: [Int] { network == .cnn ? kernelSizes ?? [3, 4, 5] : [] }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        let sizes = convolutions.map { "\($0)" }.joined(separator: ",")
        return [
            ("--architecture", network.rawValue),
            ("--kernel-sizes", sizes.isEmpty ? "none" : sizes), ("--cell", cell.rawValue),
            ("--hidden", "\(hidden)"), ("--layers", "\(layers)"),
            ("--bidirectional", "\(bidirectional)"), ("--embedding", "\(embedding)"),
            ("--longest-ngram", "\(longestNGram)"), ("--ngrams", "\(nGrams)"),
            ("--tokenizer", tokenizer.rawValue), ("--dropout", "\(dropout)"),
            ("--token-dropout", "\(tokenDropout)"), ("--crop", "\(crop)"),
            ("--label-smoothing", "\(labelSmoothing)"),
        ] + textListing + (pretrained.map { [("--pretrained", $0)] } ?? [])
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if kernelSizes != nil, network != .cnn { return "--kernel-sizes needs --architecture cnn" }
        if kernelSizes?.isEmpty == true { return "--kernel-sizes is empty: expected at least one" }
        if let size = convolutions.first(where: { !(1...64).contains($0) }) {
            return "--kernel-sizes has \(size): expected 1 … 64"
        }
        if network == .cnn || network == .bag, layers != 1 {
            return "--layers is \(layers): expected 1 with --architecture \(network.rawValue)"
        }
        if network == .transformer, hidden % 2 != 0 {
            return "--hidden is \(hidden): expected an even number for a transformer"
        }
        if nGrams < 3 { return "--ngrams is \(nGrams): expected at least 3" }
        return textProblem(
            sizes: [
                ("--hidden", hidden, 1 << 16), ("--embedding", embedding, 1 << 16),
                ("--layers", layers, 64), ("--longest-ngram", longestNGram, 3),
                ("--ngrams", nGrams, 1 << 23),
            ],
            shares: [
                ("--dropout", dropout), ("--token-dropout", tokenDropout),
                ("--label-smoothing", labelSmoothing), ("--crop", crop),
            ])
    }
}

public import MartletNN
public import MartletTensor
public import MartletText

/// Which network reads one sequence and writes another.
public enum SequenceToSequenceKind: String, Codable, Sendable, CaseIterable {
    /// Recurrent on both sides.
    case lstm, gru
    /// With attention alone (Vaswani et al. 2017).
    case transformer
}

/// How a recurrent decoder looks at what was read, or that it does not.
public enum AttentionChoice: String, Codable, Sendable, CaseIterable {
    /// Additive, step by step (Bahdanau et al. 2015).
    case bahdanau
    /// Multiplicative, all steps at once (Luong et al. 2015).
    case luong
    /// Only the encoder's last state is known (Sutskever et al. 2014).
    case none

    /// The attention; nil: none.
    public var kind: DecoderAttentionKind? {
        switch self {
        case .bahdanau: .bahdanau
        case .luong: .luong
        case .none: nil
        }
    }
}

/// Everything that can be chosen about the training of a model that reads one sequence and writes another.
public struct SequenceToSequenceOptions: TextTrainingChoices {
    /// The network.
    public var model = SequenceToSequenceKind.lstm
    /// How a recurrent decoder looks at what was read; nil: `luong`.
    public var attention: AttentionChoice?
    /// Whether a decoder with Luong's attention also reads what it made of the step before; nil: no.
    public var inputFeeding: Bool?
    /// Whether Bahdanau's attention knows where it looked before, and is kept from looking there again; nil: no.
    public var coverage: Bool?
    /// Whether what was read may be copied, words that are not known too (See et al. 2017); nil: no. Both sides then have the
    /// same tokens, learned from both; see ``minimumCount``.
    public var copy: Bool?
    /// What sources are cut into.
    public var sourceUnit = SequenceUnit.character
    /// What targets are cut into.
    public var targetUnit = SequenceUnit.character
    /// The number of units of each layer; of a Transformer the width.
    public var hidden = 256
    /// How many layers the encoder has, and the decoder.
    public var layers = 1
    /// The width of a token's vector; a Transformer's is its width.
    public var embedding = 128
    /// Whether a recurrent encoder also reads from the end.
    public var bidirectional = true
    /// The number of heads of a Transformer.
    public var heads = 4
    /// The width within a Transformer's mlp; nil: four times the width.
    public var innerWidth: Int?
    /// Whether scores are products with the vectors of the tokens that are written; nil: of a Transformer.
    public var tied: Bool?
    /// The most tokens of a text; pairs with a longer one are left out, and counted.
    public var longest = 200
    /// The most tokens of the vocabulary of each side.
    public var vocabulary = 8_000
    /// How often a token must occur in training to be known; with ``copy``, which counts both sides, twice as often.
    public var minimumCount = 2
    /// The share of elements dropped of the vectors, between layers and of the outputs.
    public var dropout = 0.2
    /// The share of probability that is spread over all tokens.
    public var labelSmoothing = 0.1
    /// The share of written tokens that, at the end of the training, are the model's own guesses (Bengio et al. 2015).
    public var scheduledSampling = 0.0
    /// What is told of validation pairs after every epoch; nil: what goes with the units.
    public var metric: PairMetric?
    /// How many beginnings the answers to the test are looked for with; nil: 1, the likeliest token each time.
    public var beam: Int?
    /// The most epochs; nil: as many as make 4,000 steps, 1 … 60.
    public var epochs: Int?
    /// The most pairs of a batch.
    public var batch = 128
    /// The most tokens of a side of a batch, padding included.
    public var batchTokens = 4_096
    /// The highest learning rate.
    public var learningRate = 2e-3
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 200
    /// The decay of the weights in a step, times the learning rate.
    public var weightDecay = 0.01
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    public var averaging = 0.99
    /// End after this many epochs without a better one; nil: a quarter of all, at least 3.
    public var patience: Int?
    /// What products are computed in; nil: float32.
    public var precision: ProductPrecision?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    /// The defaults of a network.
    public init(_ model: SequenceToSequenceKind) {
        self.model = model
        guard model == .transformer else { return }
        layers = 3
        dropout = 0.1
        learningRate = 1e-3
        warmUp = 400
    }

    enum CodingKeys: String, CodingKey {
        case model, attention, coverage, copy, hidden, layers, embedding, bidirectional, heads,
            tied,
            longest
        case vocabulary, dropout, metric, beam, epochs, batch, clip, averaging, patience, precision,
            seed
        case sourceUnit = "source_unit"
        case targetUnit = "target_unit"
        case innerWidth = "inner_width"
        case inputFeeding = "input_feeding"
        case minimumCount = "minimum_count"
        case labelSmoothing = "label_smoothing"
        case scheduledSampling = "scheduled_sampling"
        case batchTokens = "batch_tokens"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// Whether it is a recurrent network.
    public var isRecurrent: Bool { model != .transformer }
    /// How a recurrent decoder looks at what was read.
    public var attentionChoice: AttentionChoice { attention ?? .luong }
    /// Whether scores are products with the vectors of the tokens that are written.
    public var isTied: Bool { tied ?? !isRecurrent }
    /// What is told of validation pairs: of characters the CER, else BLEU, if nobody says.
    public var judgedBy: PairMetric { metric ?? (targetUnit == .character ? .cer : .bleu) }

    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 4_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 1...60 }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        let network =
            isRecurrent
            ? [
                ("--attention", attentionChoice.rawValue),
                ("--input-feeding", "\(inputFeeding ?? false)"),
                ("--coverage", "\(coverage ?? false)"), ("--copy", "\(copy ?? false)"),
                ("--embedding", "\(embedding)"), ("--bidirectional", "\(bidirectional)"),
            ]
            : [
                ("--heads", "\(heads)"),
                ("--inner-width", innerWidth.map { "\($0)" } ?? "automatic"),
            ]
        return [
            ("--model", model.rawValue), ("--source-unit", sourceUnit.rawValue),
            ("--target-unit", targetUnit.rawValue), ("--hidden", "\(hidden)"),
            ("--layers", "\(layers)"),
        ] + network + [
            ("--tied", "\(isTied)"), ("--longest", "\(longest)"), ("--dropout", "\(dropout)"),
            ("--label-smoothing", "\(labelSmoothing)"),
            ("--scheduled-sampling", "\(scheduledSampling)"), ("--metric", judgedBy.rawValue),
            ("--beam", "\(beam ?? 1)"), ("--batch-tokens", "\(batchTokens)"),
        ] + textListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if !isRecurrent {
            if attention != nil { return "--attention is for --model lstm or gru" }
            if heads < 1 || hidden % max(heads, 1) != 0 || hidden % 2 != 0 {
                return
                    "--hidden is \(hidden) and --heads \(heads): expected an even number, and a multiple of it"
            }
        }
        let network = isRecurrent ? attentionChoice.rawValue : model.rawValue
        if inputFeeding == true, !isRecurrent || attentionChoice != .luong {
            return "--input-feeding is for --attention luong: \(network) was chosen"
        }
        if coverage == true, !isRecurrent || attentionChoice != .bahdanau {
            return "--coverage is for --attention bahdanau: \(network) was chosen"
        }
        if copy == true {
            if !isRecurrent || attentionChoice == .none {
                return
                    "--copy is for --attention luong or bahdanau, whose weights say what is copied: \(isRecurrent ? "none" : model.rawValue) was chosen"
            }
            if sourceUnit != targetUnit {
                return
                    "--copy writes what was read, but --source-unit is \(sourceUnit.rawValue) and --target-unit \(targetUnit.rawValue): expected the same"
            }
        }
        if !(scheduledSampling >= 0 && scheduledSampling <= 1) {
            return "--scheduled-sampling is \(scheduledSampling): expected 0 … 1"
        }
        if !(1...256).contains(beam ?? 1) {
            return "--beam is \(beam ?? 1): expected 1 … 256"
        }
        if [sourceUnit, targetUnit].contains(.subword), vocabulary < 256 {
            return "--vocabulary is \(vocabulary): expected at least 256, one for each byte"
        }
        return textProblem(
            sizes: [
                ("--hidden", hidden, 1 << 16), ("--embedding", embedding, 1 << 16),
                ("--layers", layers, 64), ("--inner-width", innerWidth ?? 1, 1 << 18),
                ("--longest", longest, 1 << 16), ("--batch-tokens", batchTokens, 1 << 22),
            ], shares: [("--dropout", dropout), ("--label-smoothing", labelSmoothing)])
    }
}

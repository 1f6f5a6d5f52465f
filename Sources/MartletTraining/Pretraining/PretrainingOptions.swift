public import MartletTensor
public import MartletText

/// What a Transformer learns from plain text.
public enum PretrainingTask: String, Codable, Sendable, CaseIterable {
    /// The next token: a decoder (Radford et al. 2018).
    case gpt
    /// Tokens that are masked: an encoder (Devlin et al. 2018), whole words at a time.
    case bert
    /// Spans that are left out: an encoder and a decoder (Raffel et al. 2020).
    case t5
}

/// Which decoder learns.
public enum DecoderKind: String, Codable, Sendable, CaseIterable {
    /// Learned positions, LayerNorm, GELU.
    case gpt2
    /// Turned positions, RMSNorm, SwiGLU.
    case llama
    /// The same with offsets of queries, keys and values.
    case qwen2
}

/// Everything that can be chosen about the training of a Transformer on plain text.
public struct PretrainingOptions: TrainingChoices {
    /// What is learned.
    public var task = PretrainingTask.gpt
    /// Which decoder, where it is one.
    public var decoder = DecoderKind.gpt2
    /// How many blocks stand on top of each other; of an encoder and a decoder, each.
    public var layers = 6
    /// The width of a token's vector.
    public var width = 384
    /// The number of heads.
    public var heads = 6
    /// The number of heads of keys and values; nil: as many.
    public var keyHeads: Int?
    /// The width within the mlp; nil: what goes with the architecture.
    public var innerWidth: Int?
    /// The tokens of a window.
    public var context = 256
    /// What a decoder's text is cut into, where a tokenizer is learned; nil: subwords.
    public var unit: TextUnit?
    /// A tokenizer.json to cut the text with; nil: one is learned from the text.
    public var tokenizer: String?
    /// The most tokens of a tokenizer that is learned.
    public var vocabulary = 8_000
    /// How often pieces must be seen to be joined.
    public var minimumCount = 2
    /// The share of elements dropped.
    public var dropout = 0.1
    /// The share of tokens to be guessed, where not all are.
    public var maskedShare = 0.15
    /// The mean length of a span that is left out.
    public var spanLength = 3.0
    /// The steps of the run.
    public var steps = 2_000
    /// The steps from one evaluation to the next; nil: a tenth of all.
    public var evaluateEvery: Int?
    /// Windows of a batch.
    public var batch = 8
    /// Batches whose gradients are added up for a step.
    public var accumulation = 1
    /// The highest learning rate.
    public var learningRate = 1e-3
    /// What is left of it at the end.
    public var finalShare = 0.1
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 100
    /// The decay of matrices in a step, times the learning rate; norms and offsets do not decay.
    public var weightDecay = 0.1
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    public var averaging = 0.0
    /// End after this many evaluations without a better one; nil: never.
    public var patience: Int?
    /// What products are computed in; nil: float32.
    public var precision: ProductPrecision?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    /// The defaults of a task.
    public init(_ task: PretrainingTask) {
        self.task = task
        if task == .t5 { (layers, width, heads) = (3, 256, 4) }
        if task == .bert { (layers, width, heads) = (4, 256, 4) }
    }

    enum CodingKeys: String, CodingKey {
        case task, decoder, layers, width, heads, context, unit, tokenizer, vocabulary, dropout,
            steps
        case batch, accumulation, clip, averaging, patience, precision, seed
        case keyHeads = "key_heads"
        case innerWidth = "inner_width"
        case minimumCount = "minimum_count"
        case maskedShare = "masked_share"
        case spanLength = "span_length"
        case evaluateEvery = "evaluate_every"
        case learningRate = "learning_rate"
        case finalShare = "final_share"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// The steps between two evaluations, which stand for the epochs of other recipes.
    public var roundLength: Int { max(1, min(evaluateEvery ?? (steps + 9) / 10, steps)) }
    /// The evaluations; the last round may take the run beyond ``steps``, by less than a round.
    public var rounds: Int { (steps + roundLength - 1) / roundLength }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        func text(_ value: Int?) -> String { value.map { "\($0)" } ?? "automatic" }
        var list = [
            ("--layers", "\(layers)"), ("--width", "\(width)"), ("--heads", "\(heads)"),
            ("--inner-width", text(innerWidth)), ("--context", "\(context)"),
            ("--tokenizer", tokenizer ?? "learned"), ("--vocabulary", "\(vocabulary)"),
            ("--minimum-count", "\(minimumCount)"), ("--dropout", "\(dropout)"),
            ("--steps", "\(steps)"), ("--evaluate-every", "\(roundLength)"),
            ("--accumulation", "\(accumulation)"), ("--final-share", "\(finalShare)"),
        ]
        list += sharedListing(patience: "none")
        switch task {
        case .gpt:
            list.insert(("--architecture", decoder.rawValue), at: 0)
            list.insert(("--key-heads", text(keyHeads)), at: 4)
            list.append(("--unit", (unit ?? .subword).rawValue))
        case .bert: list.append(("--masked-share", "\(maskedShare)"))
        case .t5:
            list += [("--masked-share", "\(maskedShare)"), ("--span-length", "\(spanLength)")]
        }
        return list
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if heads > 0, width % heads != 0 {
            return "--width is \(width) and --heads \(heads): expected a multiple of it"
        }
        if let keyHeads, keyHeads < 1 || heads % keyHeads != 0 {
            return "--key-heads is \(keyHeads): expected a number that divides --heads, \(heads)"
        }
        if keyHeads != nil, decoder == .gpt2 {
            return "--key-heads needs --architecture llama or qwen2"
        }
        if decoder != .gpt2, (width / max(heads, 1)) % 2 != 0 {
            return "--width over --heads is \(width / max(heads, 1)): expected an even number"
        }
        if let unit, unit != .subword {
            if task != .gpt {
                return "--unit is \(unit.rawValue): expected subword for train \(task.rawValue)"
            }
            if tokenizer != nil {
                return
                    "--unit is \(unit.rawValue): a given --tokenizer cuts into subwords; leave one out"
            }
        }
        if !(spanLength >= 1 && spanLength.isFinite) {
            return "--span-length is \(spanLength): expected at least 1"
        }
        if maskedShare <= 0 { return "--masked-share is \(maskedShare): expected above 0" }
        if vocabulary < 300 {
            return "--vocabulary is \(vocabulary): expected at least 300"
        }
        if !(finalShare >= 0 && finalShare <= 1) {
            return "--final-share is \(finalShare): expected 0 … 1"
        }
        if context < 8 { return "--context is \(context): expected at least 8" }
        return sharedProblem(
            sizes: [
                ("--layers", layers, 512), ("--width", width, 1 << 16), ("--heads", heads, 1024),
                ("--inner-width", innerWidth ?? 1, 1 << 18), ("--context", context, 1 << 17),
                ("--vocabulary", vocabulary, 1 << 20), ("--minimum-count", minimumCount, 1 << 30),
                ("--steps", steps, 1 << 30), ("--evaluate-every", evaluateEvery ?? 1, 1 << 30),
                ("--accumulation", accumulation, 1 << 16),
            ], shares: [("--dropout", dropout), ("--masked-share", maskedShare)])
    }
}

public import MartletTensor
public import MartletText

/// Everything that can be chosen about a sentiment run; the defaults were tuned on validation examples only.
public struct SentimentOptions: Codable, Sendable, Equatable {
    /// The recurrent cell.
    public var cell = CellKind.gru
    /// The width of each state.
    public var hidden = 128
    /// How many recurrent layers stand on top of each other.
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
    /// Where all random numbers come from.
    public var seed: UInt64 = 0
    /// The run folder of a language model whose tokens, vectors and recurrent layers the classifier begins with.
    public var pretrained: String?

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case cell, hidden, layers, bidirectional, embedding, tokenizer, vocabulary, dropout, crop,
            epochs
        case averaging, batch, clip, patience, seed, pretrained
        case longestNGram = "longest_ngram"
        case nGrams = "ngrams"
        case minimumCount = "minimum_count"
        case tokenDropout = "token_dropout"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
        case labelSmoothing = "label_smoothing"
    }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--cell", cell.rawValue), ("--hidden", "\(hidden)"), ("--layers", "\(layers)"),
            ("--bidirectional", "\(bidirectional)"), ("--embedding", "\(embedding)"),
            ("--longest-ngram", "\(longestNGram)"), ("--ngrams", "\(nGrams)"),
            ("--tokenizer", tokenizer.rawValue), ("--vocabulary", "\(vocabulary)"),
            ("--minimum-count", "\(minimumCount)"), ("--dropout", "\(dropout)"),
            ("--token-dropout", "\(tokenDropout)"), ("--crop", "\(crop)"),
            ("--epochs", epochs.map { "\($0)" } ?? "automatic"),
            ("--batch", "\(batch)"), ("--learning-rate", "\(learningRate)"),
            ("--warm-up", "\(warmUp)"), ("--weight-decay", "\(weightDecay)"),
            ("--label-smoothing", "\(labelSmoothing)"), ("--clip", "\(clip)"),
            ("--averaging", "\(averaging)"),
            ("--patience", patience.map { "\($0)" } ?? "automatic"), ("--seed", "\(seed)"),
        ] + (pretrained.map { [("--pretrained", $0)] } ?? [])
    }

    /// The most epochs where one has so many steps.
    public func epochs(stepsPerEpoch: Int) -> Int {
        epochs ?? min(max((2_000 + stepsPerEpoch - 1) / max(stepsPerEpoch, 1), 5), 100)
    }

    /// What differs from the options that a saved run was begun with, in words; nil if nothing does.
    public func difference(from saved: SentimentOptions) -> String? {
        var parts = zip(listing, saved.listing).filter { $0.value != $1.value }.map {
            "\($0.flag) is \($0.value), the saved run has \($1.value)"
        }
        if (pretrained == nil) != (saved.pretrained == nil) {
            parts.append(
                "--pretrained is \(pretrained ?? "not given"), the saved run has \(saved.pretrained ?? "none")"
            )
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        let sizes = [
            ("--hidden", hidden), ("--layers", layers), ("--embedding", embedding),
            ("--minimum-count", minimumCount), ("--epochs", epochs ?? 1), ("--batch", batch),
            ("--patience", patience ?? 1), ("--longest-ngram", longestNGram),
        ]
        for (flag, value) in sizes where value < 1 {
            return "\(flag) is \(value): expected at least 1"
        }
        for (flag, value, most) in [
            ("--hidden", hidden, 1 << 16), ("--embedding", embedding, 1 << 16),
            ("--layers", layers, 64), ("--longest-ngram", longestNGram, 3),
            ("--ngrams", nGrams, 1 << 23), ("--vocabulary", vocabulary, 1 << 20),
        ] where value > most {
            return "\(flag) is \(value): expected at most \(most)"
        }
        for (flag, value) in [("--vocabulary", vocabulary), ("--ngrams", nGrams)]
        where value < 3 {
            return "\(flag) is \(value): expected at least 3"
        }
        for (flag, value) in [
            ("--dropout", dropout), ("--token-dropout", tokenDropout),
            ("--label-smoothing", labelSmoothing), ("--crop", crop),
            ("--averaging", averaging),
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
        if warmUp < 0 { return "--warm-up is \(warmUp): expected at least 0" }
        return nil
    }
}

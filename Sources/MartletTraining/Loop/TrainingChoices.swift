public import MartletTensor

/// What every recipe lets one choose about its training, with what follows from it.
public protocol TrainingChoices: Codable, Sendable, Equatable {
    /// The defaults.
    init()

    /// Examples, or pieces of one, that are read side by side.
    var batch: Int { get set }
    /// The highest learning rate.
    var learningRate: Double { get set }
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    var warmUp: Int { get set }
    /// The decay of the weights in a step, times the learning rate.
    var weightDecay: Double { get set }
    /// The length to which a gradient is cut down.
    var clip: Double { get set }
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    var averaging: Double { get set }
    /// End after this many epochs, or evaluations, without a better one; nil: as the recipe says.
    var patience: Int? { get set }
    /// What products are computed in; nil: float32.
    var precision: ProductPrecision? { get set }
    /// Where all random numbers come from.
    var seed: UInt64 { get set }

    /// Every option by the name of its flag, with its value.
    var listing: [(flag: String, value: String)] { get }
    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    var problem: String? { get }
}

extension TrainingChoices {
    /// The random numbers that fresh weights are drawn from; each step has a stream of its own, from 0 on.
    var weightRandom: RandomGenerator { RandomGenerator(seed: seed, stream: 1 << 63) }

    /// The random numbers of what a model writes as it learns.
    func random(ofSample number: UInt64) -> RandomGenerator {
        RandomGenerator(seed: seed, stream: 1 << 63 + 1 + number)
    }

    /// What differs from the options that a saved run was begun with, in words; nil if nothing does.
    public func difference(from saved: Self) -> String? {
        let (own, other) = (listing, saved.listing)
        let flags =
            own.map(\.flag) + other.map(\.flag).filter { flag in !own.contains { $0.flag == flag } }
        func value(_ list: [(flag: String, value: String)], _ flag: String) -> String? {
            list.first { $0.flag == flag }?.value
        }
        let parts = flags.compactMap { flag -> String? in
            let (mine, its) = (value(own, flag), value(other, flag))
            guard mine != its else { return nil }
            return "\(flag) is \(mine ?? "not given"), the saved run has \(its ?? "none")"
        }
        return parts.isEmpty ? nil : parts.joined(separator: "; ")
    }

    /// The shared options, for ``listing``.
    func sharedListing(patience automatic: String) -> [(flag: String, value: String)] {
        [
            ("--batch", "\(batch)"), ("--learning-rate", "\(learningRate)"),
            ("--warm-up", "\(warmUp)"), ("--weight-decay", "\(weightDecay)"),
            ("--clip", "\(clip)"), ("--averaging", "\(averaging)"),
            ("--patience", patience.map { "\($0)" } ?? automatic),
            ("--precision", (precision ?? .float32).rawValue), ("--seed", "\(seed)"),
        ]
    }

    /// What is wrong with the shared options and these others, for ``problem``; nil if nothing is.
    ///
    /// - Parameters:
    ///   - sizes: whole numbers of at least 1, each with the most it may be.
    ///   - shares: numbers in 0 ..< 1.
    func sharedProblem(
        sizes: [(flag: String, value: Int, most: Int)], shares: [(flag: String, value: Double)]
    ) -> String? {
        let common = [
            ("--batch", batch, 1 << 16), ("--patience", patience ?? 1, 1 << 20),
        ]
        for (flag, value, most) in sizes + common where !(1...most).contains(value) {
            return value < 1
                ? "\(flag) is \(value): expected at least 1"
                : "\(flag) is \(value): expected at most \(most)"
        }
        for (flag, value) in shares + [("--averaging", averaging)] where !(value >= 0 && value < 1)
        {
            return "\(flag) is \(value): expected 0 ..< 1"
        }
        for (flag, value) in [("--learning-rate", learningRate), ("--clip", clip)]
        where !(value > 0 && value.isFinite) {
            return "\(flag) is \(value): expected a number above 0"
        }
        if !(weightDecay >= 0 && weightDecay.isFinite) {
            return "--weight-decay is \(weightDecay): expected at least 0"
        }
        if let precision, !precision.isHere {
            return
                "--precision is \(precision.rawValue): this machine has no instructions for it (AMX, or AMD's AVX-512 BF16); leave it out"
        }
        return warmUp < 0 ? "--warm-up is \(warmUp): expected at least 0" : nil
    }
}

/// What recipes that count in epochs let one choose besides.
public protocol EpochChoices: TrainingChoices {
    /// The most epochs; nil: as many as make ``automaticSteps``, within ``automaticEpochs``.
    var epochs: Int? { get set }

    /// The steps that an automatic number of epochs makes.
    static var automaticSteps: Int { get }
    /// The fewest and the most epochs of an automatic number.
    static var automaticEpochs: ClosedRange<Int> { get }
}

extension EpochChoices {
    /// The most epochs where one has so many steps.
    public func epochs(stepsPerEpoch: Int) -> Int {
        let wanted = (Self.automaticSteps + stepsPerEpoch - 1) / max(stepsPerEpoch, 1)
        let range = Self.automaticEpochs
        return epochs ?? min(max(wanted, range.lowerBound), range.upperBound)
    }

    /// The shared options, for ``TrainingChoices/listing``.
    var trainingListing: [(flag: String, value: String)] {
        [("--epochs", epochs.map { "\($0)" } ?? "automatic")] + sharedListing(patience: "automatic")
    }

    /// What is wrong with the shared options and these others, for ``TrainingChoices/problem``; nil if nothing is.
    ///
    /// - Parameters:
    ///   - sizes: whole numbers of at least 1, each with the most it may be.
    ///   - shares: numbers in 0 ..< 1.
    func trainingProblem(
        sizes: [(flag: String, value: Int, most: Int)], shares: [(flag: String, value: Double)]
    ) -> String? {
        sharedProblem(sizes: sizes + [("--epochs", epochs ?? 1, 1 << 20)], shares: shares)
    }

    /// How long the training is.
    func plan<M, Rule>(
        of type: Trainer<M, Rule>.Type, stepsPerEpoch: Int,
        judgedBy: Trainer<M, Rule>.Plan.Judgement
    ) -> Trainer<M, Rule>.Plan {
        let epochs = epochs(stepsPerEpoch: stepsPerEpoch)
        let steps = epochs * stepsPerEpoch
        var plan = Trainer<M, Rule>.Plan(
            epochs: epochs, stepsPerEpoch: stepsPerEpoch,
            schedule: Schedule(
                .cosine, warmUpSteps: min(warmUp, steps / 10), totalSteps: steps),
            learningRate: learningRate, gradientNorm: clip,
            averaging: averaging > 0 ? averaging : nil,
            patience: patience ?? max(3, epochs / 4), seed: seed, judgedBy: judgedBy)
        plan.precision = precision ?? .float32
        return plan
    }
}

/// What every recipe that trains on texts lets one choose besides.
public protocol TextTrainingChoices: EpochChoices {
    /// The most tokens of the vocabulary.
    var vocabulary: Int { get set }
    /// How often a token must occur in training to be known.
    var minimumCount: Int { get set }
}

extension TextTrainingChoices {
    /// The shared options of recipes on texts, for ``TrainingChoices/listing``.
    var textListing: [(flag: String, value: String)] {
        [("--vocabulary", "\(vocabulary)"), ("--minimum-count", "\(minimumCount)")]
            + trainingListing
    }

    /// What is wrong with the options that recipes on texts share and these others; nil if nothing is.
    func textProblem(
        sizes: [(flag: String, value: Int, most: Int)], shares: [(flag: String, value: Double)]
    ) -> String? {
        let counts = [("--minimum-count", minimumCount, 1 << 30)]
        if let problem = trainingProblem(sizes: sizes + counts, shares: shares) { return problem }
        if vocabulary < 3 { return "--vocabulary is \(vocabulary): expected at least 3" }
        return vocabulary > 1 << 20
            ? "--vocabulary is \(vocabulary): expected at most \(1 << 20)" : nil
    }
}

public import ArgumentParser
public import MartletTensor
import MartletTraining

/// The flags of `TrainingChoices`, which all recipes have; what is not given keeps its default.
struct SharedTrainingFlags<Choices: TrainingChoices>: ParsableArguments {
    private static var defaults: Choices { Choices() }

    @Option(
        help: "Examples, or pieces of one, read side by side (default: \(Self.defaults.batch)).")
    var batch: Int?
    @Option(help: "The highest learning rate (default: \(Self.defaults.learningRate)).")
    var learningRate: Double?
    @Option(
        help: """
            Steps over which the learning rate rises at the start, at most a tenth of all \
            (default: \(Self.defaults.warmUp)).
            """)
    var warmUp: Int?
    @Option(help: "Decay of the weights (default: \(Self.defaults.weightDecay)).")
    var weightDecay: Double?
    @Option(help: "Longest gradient (default: \(Self.defaults.clip)).")
    var clip: Double?
    @Option(
        help: """
            How much of the running average of the weights, which is what gets judged and saved, is kept in a step; \
            0: the last weights are used (default: \(Self.defaults.averaging)).
            """)
    var averaging: Double?
    @Option(
        help: """
            End after this many epochs, or evaluations, without a better one (default: \
            \(Choices.self is any EpochChoices.Type ? "a quarter of all, at least 3" : "never")).
            """)
    var patience: Int?
    @Option(
        help: """
            float32, or bfloat16: factors of matrix products are rounded to it, which is faster where the machine has \
            instructions for it (default: float32).
            """)
    var precision: ProductPrecision?
    @Option(help: "Where all random numbers come from (default: \(Self.defaults.seed)).")
    var seed: UInt64?

    /// The options with what was given.
    func apply(to options: inout Choices) {
        options.set(\.batch, batch)
        options.set(\.learningRate, learningRate)
        options.set(\.warmUp, warmUp)
        options.set(\.weightDecay, weightDecay)
        options.set(\.clip, clip)
        options.set(\.averaging, averaging)
        if let patience { options.patience = patience }
        if let precision { options.precision = precision }
        options.set(\.seed, seed)
    }
}

extension ProductPrecision: ExpressibleByArgument {}

/// The flags of `EpochChoices`, which all recipes that count in epochs have.
struct TrainingFlags<Choices: EpochChoices>: ParsableArguments {
    @Option(
        help: """
            The most epochs (default: as many as make \(Choices.automaticSteps) steps, \
            \(Choices.automaticEpochs.lowerBound) to \(Choices.automaticEpochs.upperBound)).
            """)
    var epochs: Int?
    @OptionGroup var shared: SharedTrainingFlags<Choices>

    /// The options with what was given.
    func apply(to options: inout Choices) {
        if let epochs { options.epochs = epochs }
        shared.apply(to: &options)
    }
}

/// The flags of `TextTrainingChoices`, which all recipes on texts have.
struct TextTrainingFlags<Choices: TextTrainingChoices>: ParsableArguments {
    private static var defaults: Choices { Choices() }

    @Option(help: "The most tokens of the vocabulary (default: \(Self.defaults.vocabulary)).")
    var vocabulary: Int?
    @Option(
        help: "How often a token must occur to be known (default: \(Self.defaults.minimumCount)).")
    var minimumCount: Int?
    @OptionGroup var shared: TrainingFlags<Choices>

    /// The options with what was given.
    func apply(to options: inout Choices) {
        options.set(\.vocabulary, vocabulary)
        options.set(\.minimumCount, minimumCount)
        shared.apply(to: &options)
    }
}

extension TrainingChoices {
    /// Sets an option if a value is given.
    mutating func set<Value>(_ path: WritableKeyPath<Self, Value>, _ value: Value?) {
        if let value { self[keyPath: path] = value }
    }
}

/// Where a run goes, and what about one that is there already.
struct RunFlags: ParsableArguments {
    @Option(help: "The run folder to write.")
    var out: String
    @Flag(help: "Go on with the run in --out where it stopped, with the options it was begun with.")
    var resume = false
    @Flag(help: "Replace the run that --out holds.")
    var overwrite = false
    @Flag(help: "Print each event as one JSON object on standard output.")
    var json = false

    func validate() throws {
        if resume, overwrite {
            throw ValidationError("--resume and --overwrite exclude each other")
        }
    }

    /// What to do about a run in that folder.
    var existing: ExistingRun { resume ? .resume : overwrite ? .replace : .keep }
}

public import MartletTensor

/// Everything that can be chosen about the fine-tuning of a sentence encoder on pairs of texts.
public struct ContrastiveOptions: EpochChoices {
    /// The folder of the encoder to begin with, and its tokenizer.
    public var encoder = ""
    /// The most tokens of a text; what a longer one has beyond is not read. Nil: as many as the encoder reads.
    public var longest: Int?
    /// What cosines are divided by.
    public var temperature = 0.05
    /// The most epochs; nil: as many as make ``automaticSteps``, within ``automaticEpochs``.
    public var epochs: Int?
    /// Pairs of a batch: each has all others as counter-examples.
    public var batch = 32
    /// The highest learning rate.
    public var learningRate = 1e-4
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 100
    /// The decay of the weights in a step, times the learning rate.
    public var weightDecay = 0.01
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    public var averaging = 0.0
    /// End after this many epochs without a better one; nil: a quarter of all, at least 3.
    public var patience: Int?
    /// What products are computed in; nil: float32.
    public var precision: ProductPrecision?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case encoder, longest, temperature, epochs, batch, clip, averaging, patience, precision
        case seed
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// Pretrained weights need few steps.
    public static var automaticSteps: Int { 1_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 1...10 }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--encoder", encoder), ("--longest", longest.map { "\($0)" } ?? "automatic"),
            ("--temperature", "\(temperature)"),
        ] + trainingListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if let longest, longest < 3 { return "--longest is \(longest): expected at least 3" }
        if batch < 2 {
            return "--batch is \(batch): expected at least 2, as pairs learn from others"
        }
        if !(temperature > 0 && temperature.isFinite) {
            return "--temperature is \(temperature): expected a number above 0"
        }
        return trainingProblem(sizes: [("--longest", longest ?? 3, 1 << 20)], shares: [])
    }
}

public import MartletTensor

/// Everything that can be chosen about the training of an image classifier.
public struct ImageClassifierOptions: EpochChoices {
    /// The results of each convolution.
    public var channels = [16, 32]
    /// The side of a convolution's window, odd; nil: 5, or 3 for images of less than 16 points a side.
    public var kernel: Int?
    /// The width of the hidden vector.
    public var hidden = 128
    /// The share of the hidden vector's elements dropped in training.
    public var dropout = 0.3
    /// The points by which an image is moved at most in training, to either side.
    public var shift = 1
    /// The share of certainty that is spread over all labels.
    public var labelSmoothing = 0.0
    /// The most epochs; nil: as many as make 4,000 steps, 3 … 60.
    public var epochs: Int?
    /// Images in a batch.
    public var batch = 64
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
        case channels, kernel, hidden, dropout, shift, epochs, batch, clip, averaging, patience
        case precision, seed
        case labelSmoothing = "label_smoothing"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 4_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 3...60 }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--channels", channels.map { "\($0)" }.joined(separator: ",")),
            ("--kernel", kernel.map { "\($0)" } ?? "automatic"), ("--hidden", "\(hidden)"),
            ("--dropout", "\(dropout)"), ("--shift", "\(shift)"),
            ("--label-smoothing", "\(labelSmoothing)"),
        ] + trainingListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if !(1...8).contains(channels.count) {
            return "--channels has \(channels.count) numbers: expected 1 … 8"
        }
        if let kernel, kernel % 2 == 0 { return "--kernel is \(kernel): expected an odd number" }
        if !(0...64).contains(shift) { return "--shift is \(shift): expected 0 … 64" }
        return trainingProblem(
            sizes: channels.map { ("--channels", $0, 1 << 12) } + [
                ("--kernel", kernel ?? 1, 63), ("--hidden", hidden, 1 << 16),
            ], shares: [("--dropout", dropout), ("--label-smoothing", labelSmoothing)])
    }
}

public import MartletData
public import MartletTensor

/// Everything that can be chosen about the training of a series classifier; the defaults suit series of some twenty steps
/// (`Documentation/Guides/classify-series.md` says what suits others, and how that was found).
public struct SeriesClassifierOptions: EpochChoices {
    /// The recurrent cell.
    public var cell = CellKind.gru
    /// The width of each state.
    public var hidden = 64
    /// How many recurrent layers stand on top of each other.
    public var layers = 1
    /// Whether each layer also reads from the end.
    public var bidirectional = true
    /// The kernels of the convolution in front; 0: there is none.
    public var filters = 0
    /// The steps that a kernel sees; odd.
    public var kernel = 5
    /// The distance of two windows of the convolution.
    public var stride = 1
    /// Whether the differences from step to step are read, too.
    public var differences = true
    /// Whether the length of a series is read, too.
    public var length = false
    /// The number of networks whose answers are averaged.
    public var members = 1
    /// The share of elements dropped in training, behind the convolution, between layers, and of a series' vector.
    public var dropout = 0.3
    /// How series are changed in training.
    public var augmentation = SeriesAugmentation()
    /// The share of certainty that is spread over all labels.
    public var labelSmoothing = 0.1
    /// One in so many cases of each label is kept back to choose the best epoch by; 0: none, and the last epoch is kept.
    public var folds = 5
    /// Which of those parts is kept back, 0 ..< folds.
    public var fold = 0
    /// What to do about missing values.
    public var missing = MissingValues.refuse
    /// The most epochs; nil: as many as make 1,500 steps, 5 … 500.
    public var epochs: Int?
    /// Cases in a batch.
    public var batch = 16
    /// The highest learning rate.
    public var learningRate = 3e-3
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 100
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

    enum CodingKeys: String, CodingKey {
        case cell, hidden, layers, bidirectional, filters, kernel, stride, differences, length
        case members, dropout, augmentation, folds, fold, missing, epochs, batch, clip, averaging
        case patience, precision, seed
        case labelSmoothing = "label_smoothing"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 1_500 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 5...500 }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        [
            ("--cell", cell.rawValue), ("--hidden", "\(hidden)"), ("--layers", "\(layers)"),
            ("--bidirectional", "\(bidirectional)"), ("--filters", "\(filters)"),
            ("--kernel", "\(kernel)"), ("--stride", "\(stride)"),
            ("--differences", "\(differences)"), ("--length", "\(length)"),
            ("--members", "\(members)"), ("--dropout", "\(dropout)"),
            ("--warp", "\(augmentation.warp)"), ("--crop", "\(augmentation.crop)"),
            ("--scale", "\(augmentation.scale)"), ("--jitter", "\(augmentation.jitter)"),
            ("--label-smoothing", "\(labelSmoothing)"), ("--folds", "\(folds)"),
            ("--fold", "\(fold)"), ("--missing", missing.rawValue),
        ] + trainingListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if kernel % 2 == 0 { return "--kernel is \(kernel): expected an odd number" }
        if !(0...1 << 12).contains(filters) {
            return "--filters is \(filters): expected 0 (no convolution) … \(1 << 12)"
        }
        if folds == 1 || folds < 0 {
            return "--folds is \(folds): expected 0 (no validation), or at least 2"
        }
        if fold < 0 || fold >= max(folds, 1) {
            return "--fold is \(fold): expected 0 … \(max(folds, 1) - 1), as --folds is \(folds)"
        }
        for (flag, value) in [
            ("--warp", augmentation.warp), ("--scale", augmentation.scale),
            ("--jitter", augmentation.jitter),
        ] where !(value >= 0 && value <= 2) {
            return "\(flag) is \(value): expected 0 … 2"
        }
        return trainingProblem(
            sizes: [
                ("--hidden", hidden, 1 << 12), ("--layers", layers, 64),
                ("--kernel", kernel, 1023), ("--stride", stride, 1023),
                ("--members", members, 256),
            ],
            shares: [
                ("--dropout", dropout), ("--crop", augmentation.crop),
                ("--label-smoothing", labelSmoothing),
            ])
    }
}

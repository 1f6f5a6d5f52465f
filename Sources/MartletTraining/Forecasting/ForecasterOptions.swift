import MartletData
public import MartletModels
public import MartletTensor

/// How a forecaster reaches the steps beyond the next.
public enum ForecastMode: String, Codable, Sendable, CaseIterable {
    /// All steps of the horizon at once, from what is known.
    case direct
    /// Step by step: values are drawn, read again, and drawn anew.
    case recursive
}

/// Everything that can be chosen about the training of a forecaster.
public struct ForecasterOptions: EpochChoices {
    /// The steps to forecast; nil: a day, a week or a year, the shortest season of the series.
    public var horizon: Int?
    /// How the steps beyond the next are reached.
    public var mode = ForecastMode.direct
    /// What is said of each value; nil: quantiles if direct, else Student's t.
    public var head: ForecastHead?
    /// The levels of the quantiles.
    public var quantiles = [0.1, 0.5, 0.9]
    /// The recurrent cell.
    public var cell = CellKind.gru
    /// The number of units of each layer.
    public var hidden = 64
    /// How many recurrent layers stand on top of each other.
    public var layers = 1
    /// The width of the layers that turn a state into a forecast.
    public var headSize = 64
    /// The width of a series' own vector; nil: none for one series, else up to 16.
    public var embedding: Int?
    /// Steps that are read before a forecast is learned; nil: two horizons, at least the longest short season.
    public var context: Int?
    /// Forecasts that are learned from one window.
    public var origins = 32
    /// Steps back at which values are seen; nil: by the seasons.
    public var lags: [Int]?
    /// The share of elements dropped between layers and in the head.
    public var dropout = 0.1
    /// How far each window is moved up or down in training, in deviations of the series: so that a level is not learned by
    /// heart where levels wander.
    public var levelNoise = 0.0
    /// The last steps of each series before the test, to choose the epoch by; nil: a tenth; 0: none, and the last
    /// epoch is kept.
    public var validation: Int?
    /// The very last steps of each series, to judge by; they are not learned from.
    public var test = 0
    /// The most epochs, each of 50 steps; nil: 40.
    public var epochs: Int?
    /// Windows that are read side by side.
    public var batch = 16
    /// The highest learning rate.
    public var learningRate = 3e-3
    /// The steps over which the learning rate rises at the start, at most a tenth of all.
    public var warmUp = 50
    /// The decay of the weights in a step, times the learning rate.
    public var weightDecay = 0.01
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// How much of the running average of the weights is kept in a step; 0: none is made.
    public var averaging = 0.98
    /// End after this many epochs without a better one; nil: a quarter of all, at least 3.
    public var patience: Int?
    /// What products are computed in; nil: float32.
    public var precision: ProductPrecision?
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case horizon, mode, head, quantiles, cell, hidden, layers, embedding, context, origins, lags
        case dropout, validation, test, epochs, batch, clip, averaging, patience
        case precision, seed
        case headSize = "head_size"
        case levelNoise = "level_noise"
        case learningRate = "learning_rate"
        case warmUp = "warm_up"
        case weightDecay = "weight_decay"
    }

    /// The steps of an epoch: a series has no other natural portion.
    public static let stepsPerEpoch = 50
    /// The steps that an automatic number of epochs makes.
    public static var automaticSteps: Int { 2_000 }
    /// The fewest and the most epochs of an automatic number.
    public static var automaticEpochs: ClosedRange<Int> { 1...40 }

    /// What is said of each value.
    public var usedHead: ForecastHead { head ?? (mode == .direct ? .quantile : .studentT) }

    /// Every option by the name of its flag, with its value.
    public var listing: [(flag: String, value: String)] {
        func text(_ number: Int?) -> String { number.map { "\($0)" } ?? "automatic" }
        return [
            ("--horizon", text(horizon)), ("--mode", mode.rawValue),
            ("--head", usedHead.rawValue),
            ("--quantiles", quantiles.map { "\($0)" }.joined(separator: ",")),
            ("--cell", cell.rawValue), ("--hidden", "\(hidden)"), ("--layers", "\(layers)"),
            ("--head-size", "\(headSize)"), ("--embedding", text(embedding)),
            ("--context", text(context)), ("--origins", "\(origins)"),
            (
                "--lags",
                lags.map { $0.map { "\($0)" }.joined(separator: ",") } ?? "automatic"
            ),
            ("--dropout", "\(dropout)"), ("--level-noise", "\(levelNoise)"),
            ("--validation", text(validation)), ("--test", "\(test)"),
        ] + trainingListing
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        let sizes = [
            ("--horizon", horizon ?? 1, 1 << 16), ("--hidden", hidden, 1 << 16),
            ("--layers", layers, 64), ("--head-size", headSize, 1 << 16),
            ("--context", context ?? 1, 1 << 20), ("--origins", origins, 1 << 16),
        ]
        if let problem = trainingProblem(sizes: sizes, shares: [("--dropout", dropout)]) {
            return problem
        }
        let isAscending = zip(quantiles, quantiles.dropFirst()).allSatisfy { $0 < $1 }
        if quantiles.isEmpty || !isAscending || !quantiles.allSatisfy({ $0 > 0 && $0 < 1 }) {
            return
                "--quantiles is \(quantiles.map { "\($0)" }.joined(separator: ",")): expected ascending levels between 0 and 1, such as 0.1,0.5,0.9"
        }
        if !(levelNoise >= 0 && levelNoise.isFinite) {
            return "--level-noise is \(levelNoise): expected at least 0"
        }
        if levelNoise > 0, usedHead == .negativeBinomial {
            return
                "--level-noise with --head negative-binomial: counts cannot be moved; leave it out"
        }
        for (flag, count) in [("--validation", validation ?? 0), ("--test", test)] where count < 0 {
            return "\(flag) is \(count): expected at least 0"
        }
        if let embedding, !(0...1 << 16).contains(embedding) {
            return "--embedding is \(embedding): expected 0 … \(1 << 16)"
        }
        if let lag = lags?.first(where: { $0 < 1 }) {
            return "--lags has \(lag): expected at least 1"
        }
        if mode == .recursive, usedHead == .quantile {
            return
                "--mode recursive with --head quantile: quantiles cannot be drawn from and read again; take gaussian, student-t or negative-binomial, or --mode direct"
        }
        return nil
    }
}

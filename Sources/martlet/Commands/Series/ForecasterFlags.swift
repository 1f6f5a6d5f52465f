public import ArgumentParser
public import MartletModels
public import MartletTraining

/// The flags of `ForecasterOptions`; what is not given keeps its default.
struct ForecasterFlags: ParsableArguments {
    private static let defaults = ForecasterOptions()

    @Option(help: "Steps to forecast (default: the shortest season: a day, a week, a year).")
    var horizon: Int?
    @Option(
        help: """
            direct: all steps at once; recursive: step by step, each drawn value read before the next \
            (default: direct).
            """)
    var mode: ForecastMode?
    @Option(
        help: """
            What is said of each value: gaussian, student-t, negative-binomial (counts) or quantile \
            (default: quantile if direct, else student-t).
            """)
    var head: ForecastHead?
    @Option(help: "Levels of the quantiles, with commas between (default: 0.1,0.5,0.9).")
    var quantiles: String?
    @Option(help: "rnn (tanh), rnn_relu, lstm or gru (default: gru).")
    var cell: CellOption?
    @Option(help: "Units of each layer (default: \(defaults.hidden)).")
    var hidden: Int?
    @Option(help: "Recurrent layers on top of each other (default: \(defaults.layers)).")
    var layers: Int?
    @Option(help: "Width of what turns a state into a forecast (default: \(defaults.headSize)).")
    var headSize: Int?
    @Option(help: "Width of a series' vector (default: none for one series, else up to 16).")
    var embedding: Int?
    @Option(
        help: "Steps read before a forecast is learned (default: two horizons, or a season).")
    var context: Int?
    @Option(help: "Forecasts learned from one window (default: \(defaults.origins)).")
    var origins: Int?
    @Option(help: "Steps back at which values are seen, with commas (default: by the seasons).")
    var lags: NumberList?
    @Option(help: "Share of elements dropped in training (default: \(defaults.dropout)).")
    var dropout: Double?
    @Option(
        help: """
            How far each window is moved up or down in training, in deviations of the series: where its level wanders \
            (default: \(defaults.levelNoise)).
            """)
    var levelNoise: Double?
    @Option(
        help: """
            Steps before the test that choose the best epoch (default: a tenth); 0: all are learned from, and the last epoch \
            is kept.
            """)
    var validation: Int?
    @Option(help: "Last steps, kept back to judge by (default: \(defaults.test)).")
    var test: Int?

    @OptionGroup var training: TrainingFlags<ForecasterOptions>

    func validate() throws {
        if quantiles != nil, levels == nil {
            throw ValidationError(
                "--quantiles is \(quantiles ?? ""): expected numbers with commas between, such as 0.1,0.5,0.9"
            )
        }
    }

    private var levels: [Double]? {
        guard let quantiles else { return nil }
        let numbers = quantiles.split(separator: ",", omittingEmptySubsequences: false).map {
            Double($0)
        }
        return numbers.contains(nil) ? nil : numbers.compactMap { $0 }
    }

    /// The options with what was given.
    func applied(to options: ForecasterOptions) -> ForecasterOptions {
        var options = options
        if let horizon { options.horizon = horizon }
        options.set(\.mode, mode)
        if let head { options.head = head }
        options.set(\.quantiles, levels)
        options.set(\.cell, cell?.kind)
        options.set(\.hidden, hidden)
        options.set(\.layers, layers)
        options.set(\.headSize, headSize)
        if let embedding { options.embedding = embedding }
        if let context { options.context = context }
        options.set(\.origins, origins)
        if let lags { options.lags = lags.values }
        options.set(\.dropout, dropout)
        options.set(\.levelNoise, levelNoise)
        if let validation { options.validation = validation }
        options.set(\.test, test)
        training.apply(to: &options)
        return options
    }
}

extension ForecastMode: ExpressibleByArgument {}
extension ForecastHead: ExpressibleByArgument {}

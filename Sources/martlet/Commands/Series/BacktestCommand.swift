import ArgumentParser
import MartletData
import MartletModels
import MartletStore
import MartletTraining

/// `martlet backtest`: forecasts of the past, judged by what came.
struct BacktestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backtest",
        abstract: "Judge forecasts by what came: from rolling origins, beside simple methods.",
        discussion: """
            From each origin, every method forecasts --horizon steps; the origins go through the last --span steps, --stride \
            apart. A method sees nothing that came after its origin. Beside it stand the last value (naive), the value a \
            season ago, the drift, and a linear autoregression. The table has the mean absolute scaled error (MASE), the mean \
            absolute error, the root mean squared error, the symmetric percentage error, the pinball loss, the continuous \
            ranked probability score, and the share of the truth in the band. --report writes a page of plots. A trained \
            forecaster, --model, knows its columns, and is judged on the steps that its training kept for the test.
            """)

    @Option(help: "A .csv or .tsv file with a line of names.")
    var data: String
    @Option(help: "The run folder of a trained forecaster, to be judged beside the simple methods.")
    var model: String?
    @OptionGroup var columns: SeriesTableFlags
    @OptionGroup var flags: BacktestFlags
    @Option(help: "A page of plots to write (HTML).")
    var report: String?
    @Flag(help: "Print one JSON object, with the figures of each step ahead.")
    var json = false

    func validate() throws {
        if let problem = flags.options.problem { throw ValidationError(problem) }
        if let problem = columns.rules.problem { throw ValidationError(problem) }
        if model == nil, columns.columns == nil {
            throw ValidationError("--time and --target are missing")
        }
        if model != nil {
            let given = [
                ("--time", columns.time), ("--target", columns.target),
                ("--series", columns.series), ("--covariates", columns.covariates),
                ("--known", columns.known), ("--resample", columns.resample),
            ].filter { $0.1 != nil }.map(\.0)
            if !given.isEmpty {
                throw ValidationError(
                    "the model of --model knows its columns and steps; leave \(given.joined(separator: ", ")) out"
                )
            }
        }
    }

    func run() throws {
        try Failure.exiting {
            var options = flags.options
            var models: [any SeriesForecaster] = []
            let table: SeriesTable
            if let model {
                let forecaster = try TrainedForecaster(contentsOf: model)
                table = try SeriesTable.read(
                    data, columns: forecaster.columns, rules: forecaster.rules)
                options.span = try ForecasterMethod.span(options.span, of: table, model: model)
                if flags.quantiles == nil {
                    options.levels = forecaster.model.configuration.levels
                }
                models = [ForecasterMethod(forecaster, folder: model)]
            } else {
                guard let columns = columns.columns else { return }
                table = try SeriesTable.read(data, columns: columns, rules: self.columns.rules)
            }
            let outcome = try Backtest(options: options, models: models).run(table) {
                tell($0, $1, $2)
            }
            if let report {
                try FileContents.text(BacktestPage.html(outcome, table)).save(to: report)
            }
            if json {
                try JSONOutput.print(outcome.result)
            } else {
                try Output.line(BacktestView.text(outcome.result))
            }
        }
    }

    /// Shows on a terminal how far the work is.
    private func tell(_ method: String, _ done: Int, _ count: Int) {
        guard Terminal.hasLiveErrors, done % 16 == 0 || done == count else { return }
        Terminal.writeError("\r\u{1B}[K" + (done == count ? "" : "\(method): \(done) of \(count)"))
    }
}

/// The flags of `BacktestOptions`; what is not given keeps its default.
struct BacktestFlags: ParsableArguments {
    private static let defaults = BacktestOptions()

    @Option(help: "Steps that each forecast goes ahead.")
    var horizon: Int
    @Option(help: "Steps from one origin to the next (default: a horizon).")
    var stride: Int?
    @Option(
        help: "The last steps of each series, on which forecasts are judged (default: a fifth).")
    var span: Int?
    @Option(
        help: """
            After how many origins the methods learn anew from everything up to there; 0: never after the first \
            (default: \(defaults.refit)).
            """)
    var refit: Int?
    @Option(
        help: """
            Steps of the seasons, with commas between, first that of the seasonal naive forecast and of MASE \
            (default: found by autocorrelation before the first origin).
            """)
    var season: NumberList?
    @Option(help: "Levels of the quantiles, with commas between (default: 0.1,0.5,0.9).")
    var quantiles: ValueList<Double>?
    @Option(
        help:
            "Neighbouring values that the linear autoregression reads (default: \(defaults.order))."
    )
    var order: Int?

    /// The options with what was given.
    var options: BacktestOptions {
        var options = Self.defaults
        options.horizon = horizon
        options.stride = stride
        options.span = span
        options.refit = refit ?? options.refit
        options.seasons = season?.values ?? options.seasons
        options.levels = quantiles?.values ?? options.levels
        options.order = order ?? options.order
        return options
    }
}

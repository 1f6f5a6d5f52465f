/// How well methods forecast, step by step and in all: what `martlet backtest --json` prints.
public struct BacktestResult: Codable, Sendable {
    /// The figures of some forecasts; nil where there is nothing to compare.
    public struct Figures: Codable, Sendable, Equatable {
        /// The steps that were compared: those whose truth is known.
        public var count: Int
        /// Mean absolute scaled error: of the seasonal naive forecast within the history before the first origin.
        public var mase: Double?
        /// Symmetric mean absolute percentage error, 0 … 200.
        public var smape: Double?
        /// Root mean squared error.
        public var rmse: Double?
        /// Mean absolute error.
        public var mae: Double?
        /// The mean pinball loss over all levels.
        public var pinball: Double?
        /// The continuous ranked probability score, from the quantiles.
        public var crps: Double?
        /// The share of the truth between the lowest and the highest quantile.
        public var coverage: Double?
    }

    /// How a method's errors differ from another's, origin by origin.
    public struct Difference: Codable, Sendable, Equatable {
        /// The mean over the forecasts of the scaled error less the other's (the absolute one, where no series has a scale);
        /// below 0: better.
        public var mean: Double
        /// The standard error of that mean; nil for a single origin.
        public var standardError: Double?

        enum CodingKeys: String, CodingKey {
            case mean
            case standardError = "standard_error"
        }

        /// Whether it is below 0 by more than chance does in one of 40 cases.
        public var isBetter: Bool { standardError.map { mean + 1.96 * $0 < 0 } ?? false }
    }

    /// A method's figures.
    public struct Method: Codable, Sendable {
        /// Its name.
        public var name: String
        /// What it does.
        public var summary: String
        /// Whether it is one of the simple methods, not the model.
        public var isSimple: Bool
        /// Over all steps.
        public var total: Figures
        /// Of each step ahead.
        public var steps: [Figures]
        /// Beside the naive forecast; nil of itself, and where no truth is known.
        public var besideNaive: Difference?
        /// Seconds of learning and forecasting.
        public var seconds: Double

        enum CodingKeys: String, CodingKey {
            case name, summary, total, steps, seconds
            case isSimple = "is_simple"
            case besideNaive = "beside_naive"
        }
    }

    /// The file.
    public var data: String
    /// The SHA-256 of what was read.
    public var sha256: String
    /// The column that was forecast.
    public var target: String
    /// From one value to the next.
    public var step: String
    /// The number of series.
    public var series: Int
    /// The options.
    public var options: BacktestOptions
    /// The season of the seasonal naive forecast and of MASE; 1: none.
    public var season: Int
    /// Whether that was found in the data before the first origin.
    public var seasonWasFound: Bool
    /// The number of forecasts that each method made.
    public var forecasts: Int
    /// The methods, in the order in which they were given.
    public var methods: [Method]

    enum CodingKeys: String, CodingKey {
        case data, sha256, target, step, series, options, season, forecasts, methods
        case seasonWasFound = "season_was_found"
    }

    /// The share of the truth that should lie in the band.
    public var nominalCoverage: Double {
        options.levels[options.levels.count - 1] - options.levels[0]
    }

    /// The methods that have a mean absolute scaled error (or, without a scale, an absolute one), the best first.
    public var ranking: [Method] {
        methods.filter { error(of: $0) != nil }.sorted { error(of: $0)! < error(of: $1)! }
    }

    /// The figure that methods are ranked by.
    private func error(of method: Method) -> Double? {
        let value = method.total.mase ?? method.total.mae
        return value?.isFinite ?? false ? value : nil
    }

    /// What came out, in a sentence or two, and plainly where nothing is better than the last value.
    public var verdict: String {
        guard let best = ranking.first, let value = error(of: best) else {
            return methods.allSatisfy { $0.total.count == 0 }
                ? "Nothing could be judged: the truth of every forecast is missing."
                : "Nothing could be judged: no method has a number for every forecast; give values before the first origin."
        }
        guard let naive = methods.first(where: { $0.name == "naive" }), let plain = error(of: naive)
        else { return "\(best.name) is best." }
        let figure = best.total.mase == nil ? "mean absolute error" : "MASE"
        func number(_ value: Double) -> String { Decimals.fixed(value, 3) }
        let better = ranking.filter { $0.besideNaive?.isBetter ?? false }
        var words: String
        if better.isEmpty {
            words =
                "Nothing beats the naive forecast, the last value: its \(figure) is \(number(plain))"
            let other = ranking.first { $0.name != "naive" }
            if let other, let difference = other.besideNaive, let value = error(of: other) {
                words += ", that of the best other method, \(other.name), \(number(value))"
                words +=
                    difference.standardError.map {
                        " (a difference of \(number(difference.mean)) ± \(number($0)) from origin to origin, which is chance)"
                    } ?? " (from a single origin, which proves nothing)"
            }
            words += "."
        } else {
            words =
                "\(best.name) is best: its \(figure) is \(number(value)), that of the naive forecast \(number(plain)) (\(Decimals.percent(value / plain, 0)) of it)."
        }
        let simple = ranking.first { $0.isSimple }
        for model in methods where !model.isSimple {
            guard let simple, let its = error(of: simple), let own = error(of: model), its > 0
            else { continue }
            words +=
                own < its
                ? " \(model.name) has \(Decimals.percent(own / its, 0)) of the error of the best simple method, \(simple.name)."
                : " \(model.name) is no better than \(simple.name), a simple method: \(number(own)) against \(number(its))."
        }
        return words
    }
}

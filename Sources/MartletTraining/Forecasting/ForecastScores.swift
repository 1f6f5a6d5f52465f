import MartletData
import MartletModels
import MartletTensor

/// How far forecasts from many origins in a span are from what came, beside those of repeating old values.
public struct ForecastScores: Codable, Sendable, Equatable {
    /// A simple method's error.
    public struct Baseline: Codable, Sendable, Equatable {
        /// `naive`, or `seasonal (week)`.
        public var name: String
        /// The mean absolute error on the same values.
        public var error: Double
    }

    /// The steps that each forecast has.
    public var horizon: Int
    /// The origins over all series.
    public var origins: Int
    /// The values that were there to compare with.
    public var values: Int
    /// The mean loss, that of training.
    public var loss: Double
    /// The mean absolute error of the medians, in the units of the data.
    public var error: Double
    /// The share of values within the band.
    public var coverage: Double
    /// The share that the band is meant to hold.
    public var band: Double
    /// Methods that repeat old values.
    public var baselines: [Baseline]

    /// The baseline with the smallest error.
    public var best: Baseline? { baselines.min { $0.error < $1.error } }
}

/// Forecasts from the origins of a span of series, and how good they are.
struct ForecastJudge {
    let model: Forecaster
    let series: [SeriesNumbers]
    let step: SeriesStep
    /// The levels of the band's edges.
    let band: (low: Double, high: Double)

    init(_ model: Forecaster, _ series: [SeriesNumbers]) {
        self.model = model
        self.series = series
        step = SeriesStep(code: model.configuration.step) ?? .day
        let levels = model.configuration.levels
        band = levels.count > 1 ? (levels[0], levels[levels.count - 1]) : (0.1, 0.9)
    }

    /// The forecasts of one series: from each origin the quantiles of the levels, `[origin][step][level]`, in its units.
    func quantiles(
        _ series: SeriesNumbers, origins: [Int], levels: [Double]
    ) -> [[[Double]]] {
        var result: [[[Double]]] = []
        forEachForecast(series, origins) { parameters, _ in
            result.append(
                parameters.map { one in
                    levels.map {
                        series.value(
                            sizes.head.quantile($0, of: one, levels: sizes.levels), sizes.head)
                    }
                })
        }
        return result
    }

    private var sizes: Forecaster.Configuration { model.configuration }

    /// Calls `body` with the parameters of each step and the loss of each value that is there, origin by origin.
    private func forEachForecast(
        _ series: SeriesNumbers, _ origins: [Int],
        _ body: (_ parameters: [[Double]], _ losses: [Double]) -> Void
    ) {
        guard let end = origins.max() else { return }
        let (ahead, D) = (sizes.horizon, sizes.stepSize)
        let steps = SeriesNumbers.tensor(
            [(series, 0, series.count)], length: end + 1 + ahead, width: D)
        let number = Tensor([Int32(series.place)])
        var none: RandomGenerator?
        let (states, _) = model.encode(
            steps.slice(axis: 1, 0..<end + 1), series: number, dropout: &none)
        let scale = Tensor([Float(series.scale.deviation)], shape: [1, 1, 1])
        for begin in stride(from: 0, to: origins.count, by: 64) {
            let some = origins[begin..<min(begin + 64, origins.count)]
            let at = Tensor(some.map(Int32.init))
            let places = Tensor(
                some.flatMap { origin in (1...ahead).map { Int32(origin + $0) } },
                shape: [some.count, ahead])
            let r = model.decode(
                states.gathered(axis: 1, at: at), last: steps.gathered(axis: 1, at: at),
                future: steps, places: places, dropout: &none)
            let observed = Tensor(
                some.flatMap { origin in
                    (1...ahead).map {
                        origin + $0 < series.count ? series.targets[origin + $0] : .nan
                    }
                }, shape: [1, some.count, ahead])
            let losses = model.losses(r, of: observed, scale: scale).scalars(as: Float.self)
            let found = model.parameters(r, scale: scale)
            let width = found.shape[3]
            let numbers = found.scalars(as: Float.self)
            for row in 0..<some.count {
                body(
                    (0..<ahead).map { step in
                        let start = (row * ahead + step) * width
                        return numbers[start..<start + width].map(Double.init)
                    },
                    losses[row * ahead..<(row + 1) * ahead].map(Double.init))
            }
        }
    }

    /// The scores of forecasts of a span of each series, from origins that lie some steps apart.
    ///
    /// - Parameters:
    ///   - spans: the steps to forecast, of each series; every forecast lies in it as a whole.
    ///   - stride: the steps from one origin to the next.
    func scores(_ spans: [Range<Int>], stride spacing: Int) -> ForecastScores {
        let ahead = sizes.horizon
        let parts = zip(series, spans).filter { $1.count >= ahead && $1.lowerBound > 0 }
        let methods = Self.simpleMethods(
            step, history: parts.map(\.1.lowerBound).min() ?? 0)
        var guesses = [[Double]](repeating: [], count: methods.count)
        var (truth, median, low, high) = ([Double](), [Double](), [Double](), [Double]())
        var (loss, count) = (0.0, 0)
        for (one, span) in parts {
            let origins = Array(
                stride(from: span.lowerBound - 1, through: span.upperBound - 1 - ahead, by: spacing)
            )
            var place = 0
            forEachForecast(one, origins) { parameters, losses in
                let context = ForecastContext(
                    one.series, origin: origins[place] + 1, horizon: ahead)
                place += 1
                truth += one.values[context.history.count..<context.history.count + ahead]
                loss += losses.reduce(0, +)
                for numbers in parameters {
                    func quantile(_ level: Double) -> Double {
                        one.value(
                            sizes.head.quantile(level, of: numbers, levels: sizes.levels),
                            sizes.head)
                    }
                    median.append(quantile(0.5))
                    low.append(quantile(band.low))
                    high.append(quantile(band.high))
                }
                for (index, method) in methods.enumerated() {
                    guesses[index] += method.point(context)
                }
            }
            count += origins.count
        }
        let values = truth.count { !$0.isNaN }
        return ForecastScores(
            horizon: ahead, origins: count, values: values, loss: loss / Double(max(values, 1)),
            error: ForecastMetrics.mae(truth, median) ?? 0,
            coverage: ForecastMetrics.coverage(truth, lower: low, upper: high) ?? 0,
            band: band.high - band.low,
            baselines: zip(methods, guesses).compactMap { method, points in
                // Without a value before, a method has nothing to repeat.
                guard let error = ForecastMetrics.mae(truth, points), error.isFinite else {
                    return nil
                }
                return ForecastScores.Baseline(name: method.name, error: error)
            })
    }

    /// The methods that repeat old values: the last one, or that of a season ago where the history has a season.
    private static func simpleMethods(
        _ step: SeriesStep, history: Int
    ) -> [(name: String, point: (ForecastContext) -> [Double])] {
        [("naive", { NaiveForecaster().forecast($0, levels: []).point })]
            + step.seasons.filter { $0.length <= history }.map { season in
                let method = SeasonalNaiveForecaster(season: season.length)
                return ("seasonal (\(season.name))", { method.forecast($0, levels: []).point })
            }
    }
}

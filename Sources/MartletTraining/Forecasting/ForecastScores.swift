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
        var (loss, error, inside, values, count) = (0.0, 0.0, 0, 0, 0)
        var references = Self.references(step, horizon: ahead).map { ($0.name, $0.season, 0.0, 0) }
        for (one, span) in zip(series, spans) where span.count >= ahead && span.lowerBound > 0 {
            let origins = Array(
                stride(from: span.lowerBound - 1, through: span.upperBound - 1 - ahead, by: spacing)
            )
            count += origins.count
            var place = 0
            forEachForecast(one, origins) { parameters, losses in
                let origin = origins[place]
                place += 1
                for step in 1...ahead {
                    let truth = one.values[origin + step]
                    guard !truth.isNaN else { continue }
                    func quantile(_ level: Double) -> Double {
                        one.value(
                            sizes.head.quantile(
                                level, of: parameters[step - 1], levels: sizes.levels), sizes.head)
                    }
                    values += 1
                    loss += losses[step - 1]
                    error += abs(truth - quantile(0.5))
                    if truth >= quantile(band.low), truth <= quantile(band.high) { inside += 1 }
                    for index in references.indices {
                        let guess = Self.reference(
                            one.values, origin: origin, step: step,
                            season: references[index].1)
                        guard let guess else { continue }
                        references[index].2 += abs(truth - guess)
                        references[index].3 += 1
                    }
                }
            }
        }
        let divisor = Double(max(values, 1))
        return ForecastScores(
            horizon: ahead, origins: count, values: values, loss: loss / divisor,
            error: error / divisor, coverage: Double(inside) / divisor,
            band: band.high - band.low,
            baselines: references.filter { $0.3 == values && values > 0 }.map {
                ForecastScores.Baseline(name: $0.0, error: $0.2 / divisor)
            })
    }

    /// The methods that repeat old values: the last one, or that of a season ago.
    private static func references(
        _ step: SeriesStep, horizon: Int
    ) -> [(name: String, season: Int)] {
        [("naive", 0)] + step.seasons.map { ("seasonal (\($0.name))", $0.length) }
    }

    /// The value that is repeated, or the last one before it that is there.
    private static func reference(
        _ values: [Double], origin: Int, step: Int, season: Int
    ) -> Double? {
        if season == 0 { return values[...origin].last { !$0.isNaN } }
        var place = origin + step - season * ((step + season - 1) / season)
        while place >= 0 {
            if !values[place].isNaN { return values[place] }
            place -= season
        }
        return nil
    }
}

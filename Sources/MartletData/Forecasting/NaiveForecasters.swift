/// The last value, for ever: what a random walk leaves to say.
///
/// Its errors grow as a random walk's do: after h steps the deviation is √h times that of one step (Hyndman &
/// Athanasopoulos 2021, section 5.5).
public struct NaiveForecaster: SeriesForecaster {
    /// `naive`.
    public var name: String { "naive" }
    /// What it does.
    public var summary: String { "the last value, for ever" }
    private var deviation = 0.0

    /// A forecaster that has learned nothing yet.
    public init() {}

    /// Learns how large a step is.
    public mutating func fit(_ history: TimeSeries) {
        deviation = history.target.differenceDeviation(1)
    }

    /// The last value of the history; of values that are missing at its end, each makes the band wider.
    public func forecast(_ context: ForecastContext, levels: [Double]) -> SeriesForecast {
        let target = context.history.target
        guard let last = target.lastIndex(where: { !$0.isNaN }) else {
            return .unknown(context.horizon, levels)
        }
        let age = target.count - 1 - last
        return SeriesForecast(
            point: [Double](repeating: target[last], count: context.horizon),
            deviations: (1...context.horizon).map { deviation * Double($0 + age).squareRoot() },
            levels: levels)
    }
}

/// The value a season ago: yesterday's at this hour, last week's, last year's.
///
/// After k whole seasons the deviation is √k times that of one (Hyndman & Athanasopoulos 2021, section 5.5).
public struct SeasonalNaiveForecaster: SeriesForecaster {
    /// The steps of a season.
    public let season: Int
    /// `seasonal naive`.
    public var name: String { "seasonal naive" }
    /// What it does.
    public var summary: String { "the value \(season) steps before" }
    private var deviation = 0.0

    /// A forecaster with a season of so many steps.
    public init(season: Int) {
        precondition(season >= 1, "a season of \(season) steps")
        self.season = season
    }

    /// Learns how far values are from those a season before.
    public mutating func fit(_ history: TimeSeries) {
        deviation = history.target.differenceDeviation(season)
    }

    /// The last value at the same place in a season; where that is missing, the one a season earlier, and so on.
    public func forecast(_ context: ForecastContext, levels: [Double]) -> SeriesForecast {
        let target = context.history.target
        var point: [Double] = []
        var deviations: [Double] = []
        for step in 0..<context.horizon {
            let place = target.count + step
            var seasons = step / season + 1
            while place - seasons * season >= 0, target[place - seasons * season].isNaN {
                seasons += 1
            }
            let source = place - seasons * season
            point.append(source < 0 ? target.last { !$0.isNaN } ?? .nan : target[source])
            deviations.append(deviation * Double(seasons).squareRoot())
        }
        return SeriesForecast(point: point, deviations: deviations, levels: levels)
    }
}

/// The line from the first value to the last, drawn on: a random walk with drift.
///
/// After h steps the deviation is √(h (1 + h / (T − 1))) times that of one (Hyndman & Athanasopoulos 2021, section 5.5).
public struct DriftForecaster: SeriesForecaster {
    /// `drift`.
    public var name: String { "drift" }
    /// What it does.
    public var summary: String { "the line from the first value to the last, drawn on" }
    private var slope = 0.0
    private var deviation = 0.0
    private var steps = 1

    /// A forecaster that has learned nothing yet.
    public init() {}

    /// Learns the slope, and how far steps are from it.
    public mutating func fit(_ history: TimeSeries) {
        let target = history.target
        (slope, deviation, steps) = (0, 0, 1)
        guard let first = target.firstIndex(where: { !$0.isNaN }),
            let last = target.lastIndex(where: { !$0.isNaN }), last > first
        else { return }
        steps = last - first
        slope = (target[last] - target[first]) / Double(steps)
        deviation = target.differenceDeviation(1, around: slope)
    }

    /// The last value and the slope from there.
    public func forecast(_ context: ForecastContext, levels: [Double]) -> SeriesForecast {
        let target = context.history.target
        guard let last = target.lastIndex(where: { !$0.isNaN }) else {
            return .unknown(context.horizon, levels)
        }
        let ahead = (1...context.horizon).map { Double($0 + target.count - 1 - last) }
        return SeriesForecast(
            point: ahead.map { target[last] + slope * $0 },
            deviations: ahead.map { deviation * ($0 * (1 + $0 / Double(steps))).squareRoot() },
            levels: levels)
    }
}

extension SeriesForecast {
    /// What is said of a series without any value: nothing.
    static func unknown(_ horizon: Int, _ levels: [Double]) -> SeriesForecast {
        SeriesForecast(
            point: [Double](repeating: .nan, count: horizon),
            quantiles: [[Double]](
                repeating: [Double](repeating: .nan, count: levels.count), count: horizon))
    }
}

extension [Double] {
    /// The root mean square of the differences of values `lag` steps apart, less `centre`; pairs with a missing value are left
    /// out, and without any it is 0.
    func differenceDeviation(_ lag: Int, around centre: Double = 0) -> Double {
        guard count > lag else { return 0 }
        var (sum, pairs) = (0.0, 0)
        for place in lag..<count {
            let error = self[place] - self[place - lag] - centre
            if error.isNaN { continue }
            sum += error * error
            pairs += 1
        }
        return pairs == 0 ? 0 : (sum / Double(pairs)).squareRoot()
    }
}

/// A linear autoregression: the next value as a weighted sum of earlier ones, fitted by least squares with a small ridge.
///
/// ```text
/// y_t = c + Σ over lags k of a_k y_{t−k} + e_t          lags: 1 … p, and m − 1, m, m + 1 of each season m
/// ```
///
/// Values are scaled by the history's mean and deviation. Forecasts go step by step, each on those before. The deviation after
/// h steps is σ √(1 + ψ_1² + … + ψ_{h−1}²), where ψ is what a shock leaves so many steps later (Box, Jenkins & Reinsel 2008,
/// section 5.1), and σ² the sum of the squared errors within the history over its rows less the coefficients.
public struct LinearAutoregression: SeriesForecaster {
    /// The lags, ascending.
    public let lags: [Int]
    /// How strongly coefficients are held small.
    public let ridge: Double
    /// `linear`.
    public var name: String { "linear" }
    /// What it does.
    public var summary: String {
        "linear autoregression on the values "
            + lags.map(String.init).joined(separator: ", ") + " steps before"
    }
    /// The weight of each lag, then the constant, in scaled values; empty where the history was too short to fit.
    private var coefficients: [Double] = []
    private var mean = 0.0
    private var deviation = 1.0
    private var error = 0.0

    /// An autoregression on the last `order` values and those around a season ago.
    public init(order: Int = 12, seasons: [Int] = [], ridge: Double = 1e-4) {
        precondition(
            order >= 1 && ridge >= 0 && seasons.allSatisfy { $0 >= 1 },
            "an autoregression of order \(order), seasons \(seasons), ridge \(ridge)")
        let seasonal = seasons.flatMap { [$0 - 1, $0, $0 + 1] }.filter { $0 >= 1 }
        lags = Set(Array(1...order) + seasonal).sorted()
        self.ridge = ridge
    }

    /// Fits the coefficients; rows with a missing value are left out.
    ///
    /// A history with fewer usable rows than coefficients, or without any change, leaves the last value as the forecast.
    public mutating func fit(_ history: TimeSeries) {
        let known = history.target.filter { !$0.isNaN }
        coefficients = []
        mean = known.reduce(0, +) / Double(max(known.count, 1))
        let variance =
            known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(known.count, 1))
        guard variance > 0, variance.isFinite else { return }
        deviation = variance.squareRoot()
        let values = history.target.map { ($0 - mean) / deviation }
        let longest = lags[lags.count - 1]
        var equations = LeastSquares(width: lags.count + 1)
        var row = [Double](repeating: 1, count: lags.count + 1)
        func fill(_ place: Int) -> Bool {
            for (column, lag) in lags.enumerated() { row[column] = values[place - lag] }
            return !values[place].isNaN && !row.contains { $0.isNaN }
        }
        for place in stride(from: longest, to: values.count, by: 1) where fill(place) {
            equations.add(row, values[place])
        }
        guard equations.count >= 2 * row.count, let found = equations.solution(ridge: ridge)
        else { return }
        var squares = 0.0
        for place in longest..<values.count where fill(place) {
            let guess = zip(row, found).reduce(0) { $0 + $1.0 * $1.1 }
            squares += (values[place] - guess) * (values[place] - guess)
        }
        error = deviation * (squares / Double(equations.count - found.count)).squareRoot()
        coefficients = found
    }

    /// Forecasts step by step; a missing value among the lags is taken from the last one known before it.
    public func forecast(_ context: ForecastContext, levels: [Double]) -> SeriesForecast {
        let target = context.history.target
        let longest = lags[lags.count - 1]
        guard !coefficients.isEmpty, target.count >= longest else {
            var naive = NaiveForecaster()
            naive.fit(context.history)
            return naive.forecast(context, levels: levels)
        }
        let recent = target.suffix(longest)
        guard
            var last = target[..<recent.startIndex].last(where: { !$0.isNaN })
                ?? recent.first(where: { !$0.isNaN })
        else { return .unknown(context.horizon, levels) }
        var values: [Double] = []
        for value in recent {
            if !value.isNaN { last = value }
            values.append((last - mean) / deviation)
        }
        for _ in 0..<context.horizon {
            var next = coefficients[lags.count]
            for (weight, lag) in zip(coefficients, lags) {
                next += weight * values[values.count - lag]
            }
            values.append(next)
        }
        return SeriesForecast(
            point: values.suffix(context.horizon).map { mean + deviation * $0 },
            deviations: deviations(context.horizon), levels: levels)
    }

    /// The deviation of each step ahead.
    private func deviations(_ horizon: Int) -> [Double] {
        var shocks = [1.0]  // ψ
        var square = 1.0
        var result = [error]
        for step in stride(from: 1, to: horizon, by: 1) {
            var left = 0.0
            for (weight, lag) in zip(coefficients, lags) where lag <= step {
                left += weight * shocks[step - lag]
            }
            shocks.append(left)
            square += left * left
            result.append(error * square.squareRoot())
        }
        return result
    }
}

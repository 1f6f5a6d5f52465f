#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How far forecasts are from what came: one definition of each figure, for the network and for everything beside it.
///
/// Everywhere `truth` may have missing values (NaN): those steps are left out, and where none is left the figure is nil. A
/// forecast that is no number is never left out: it makes the figure NaN, so that nobody gains by not answering.
public enum ForecastMetrics {
    /// Mean absolute error: mean |y − f|.
    public static func mae(_ truth: [Double], _ forecast: [Double]) -> Double? {
        mean(truth, forecast) { abs($0 - $1) }
    }

    /// Root mean squared error: √ mean (y − f)².
    public static func rmse(_ truth: [Double], _ forecast: [Double]) -> Double? {
        mean(truth, forecast) { ($0 - $1) * ($0 - $1) }.map { $0.squareRoot() }
    }

    /// Symmetric mean absolute percentage error, in per cent, 0 … 200: mean 200 |y − f| / (|y| + |f|).
    ///
    /// As in the M4 competition (Makridakis, Spiliotis & Assimakopoulos 2020); a step where both are 0 counts as 0.
    public static func smape(_ truth: [Double], _ forecast: [Double]) -> Double? {
        mean(truth, forecast) { y, f in
            let size = abs(y) + abs(f)
            return size == 0 ? 0 : 200 * abs(y - f) / size
        }
    }

    /// Mean absolute scaled error (Hyndman & Koehler 2006): the mean absolute error over ``scale(_:season:)`` of the history.
    ///
    /// - Returns: nil where there is nothing to compare, or no scale.
    public static func mase(_ truth: [Double], _ forecast: [Double], scale: Double?) -> Double? {
        guard let scale, let error = mae(truth, forecast) else { return nil }
        return error / scale
    }

    /// The scale of ``mase(_:_:scale:)``: how far the history's values are from those a season before, mean |y_t − y_{t−m}|.
    ///
    /// Pairs with a missing value are left out.
    ///
    /// - Parameter season: the steps m of a season; 1: of the naive forecast.
    /// - Returns: nil where there is no pair, or where all are equal, as in a constant series.
    public static func scale(_ history: [Double], season: Int) -> Double? {
        precondition(season >= 1, "MASE with a season of \(season) steps")
        let pairs = zip(history.dropFirst(season), history).filter { !$0.isNaN && !$1.isNaN }
        let scale = mae(pairs.map(\.0), pairs.map(\.1))
        return scale == 0 ? nil : scale
    }

    /// The pinball loss of a quantile's forecast at level q (Koenker & Bassett 1978): mean max(q (y − f), (q − 1) (y − f)).
    public static func pinball(_ truth: [Double], _ forecast: [Double], level: Double) -> Double? {
        precondition(level > 0 && level < 1, "a quantile of level \(level)")
        return mean(truth, forecast) { pinball($0, $1, level: level) }
    }

    /// The pinball loss of one step.
    public static func pinball(_ truth: Double, _ forecast: Double, level: Double) -> Double {
        let error = truth - forecast
        return max(level * error, (level - 1) * error)
    }

    /// The share of the truth within a band, its edges included.
    ///
    /// - Returns: nil where no step is known; NaN if an edge of a known step is no number.
    public static func coverage(
        _ truth: [Double], lower: [Double], upper: [Double]
    ) -> Double? {
        precondition(
            lower.count == upper.count, "a band of \(lower.count) and \(upper.count) edges")
        return mean(truth, Array(lower.indices)) { y, step in
            let (low, high) = (lower[step], upper[step])
            return low.isNaN || high.isNaN ? .nan : low <= y && y <= high ? 1 : 0
        }
    }

    /// The mean over the steps whose truth is known.
    private static func mean<Answer>(
        _ truth: [Double], _ answers: [Answer], _ figure: (Double, Answer) -> Double
    ) -> Double? {
        precondition(
            truth.count == answers.count, "\(answers.count) forecasts of \(truth.count) steps")
        var (sum, count) = (0.0, 0)
        for (y, answer) in zip(truth, answers) where !y.isNaN {
            sum += figure(y, answer)
            count += 1
        }
        return count == 0 ? nil : sum / Double(count)
    }
}

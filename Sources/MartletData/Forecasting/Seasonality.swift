/// Finds how many steps a season has, by autocorrelation.
public enum Seasonality {
    /// The longest season looked for.
    public static let longest = 1_000
    /// The least autocorrelation of a season.
    public static let threshold = 0.3

    /// The steps of the most pronounced season, or nil if there is none.
    ///
    /// It looks at the differences of neighbouring values, which no trend and no random walk makes alike: the lag with the
    /// highest autocorrelation among those that stand out from their neighbours, at least ``threshold``, and three times in the
    /// series. Of lags that are nearly as good (0.05) the shortest is taken, so that a day is not called two.
    ///
    /// - Parameter values: the series; NaN where it is missing.
    public static func period(of values: [Double]) -> Int? {
        period(in: correlations(values))
    }

    /// The season that is found, and of the expected ones those whose autocorrelation is at least ``threshold``; the strongest
    /// first, of equal ones the shorter.
    ///
    /// - Parameter expected: lengths that the calendar makes likely: a day, a week, a year.
    public static func periods(of values: [Double], expected: [Int]) -> [Int] {
        let correlations = correlations(values)
        let likely = expected.filter {
            $0 >= 2 && $0 < correlations.count && correlations[$0] >= threshold
        }
        return Set(likely + [period(in: correlations)].compactMap { $0 })
            .sorted { (-correlations[$0], $0) < (-correlations[$1], $1) }
    }

    /// The autocorrelations of the differences, as far as a season may be long.
    private static func correlations(_ values: [Double]) -> [Double] {
        let most = min(longest, values.count / 3)
        guard most >= 3 else { return [] }
        return autocorrelation(of: zip(values.dropFirst(), values).map { $0 - $1 }, lags: most)
    }

    private static func period(in correlations: [Double]) -> Int? {
        let peaks = correlations.indices.dropFirst(2).dropLast().filter {
            correlations[$0] >= threshold && correlations[$0] > correlations[$0 - 1]
                && correlations[$0] >= correlations[$0 + 1]
        }
        guard let best = peaks.map({ correlations[$0] }).max() else { return nil }
        return peaks.first { correlations[$0] >= best - 0.05 }
    }

    /// The autocorrelations at the lags 0 … `lags`: Σ (x_t − x̄)(x_{t−k} − x̄) over the pairs that are there, for each pair,
    /// over the variance; 0 where there is none.
    public static func autocorrelation(of values: [Double], lags: Int) -> [Double] {
        let known = values.filter { !$0.isNaN }
        let mean = known.reduce(0, +) / Double(max(known.count, 1))
        let centred = values.map { $0 - mean }
        let variance =
            known.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(known.count, 1))
        guard variance > 0, variance.isFinite else {
            return [Double](repeating: 0, count: lags + 1)
        }
        return centred.withUnsafeBufferPointer { x in
            (0...lags).map { lag in
                var (sum, pairs) = (0.0, 0)
                for place in stride(from: lag, to: x.count, by: 1) {
                    let product = x[place] * x[place - lag]
                    if product.isNaN { continue }
                    sum += product
                    pairs += 1
                }
                return pairs == 0 ? 0 : sum / Double(pairs) / variance
            }
        }
    }
}

import MartletModels
import MartletTensor

extension Forecaster {
    /// The same model, whose line begins as the simple forecast that is best in the steps to learn from.
    ///
    /// For each step ahead that is the one with the smallest mean absolute error of: the last value, the value at a lag, and
    /// the value at a lag moved by what it was off by at the last value. Some 2,000 origins are looked at, spread evenly.
    ///
    /// - Parameter ends: of each series the end of the steps to learn from.
    func beginning(with series: [SeriesNumbers], ends: [Int]) -> Forecaster {
        let sizes = configuration
        let (D, K, lags) = (sizes.stepSize, sizes.horizon, sizes.lags.count)
        let first = sizes.lags.max() ?? 0
        let count = ends.reduce(0) { $0 + max(0, $1 - K - first) }
        guard count > 0 else { return self }
        let methods = 1 + 2 * lags
        var errors = [Double](repeating: 0, count: K * methods)
        for (one, end) in zip(series, ends) {
            for origin in stride(from: first, to: end - K, by: max(1, count / 2_000)) {
                let now = origin * D
                for step in 0..<K {
                    let then = (origin + 1 + step) * D
                    let (truth, last) = (one.steps[then], one.steps[now])
                    // A missing value is no truth to compare with.
                    guard one.steps[then + 1] == 0 else { continue }
                    errors[step * methods] += Double(abs(truth - last))
                    for lag in 0..<lags {
                        let place = sizes.lagPlace + lag
                        let (season, move) = (
                            one.steps[then + place], last - one.steps[now + place]
                        )
                        errors[step * methods + 1 + lag] += Double(abs(truth - season))
                        errors[step * methods + 1 + lags + lag] += Double(
                            abs(truth - season - move))
                    }
                }
            }
        }
        let rows = (0..<K).flatMap { step -> [Float] in
            let own = Array(errors[step * methods..<(step + 1) * methods])
            let best = own.indices.min { own[$0] < own[$1] } ?? 0
            var row = [Float](repeating: 0, count: lags + 1)
            if best > 0 { row[(best - 1) % lags] = 1 }
            if best == 0 || best > lags { row[lags] = 1 }
            return row
        }
        var result = self
        result.highway = Tensor(rows, shape: [K, lags + 1])
        return result
    }
}

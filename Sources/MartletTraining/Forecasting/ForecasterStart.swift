import MartletModels
import MartletTensor

extension Forecaster {
    /// The same model, whose line begins as the best of three simple forecasts in the steps to learn from.
    ///
    /// For each step ahead that is the one with the smallest mean absolute error of: the last value, the mean of the values at
    /// the lags, and this moved by what it was off by at the last value (Decisions/0006). Some 2,000 origins are looked at, spread
    /// evenly.
    ///
    /// - Parameter ends: of each series the end of the steps to learn from.
    func beginning(with series: [SeriesNumbers], ends: [Int]) -> Forecaster {
        let sizes = configuration
        let (D, K, lags) = (sizes.stepSize, sizes.horizon, sizes.lags.count)
        let first = sizes.lags.max() ?? 0
        let count = ends.reduce(0) { $0 + max(0, $1 - K - first) }
        guard count > 0, lags > 0 else { return self }
        // How much of the mean at the lags there is, and of what it was off by.
        let methods: [(season: Float, share: Float)] = [(0, 1), (1, 0), (1, 1)]
        var errors = [Double](repeating: 0, count: K * methods.count)
        for (one, end) in zip(series, ends) {
            func season(_ step: Int) -> Float {
                let place = step * D + sizes.lagPlace
                return one.steps[place..<place + lags].reduce(0, +) / Float(lags)
            }
            for origin in stride(from: first, to: end - K, by: max(1, count / 2_000)) {
                let (last, before) = (one.steps[origin * D], season(origin))
                for step in 0..<K {
                    let then = origin + 1 + step
                    // A missing value is no truth to compare with.
                    guard one.steps[then * D + 1] == 0 else { continue }
                    let ahead = season(then)
                    for (place, method) in methods.enumerated() {
                        let forecast =
                            method.season * ahead + method.share * (last - method.season * before)
                        errors[step * methods.count + place] += Double(
                            abs(one.steps[then * D] - forecast))
                    }
                }
            }
        }
        var result = self
        result.highway = Tensor(
            (0..<K).flatMap { step -> [Float] in
                let own = methods.indices.map { errors[step * methods.count + $0] }
                let best = methods[own.indices.min { own[$0] < own[$1] } ?? 0]
                return [Float](repeating: best.season / Float(lags), count: lags) + [best.share]
            }, shape: [K, lags + 1])
        return result
    }
}

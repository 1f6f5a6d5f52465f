import MartletData
public import MartletModels

extension ForecastHead {
    /// The quantile of a level from the parameters of one value, as `Forecaster` gives them; of quantiles the one between
    /// its neighbours' levels, and at most the outermost ones.
    public func quantile(_ level: Double, of parameters: [Double], levels: [Double]) -> Double {
        switch self {
        case .gaussian: return parameters[0] + parameters[1] * NormalQuantile.value(level)
        case .studentT:
            return parameters[0] + parameters[1]
                * DistributionQuantiles.studentT(level, degrees: parameters[2])
        case .negativeBinomial:
            return DistributionQuantiles.negativeBinomial(
                level, mean: parameters[0], dispersion: parameters[1])
        case .quantile:
            guard let above = levels.firstIndex(where: { $0 >= level }) else {
                return parameters[levels.count - 1]
            }
            guard above > 0, levels[above] > level else { return parameters[above] }
            let share = (level - levels[above - 1]) / (levels[above] - levels[above - 1])
            return parameters[above - 1] + share * (parameters[above] - parameters[above - 1])
        }
    }
}

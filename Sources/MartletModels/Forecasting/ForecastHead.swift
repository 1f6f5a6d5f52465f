import MartletTensor

/// What a forecaster says of a value to come: the parameters of a distribution, or quantiles.
///
/// ```text
/// gaussian            μ = r₀,  σ = softplus(r₁) + ε
/// student-t           the same, and ν = 2 + softplus(r₂)
/// negative-binomial   m = softplus(r₀) · scale + ε,  d = softplus(r₁) + ε            counts; variance m + d m²
/// quantile            the middle one = r₀, its neighbours softplus(rᵢ) further each: they cannot cross
/// ```
///
/// r are the network's numbers, of which r₀ is where the distribution lies. Values are scaled (a series' mean 0 and
/// deviation 1), but for counts, which are themselves.
public enum ForecastHead: String, Codable, Sendable, CaseIterable {
    /// A normal distribution.
    case gaussian
    /// Student's t distribution, whose tails hold far values more easily.
    case studentT = "student-t"
    /// A distribution of counts, wider than Poisson's.
    case negativeBinomial = "negative-binomial"
    /// Quantiles of given levels, of whatever distribution.
    case quantile

    /// Keeps deviations and means above 0.
    static let epsilon = 1e-4

    /// The numbers r of each value, where there are so many levels.
    func width(levels: Int) -> Int {
        switch self {
        case .gaussian, .negativeBinomial: 2
        case .studentT: 3
        case .quantile: levels
        }
    }

    /// The parameters of r `[…, width]`, each `[…]`; of quantiles one tensor `[…, levels]`.
    ///
    /// - Parameter scale: of counts: what a mean is multiplied with, of a shape that broadcasts to `[…]`.
    func parameters(_ r: Tensor, levels: [Double], scale: Tensor) -> [Tensor] {
        func part(_ place: Int) -> Tensor {
            r.slice(axis: r.rank - 1, place..<place + 1).squeezed(axis: r.rank - 1)
        }
        switch self {
        case .gaussian: return [part(0), part(1).softplus() + Self.epsilon]
        case .studentT:
            return [part(0), part(1).softplus() + Self.epsilon, part(2).softplus() + 2]
        case .negativeBinomial:
            return [
                part(0).softplus() * scale + Self.epsilon, part(1).softplus() + Self.epsilon,
            ]
        case .quantile:
            let middle = r.slice(axis: r.rank - 1, 0..<1)
            guard levels.count > 1 else { return [middle] }
            let gaps = r.slice(axis: r.rank - 1, 1..<levels.count).softplus()
            return [middle + gaps.linear(weight: Self.steps(levels, r.dtype), bias: nil)]
        }
    }

    /// −log p of observed values `[…]`, or their quantile loss; 0 where one is missing (NaN).
    func loss(_ r: Tensor, of observed: Tensor, levels: [Double], scale: Tensor) -> Tensor {
        let parameters = parameters(r, levels: levels, scale: scale)
        switch self {
        case .gaussian:
            return observed.gaussianLoss(mean: parameters[0], deviation: parameters[1])
        case .studentT:
            return observed.studentTLoss(
                location: parameters[0], scale: parameters[1], degrees: parameters[2])
        case .negativeBinomial:
            return observed.negativeBinomialLoss(mean: parameters[0], dispersion: parameters[1])
        case .quantile: return observed.pinballLoss(quantiles: parameters[0], levels: levels)
        }
    }

    /// The place of the level closest to a half.
    static func middle(_ levels: [Double]) -> Int {
        levels.indices.min { abs(levels[$0] - 0.5) < abs(levels[$1] - 0.5) } ?? 0
    }

    /// From the gaps between neighbouring quantiles to how far each is from the middle one, `[levels, levels − 1]`.
    private static func steps(_ levels: [Double], _ dtype: DType) -> Tensor {
        let middle = middle(levels)
        let values = levels.indices.flatMap { level in
            (0..<levels.count - 1).map { gap -> Double in
                if (middle..<max(level, middle)).contains(gap) { return 1 }
                return (min(level, middle)..<middle).contains(gap) ? -1 : 0
            }
        }
        return Tensor(values, shape: [levels.count, levels.count - 1]).cast(to: dtype)
    }
}

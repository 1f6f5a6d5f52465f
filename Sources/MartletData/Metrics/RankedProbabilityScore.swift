#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The continuous ranked probability score of one value y, ∫ (F(x) − 1[x ≥ y])² dx: how good a whole distribution F is, in the
/// unit of y; the absolute error where the distribution is a single point (Gneiting & Raftery 2007).
public enum RankedProbabilityScore {
    /// Of quantiles: twice the mean of their pinball losses.
    ///
    /// It goes to the score itself as the levels grow dense and even, (2k − 1) / 2n; with few of them it is an approximation.
    public static func quantiles(_ truth: Double, _ values: [Double], levels: [Double]) -> Double {
        precondition(
            !levels.isEmpty && values.count == levels.count,
            "CRPS of \(values.count) quantiles at \(levels.count) levels")
        return 2
            * zip(values, levels).reduce(0) {
                $0 + ForecastMetrics.pinball(truth, $1.0, level: $1.1)
            } / Double(levels.count)
    }

    /// Of samples x: mean |x_i − y| − ½ mean |x_i − x_j| over all pairs, the score of the samples' own distribution.
    public static func samples(_ truth: Double, _ samples: [Double]) -> Double {
        precondition(!samples.isEmpty, "CRPS of no samples")
        let n = Double(samples.count)
        let error = samples.reduce(0) { $0 + abs($1 - truth) } / n
        // Sorted, the sum over all pairs is one over the samples: Σ_i Σ_j |x_i − x_j| = 2 Σ_i (2i − n + 1) x_i, i from 0.
        let spread = samples.sorted().enumerated().reduce(0.0) { sum, sample in
            sum + (2 * Double(sample.offset) - n + 1) * sample.element
        }
        return error - spread / (n * n)
    }

    /// Of a normal distribution: σ (z (2 Φ(z) − 1) + 2 φ(z) − 1/√π), z = (y − µ) / σ (Gneiting et al. 2005).
    ///
    /// With a deviation of 0 it is |y − µ|.
    public static func gaussian(_ truth: Double, mean: Double, deviation: Double) -> Double {
        precondition(!(deviation < 0), "CRPS of a deviation of \(deviation)")
        guard deviation > 0 else { return deviation == 0 ? abs(truth - mean) : .nan }
        let z = (truth - mean) / deviation
        let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
        return deviation
            * (z * erf(z / 2.squareRoot()) + 2 * density - 1 / Double.pi.squareRoot())
    }
}

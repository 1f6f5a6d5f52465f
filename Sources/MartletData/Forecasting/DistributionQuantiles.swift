#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Quantiles of distributions that forecasts speak of, in double precision; the normal one's are ``NormalQuantile``'s.
public enum DistributionQuantiles {
    /// The value below which a variable of Student's t distribution is with probability p, 0 < p < 1.
    ///
    /// - Parameter nu: the degrees of freedom, above 0.
    public static func studentT(_ p: Double, degrees nu: Double) -> Double {
        let start = NormalQuantile.value(p)
        let logScale =
            lgamma(0.5 * (nu + 1)) - lgamma(0.5 * nu) - 0.5 * log(nu * Double.pi)
        return root(of: p, from: start) { t in
            let tail = 0.5 * incompleteBeta(0.5 * nu, 0.5, at: nu / (nu + t * t))
            let density = exp(logScale - 0.5 * (nu + 1) * log1p(t * t / nu))
            return (t < 0 ? tail : 1 - tail, density)
        }
    }

    /// The smallest count that a negative binomial variable is at most, with at least that probability.
    ///
    /// - Parameters:
    ///   - p: the probability, 0 < p < 1.
    ///   - mean: m, above 0.
    ///   - dispersion: d, above 0; the variance is m + d m².
    public static func negativeBinomial(_ p: Double, mean: Double, dispersion: Double) -> Double {
        func reached(_ count: Double) -> Bool {
            incompleteBeta(
                1 / dispersion, count + 1, at: 1 / (1 + dispersion * mean)) >= p
        }
        if reached(0) { return 0 }
        // Doubling, then halving: the count is above `low`, at most `high`.
        var (low, high) = (0.0, 1.0)
        while !reached(high), high < 0x1p52 { (low, high) = (high, high * 2) }
        while high - low > 1 {
            let middle = ((low + high) / 2).rounded(.down)
            if reached(middle) { high = middle } else { low = middle }
        }
        return high
    }

    /// Where an ascending function is p: Newton's steps, within bounds that close in.
    private static func root(
        of p: Double, from start: Double,
        _ function: (Double) -> (value: Double, slope: Double)
    ) -> Double {
        precondition(p > 0 && p < 1, "a quantile of level \(p)")
        var (low, high) = (-1.0, 1.0)
        while function(low).value > p { low *= 2 }
        while function(high).value < p { high *= 2 }
        var x = min(max(start, low), high)
        for _ in 0..<200 {
            let (value, slope) = function(x)
            if value < p { low = x } else { high = x }
            var next = slope > 0 ? x - (value - p) / slope : .nan
            if !(next > low && next < high) { next = (low + high) / 2 }
            if abs(next - x) <= 1e-14 * max(1, abs(x)) { return next }
            x = next
        }
        return x
    }

    /// The regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz & Stegun 26.5.8).
    static func incompleteBeta(_ a: Double, _ b: Double, at x: Double) -> Double {
        if x <= 0 { return 0 }
        if x >= 1 { return 1 }
        // The fraction converges fast on this side; the other one follows from symmetry.
        return x <= (a + 1) / (a + b + 2)
            ? betaFraction(a, b, at: x) : 1 - betaFraction(b, a, at: 1 - x)
    }

    private static func betaFraction(_ a: Double, _ b: Double, at x: Double) -> Double {
        let front =
            exp(
                lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
        // Lentz's way to evaluate it from the front.
        let tiny = 1e-300
        func kept(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / kept(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...10_000 {
            let m = Double(step)
            for term in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / kept(1 + term * d)
                c = kept(1 + term / c)
                fraction *= d * c
            }
            if abs(d * c - 1) < 1e-15 { break }
        }
        return front * fraction
    }
}

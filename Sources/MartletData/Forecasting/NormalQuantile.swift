#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The standard normal distribution's quantiles.
public enum NormalQuantile {
    /// Where the distribution reaches a level of 0 … 1, to about 1e-15: by Halley's method on erfc, from a rough start.
    public static func value(_ level: Double) -> Double {
        precondition(level > 0 && level < 1, "a normal quantile of level \(level)")
        if level == 0.5 { return 0 }
        // Tails are computed from the smaller of both, which has all digits.
        let tail = min(level, 1 - level)
        let t = (-2 * log(tail)).squareRoot()
        // Abramowitz & Stegun 26.2.23, off by 4.5e-4 at most.
        var z =
            t - (2.515517 + t * (0.802853 + t * 0.010328))
            / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
        for _ in 0..<4 {
            let above = erfc(z / 2.squareRoot()) / 2
            let density = exp(-z * z / 2) / (2 * Double.pi).squareRoot()
            // Halley's step: the second derivative of the normal distribution is −z times its density.
            let step = (above - tail) / density
            z += step / (1 + z * step / 2)
        }
        return level < 0.5 ? -z : z
    }
}

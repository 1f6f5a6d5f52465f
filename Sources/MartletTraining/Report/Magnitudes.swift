#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Decimals {
    /// `base` to the power `exponent`.
    static func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

    /// The logarithm to base 10.
    package static func log10(_ value: Double) -> Double { logarithm(value) }

    /// A positive number of any size with two digits: `0.031`, `12`, `3.1e-27`.
    package static func magnitude(_ value: Double) -> String {
        parts(value).map { "\($0)e\($1)" } ?? plain(value)
    }

    /// The same as people write it: `3.1·10⁻²⁷`.
    package static func magnitudeInWords(_ value: Double) -> String {
        parts(value).map { "\($0)·\(powerOfTen($1))" } ?? plain(value)
    }

    /// `10⁻²⁷`.
    package static func powerOfTen(_ exponent: Int) -> String {
        let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
        return "10" + (exponent < 0 ? "⁻" : "")
            + String("\(abs(exponent))".map { digits[$0.wholeNumberValue ?? 0] })
    }

    private static func plain(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : "∞" }
        return value == 0 ? "0" : fixed(value, value < 0.0995 ? 3 : value < 9.95 ? 2 : 0)
    }

    /// Two digits and the exponent, of numbers that are too small or too large to be written out.
    private static func parts(_ value: Double) -> (String, Int)? {
        guard value.isFinite, value > 0, value < 0.00995 || value >= 9999.5 else { return nil }
        var exponent = Int(log10(value).rounded(.down))
        // In two factors: 10³⁰⁸ · 10 is no number.
        var digits = fixed(
            value / pow(10, Double(exponent / 2)) / pow(10, Double(exponent - exponent / 2)), 1)
        if digits == "10.0" { (digits, exponent) = ("1.0", exponent + 1) }
        return (digits, exponent)
    }
}

/// `log10` of the C library, under a name that ours does not hide.
private func logarithm(_ value: Double) -> Double { log10(value) }

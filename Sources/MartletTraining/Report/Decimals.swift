/// Numbers as people read them, without Foundation's formatters.
package enum Decimals {
    /// A number with that many digits after the point.
    package static func fixed(_ value: Double, _ digits: Int) -> String {
        let factor = (0..<digits).reduce(1.0) { power, _ in power * 10 }
        // Beyond 2^53 a Double has no digits after the point to show.
        guard abs(value) * factor < 0x1p53 else { return "\(value)" }
        let scaled = Int((abs(value) * factor).rounded())
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let whole = "\(scaled / Int(factor))"
        guard digits > 0 else { return sign + whole }
        let part = "\(scaled % Int(factor))"
        return sign + whole + "." + String(repeating: "0", count: digits - part.count) + part
    }

    /// `84.9 %`, with a space that does not break.
    package static func percent(_ share: Double, _ digits: Int = 1) -> String {
        fixed(share * 100, digits) + "\u{A0}%"
    }

    /// `0.849`, never rounded up to certainty.
    package static func probability(_ value: Double) -> String {
        value < 1 ? fixed(min(value, 0.999), 3) : fixed(value, 3)
    }

    /// `17,363`.
    package static func grouped(_ value: Int) -> String {
        var digits = String(abs(value))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// `950`, `12.3k`, `4.5M`.
    package static func short(_ value: Double) -> String {
        // The limits are where rounding would give one digit more.
        switch value {
        case ..<9999.5: fixed(value, 0)
        case ..<99_950: fixed(value / 1000, 1) + "k"
        case ..<999_500: fixed(value / 1000, 0) + "k"
        default: fixed(value / 1_000_000, 1) + "M"
        }
    }

    /// `0:42`, `12:05`, `1:02:07`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(max(0, seconds).rounded())
        let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(whole % 60)
    }
}

/// Numbers as people read them.
enum Figures {
    /// `84.9 %`.
    static func percent(_ share: Double) -> String { fixed(share * 100, 1) + " %" }

    /// `0.849`, never rounded up to certainty.
    static func share(_ share: Double) -> String {
        share < 1 ? fixed(min(share, 0.999), 3) : fixed(share, 3)
    }

    /// A number with that many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
        var factor = 1.0
        for _ in 0..<digits { factor *= 10 }
        let scaled = Int((abs(value) * factor).rounded())
        let whole = "\(scaled / Int(factor))"
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard digits > 0 else { return sign + whole }
        let part = "\(scaled % Int(factor))"
        return sign + whole + "." + String(repeating: "0", count: digits - part.count) + part
    }

    /// `950`, `12.3k`, `4.5M`.
    static func short(_ value: Double) -> String {
        switch value {
        case ..<10_000: fixed(value, 0)
        case ..<1_000_000: fixed(value / 1000, value < 100_000 ? 1 : 0) + "k"
        default: fixed(value / 1_000_000, 1) + "M"
        }
    }

    /// `17,363`.
    static func grouped(_ value: Int) -> String {
        var digits = String(abs(value))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// `0:42`, `12:05`, `1:02:07`.
    static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds < 1e9 else { return "?" }
        let whole = Int(max(0, seconds).rounded())
        let two = { (value: Int) in value < 10 ? "0\(value)" : "\(value)" }
        let (hours, minutes) = (whole / 3600, whole / 60 % 60)
        return (hours > 0 ? "\(hours):\(two(minutes))" : "\(minutes)") + ":" + two(whole % 60)
    }
}

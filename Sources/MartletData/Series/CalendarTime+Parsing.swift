extension CalendarTime {
    /// What a text says: a moment, and the offset of its time zone in minutes if there is one.
    public struct Parsed: Sendable, Equatable {
        /// The moment, on the clock of the text's own time zone.
        public var time: CalendarTime
        /// Minutes east of UTC; nil where the text has no time zone.
        public var offset: Int?
    }

    /// Reads ISO 8601 as files have it: `2012-01`, `2012-01-31`, `2012/01/31`, `2012-01-31 17:30`,
    /// `2012-01-31T17:30:00Z`, `2012-01-31T17:30:00.000+01:00`; nil for anything else.
    public static func parse(_ text: String) -> Parsed? {
        var reader = DigitReader(text)
        guard let year = reader.number(4), let separator = reader.take(among: "-/"),
            let month = reader.number(2), (1...12).contains(month)
        else { return nil }
        var day = 1
        if reader.take(separator) {
            guard let number = reader.number(2),
                (1...length(year: year, month: month)).contains(number)
            else { return nil }
            day = number
        } else {
            return reader.isAtEnd
                ? Parsed(time: CalendarTime(year: year, month: month, day: 1), offset: nil) : nil
        }
        if reader.isAtEnd {
            return Parsed(time: CalendarTime(year: year, month: month, day: day), offset: nil)
        }
        guard reader.take(among: "T t") != nil, let clock = reader.clock() else { return nil }
        let offset = reader.offset()
        guard reader.isAtEnd else { return nil }
        return Parsed(
            time: CalendarTime(
                year: year, month: month, day: day, hour: clock.hour, minute: clock.minute,
                second: clock.second), offset: offset)
    }

    /// `UTC`, `UTC+01:00`.
    static func name(ofOffset minutes: Int) -> String {
        guard minutes != 0 else { return "UTC" }
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "UTC\(minutes < 0 ? "-" : "+")\(two(abs(minutes) / 60)):\(two(abs(minutes) % 60))"
    }
}

/// Takes digits and separators from the front of a text.
private struct DigitReader {
    private var rest: ArraySlice<UInt8>

    init(_ text: String) {
        rest = Array(text.utf8)[...]
        while rest.first == 0x20 { rest.removeFirst() }
        while rest.last == 0x20 { rest.removeLast() }
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// That many digits.
    mutating func number(_ count: Int) -> Int? {
        guard rest.count >= count, rest.prefix(count).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        defer { rest.removeFirst(count) }
        return rest.prefix(count).reduce(0) { $0 * 10 + Int($1 - 0x30) }
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    mutating func take(among characters: String) -> UInt8? {
        guard let first = rest.first, characters.utf8.contains(first) else { return nil }
        rest.removeFirst()
        return first
    }

    /// `17:30`, `17:30:05`, `17:30:05.000`.
    mutating func clock() -> (hour: Int, minute: Int, second: Int)? {
        guard let hour = number(2), hour < 24, take(0x3A), let minute = number(2), minute < 60
        else { return nil }
        guard take(0x3A) else { return (hour, minute, 0) }
        guard let second = number(2), second < 60 else { return nil }
        if take(among: ".,") != nil {
            // Parts of a second would not be kept: only a zero may stand there.
            guard rest.first == 0x30 else { return nil }
            while rest.first == 0x30 { rest.removeFirst() }
        }
        return (hour, minute, second)
    }

    /// `Z`, `+01:00`, `-0530`, `+01`; nil where there is none, and what is none stays.
    mutating func offset() -> Int? {
        var reader = self
        _ = reader.take(0x20)
        if reader.take(among: "Zz") != nil {
            self = reader
            return 0
        }
        guard let sign = reader.take(among: "+-"), let hours = reader.number(2), hours <= 14
        else { return nil }
        let hasColon = reader.take(0x3A)
        guard let minutes = reader.number(2) ?? (hasColon ? nil : 0), minutes < 60 else {
            return nil
        }
        self = reader
        return (hours * 60 + minutes) * (sign == 0x2D ? -1 : 1)
    }
}

/// The span from one value of a series to the next.
public enum SeriesStep: Sendable, Hashable, CustomStringConvertible {
    /// So many seconds: 1800, 3600, 86,400 (a day), 604,800 (a week) …
    case seconds(Int)
    /// So many months, always on the same day, or always on the month's last.
    case months(Int)
    /// From Monday to Friday, day by day.
    case businessDays

    /// An hour.
    public static let hour = SeriesStep.seconds(3600)
    /// A day.
    public static let day = SeriesStep.seconds(CalendarTime.day)
    /// A week.
    public static let week = SeriesStep.seconds(7 * CalendarTime.day)

    /// The time so many steps later.
    ///
    /// - Parameter day: of steps of months: the day of the month that times lie on, 31 for the last one.
    public func advance(_ time: CalendarTime, by steps: Int, day: Int? = nil) -> CalendarTime {
        switch self {
        case .seconds(let seconds): return CalendarTime(seconds: time.seconds + seconds * steps)
        case .months(let months): return time.adding(months: months * steps, day: day)
        case .businessDays:
            let number = Self.businessNumber(of: time) + steps
            let week = CalendarTime.floored(number, 5)
            // Day 4 of 1970 (the 5th of January) was a Monday.
            let day = 4 + week * 7 + (number - week * 5)
            return CalendarTime(seconds: day * CalendarTime.day + time.secondOfDay)
        }
    }

    /// How many steps lie between two times; nil if it is no whole number of them.
    public func count(from start: CalendarTime, to end: CalendarTime) -> Int? {
        switch self {
        case .seconds(let seconds):
            let span = end.seconds - start.seconds
            return span % seconds == 0 ? span / seconds : nil
        case .months(let months):
            let isAligned =
                start.secondOfDay == end.secondOfDay
                && (start.date.day == end.date.day || start.isLastOfMonth && end.isLastOfMonth)
            let span = end.monthNumber - start.monthNumber
            return isAligned && span % months == 0 ? span / months : nil
        case .businessDays:
            guard start.weekday < 5, end.weekday < 5, start.secondOfDay == end.secondOfDay else {
                return nil
            }
            return Self.businessNumber(of: end) - Self.businessNumber(of: start)
        }
    }

    /// Whether more than so many steps lie between two times, whole or not; of steps of months, counted by 28 days.
    func isBeyond(_ most: Int, from start: CalendarTime, to end: CalendarTime) -> Bool {
        let length =
            switch self {
            case .seconds(let seconds): seconds
            case .months(let months): 28 * months * CalendarTime.day
            case .businessDays: CalendarTime.day
            }
        return (end.seconds - start.seconds) / length > most
    }

    /// Business days since Monday, 1970-01-05.
    private static func businessNumber(of time: CalendarTime) -> Int {
        let days = time.dayNumber - 4
        let week = CalendarTime.floored(days, 7)
        return week * 5 + min(days - week * 7, 4)
    }

    // MARK: Seasons

    /// Steps after which a series may repeat itself, by what repeats: a day, a week, a year.
    public var seasons: [(name: String, length: Int)] {
        switch self {
        case .seconds(let seconds):
            var found: [(String, Int)] = []
            for (name, span) in [("day", CalendarTime.day), ("week", 7 * CalendarTime.day)]
            where span % seconds == 0 && span / seconds > 1 {
                found.append((name, span / seconds))
            }
            // A year has no whole number of days; of daily values, 365 comes closest.
            if seconds == CalendarTime.day { found.append(("year", 365)) }
            if seconds == 7 * CalendarTime.day { found.append(("year", 52)) }
            return found
        case .months(let months):
            return 12 % months == 0 && months < 12 ? [("year", 12 / months)] : []
        case .businessDays: return [("week", 5)]
        }
    }

    // MARK: Names

    /// `hourly`, `daily`, `every 15 minutes` …
    public var description: String {
        switch self {
        case .seconds(1): "every second"
        case .seconds(60): "every minute"
        case .seconds(1800): "half-hourly"
        case .seconds(3600): "hourly"
        case .seconds(CalendarTime.day): "daily"
        case .seconds(7 * CalendarTime.day): "weekly"
        case .seconds(let count):
            count % CalendarTime.day == 0
                ? "every \(count / CalendarTime.day) days"
                : count % 3600 == 0
                    ? "every \(count / 3600) hours"
                    : count % 60 == 0 ? "every \(count / 60) minutes" : "every \(count) seconds"
        case .months(1): "monthly"
        case .months(3): "quarterly"
        case .months(12): "yearly"
        case .months(let count): "every \(count) months"
        case .businessDays: "every business day"
        }
    }

    /// As it is written in files and given by flags: `30min`, `1h`, `1d`, `7d`, `1month`, `business-day`, `90s`.
    public var code: String {
        switch self {
        case .seconds(let count):
            count % CalendarTime.day == 0
                ? "\(count / CalendarTime.day)d"
                : count % 3600 == 0
                    ? "\(count / 3600)h" : count % 60 == 0 ? "\(count / 60)min" : "\(count)s"
        case .months(let count): "\(count)month"
        case .businessDays: "business-day"
        }
    }

    /// The step of a code, or of one of the names hourly, half-hourly, daily, weekly, monthly, quarterly and yearly.
    public init?(code: String) {
        let named: [String: SeriesStep] = [
            "half-hourly": .seconds(1800), "hourly": .hour, "daily": .day, "weekly": .week,
            "monthly": .months(1), "quarterly": .months(3), "yearly": .months(12),
            "business-day": .businessDays,
        ]
        if let step = named[code] {
            self = step
            return
        }
        let digits = code.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int(digits), (1...1_000_000).contains(count) else { return nil }
        switch code.dropFirst(digits.count) {
        case "s": self = .seconds(count)
        case "min": self = .seconds(count * 60)
        case "h": self = .seconds(count * 3600)
        case "d": self = .seconds(count * CalendarTime.day)
        case "month": self = .months(count)
        default: return nil
        }
    }
}

extension SeriesStep: Codable {
    /// Reads a code.
    public init(from decoder: any Decoder) throws {
        let code = try decoder.singleValueContainer().decode(String.self)
        guard let step = SeriesStep(code: code) else {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: decoder.codingPath,
                    debugDescription: "\"\(code)\" is no step such as 30min, 1h, 1d, 1month"))
        }
        self = step
    }

    /// Writes the code.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}

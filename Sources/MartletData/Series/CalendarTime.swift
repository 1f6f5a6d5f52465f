/// A moment as the clock on the wall shows it: seconds since 1970-01-01 00:00:00 of the Gregorian calendar.
///
/// There is no time zone in it: a series keeps the one of its file beside its times (``SeriesTable/offset``).
public struct CalendarTime: Sendable, Hashable, Comparable, Codable, CustomStringConvertible {
    /// Seconds of a day.
    public static let day = 86_400

    /// Seconds since 1970-01-01 00:00:00 on the same clock.
    public var seconds: Int

    /// A moment so many seconds after 1970-01-01 00:00:00.
    public init(seconds: Int) { self.seconds = seconds }

    /// A moment of a date; the day may be beyond the month's end.
    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
        seconds =
            Self.days(year: year, month: month, day: day) * Self.day + hour * 3600 + minute * 60
            + second
    }

    /// Which is earlier.
    public static func < (left: CalendarTime, right: CalendarTime) -> Bool {
        left.seconds < right.seconds
    }

    // MARK: Parts

    /// Days since 1970-01-01.
    public var dayNumber: Int { Self.floored(seconds, Self.day) }
    /// Seconds since midnight.
    public var secondOfDay: Int { seconds - dayNumber * Self.day }
    /// The hour, 0 … 23.
    public var hour: Int { secondOfDay / 3600 }
    /// The minute, 0 … 59.
    public var minute: Int { secondOfDay / 60 % 60 }
    /// The second, 0 … 59.
    public var second: Int { secondOfDay % 60 }
    /// The day of the week: 0 is Monday, 6 is Sunday.
    public var weekday: Int { (dayNumber % 7 + 7 + 3) % 7 }  // 1970-01-01 was a Thursday.
    /// The day of the year, 0 … 365.
    public var dayOfYear: Int { dayNumber - Self.days(year: date.year, month: 1, day: 1) }
    /// Months since January 1970.
    public var monthNumber: Int { (date.year - 1970) * 12 + date.month - 1 }
    /// Whether the next day is in another month.
    public var isLastOfMonth: Bool {
        CalendarTime(seconds: seconds + Self.day).date.month != date.month
    }

    /// The date: months and days are counted from 1.
    public var date: (year: Int, month: Int, day: Int) {
        // The year begins in March here, so that the leap day is its last; eras have 400 years.
        let days = dayNumber + 719_468
        let era = Self.floored(days, 146_097)
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * dayOfYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        return (
            yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * fromMarch + 2) / 5 + 1
        )
    }

    /// So many months later, at the same time; the day is cut down to the month's length.
    public func adding(months: Int, day: Int? = nil) -> CalendarTime {
        let number = monthNumber + months
        let year = 1970 + Self.floored(number, 12)
        let month = number - Self.floored(number, 12) * 12 + 1
        let length = Self.length(year: year, month: month)
        let start = Self.days(year: year, month: month, day: min(day ?? date.day, length))
        return CalendarTime(seconds: start * Self.day + secondOfDay)
    }

    /// The number of days of a month.
    static func length(year: Int, month: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    private static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = floored(year, 400)
        let yearOfEra = year - era * 400
        let fromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * fromMarch + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    /// The quotient rounded towards −∞.
    static func floored(_ value: Int, _ divisor: Int) -> Int {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    // MARK: Text

    /// `2012-01-31`, and with a time of day `2012-01-31 17:30` or `2012-01-31 17:30:05`.
    public var description: String {
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let (year, month, day) = date
        let zeros = String(repeating: "0", count: max(0, 4 - "\(year)".count))
        let start = "\(zeros)\(year)-\(two(month))-\(two(day))"
        guard secondOfDay != 0 else { return start }
        return start + " \(two(hour)):\(two(minute))" + (second == 0 ? "" : ":\(two(second))")
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Where a time stands in the day, the week and the year, as sines and cosines: numbers without a jump at midnight.
///
/// ```text
/// sin 2πk p, cos 2πk p      p: the share of the day (week, year) that is over      k: 1 … the harmonics
/// ```
///
/// Three harmonics of the week tell every day from every other. A part of the calendar that a step jumps over, the hour of
/// daily values, has no feature.
public struct CalendarFeatures: Sendable, Equatable {
    private enum Part { case day, week, year }

    /// The name of each feature: `hour_sin_1`, `hour_cos_1` …
    public let names: [String]
    private let parts: [(part: Part, harmonics: Int)]

    /// The features of times with such a step between them.
    ///
    /// - Parameter hasYear: whether there are those of the year. In a history that is not much longer than a year they say
    ///   when it was, not what season, and a network that learned that by heart is lost right after it.
    public init(step: SeriesStep, hasYear: Bool = true) {
        var parts: [(part: Part, harmonics: Int)] = []
        switch step {
        case .seconds(let seconds):
            if seconds < CalendarTime.day { parts.append((.day, 3)) }
            if seconds % (7 * CalendarTime.day) != 0 { parts.append((.week, 3)) }
            parts.append((.year, 2))
        case .businessDays: parts = [(.week, 3), (.year, 2)]
        case .months(let months): if months < 12 { parts = [(.year, 3)] }
        }
        if !hasYear { parts.removeAll { $0.part == .year } }
        self.parts = parts
        names = parts.flatMap { part, harmonics in
            let name =
                switch part {
                case .day: "hour"
                case .week: "weekday"
                case .year: "season"
                }
            return (1...harmonics).flatMap { ["\(name)_sin_\($0)", "\(name)_cos_\($0)"] }
        }
    }

    /// Whether they are of the same parts of the calendar.
    public static func == (left: CalendarFeatures, right: CalendarFeatures) -> Bool {
        left.names == right.names
    }

    /// The number of features.
    public var count: Int { names.count }

    /// The features of a time, in the order of ``names``.
    public func values(of time: CalendarTime) -> [Double] {
        parts.flatMap { part, harmonics in
            let share =
                switch part {
                case .day: Double(time.secondOfDay) / Double(CalendarTime.day)
                case .week:
                    (Double(time.weekday) + Double(time.secondOfDay) / Double(CalendarTime.day)) / 7
                case .year: (Double(time.dayOfYear) + 0.5) / 365.25
                }
            return (1...harmonics).flatMap { harmonic in
                let angle = 2 * Double.pi * Double(harmonic) * share
                return [sin(angle), cos(angle)]
            }
        }
    }
}

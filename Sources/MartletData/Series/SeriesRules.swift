/// What to do where a file is no series of even steps.
public struct SeriesRules: Sendable, Codable, Equatable {
    /// What to do about steps that a file has no row for.
    public enum Gaps: String, Sendable, Codable, CaseIterable {
        /// Refuse the file.
        case refuse
        /// They are there, and their values missing.
        case missing
        /// The rows are the steps, however far apart: an exchange that is closed on holidays.
        case closed
    }

    /// How the values of a span become one.
    public enum Aggregate: String, Sendable, Codable, CaseIterable {
        /// Their mean.
        case mean
        /// Their sum.
        case sum
        /// The last of them.
        case last
        /// The largest of them.
        case max
        /// The smallest of them.
        case min
    }

    /// What to do about steps without a row.
    public var gaps: Gaps
    /// The step to bring the values to; nil: the file's own, which must be even.
    public var resample: SeriesStep?
    /// How the values of one such step become one.
    public var aggregate: Aggregate
    /// The step that the file must have; nil: the one that is found in it.
    public var step: SeriesStep?

    /// Rules; by default a file must have even steps without gaps.
    public init(
        gaps: Gaps = .refuse, resample: SeriesStep? = nil, aggregate: Aggregate = .mean,
        step: SeriesStep? = nil
    ) {
        self.gaps = gaps
        self.resample = resample
        self.aggregate = aggregate
        self.step = step
    }
}

extension SeriesRules {
    /// What is wrong with the rules, in words; nil if nothing is.
    public var problem: String? {
        guard let resample else { return nil }
        if resample == .businessDays {
            return "--resample business-day: expected a span such as 30min, 1h, 1d, 7d, 1month"
        }
        if case .seconds(let count) = resample, CalendarTime.day % count != 0,
            count % CalendarTime.day != 0
        {
            return
                "--resample \(resample.code) does not divide a day, nor is it whole days; take a span such as 30min, 1h, 1d, 7d, 1month"
        }
        return nil
    }
}

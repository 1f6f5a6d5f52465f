/// Which columns of a file are what.
public struct SeriesColumns: Sendable, Codable, Equatable {
    /// The column with the times.
    public var time: String
    /// The column that is to be forecast.
    public var target: String
    /// The column with the name of the series, where there are several.
    public var series: String?
    /// Columns that are known up to the present only: measurements.
    public var covariates: [String]
    /// Columns that are known of the future, too: plans, holidays, prices.
    public var known: [String]

    /// Columns of these names.
    public init(
        time: String, target: String, series: String? = nil, covariates: [String] = [],
        known: [String] = []
    ) {
        self.time = time
        self.target = target
        self.series = series
        self.covariates = covariates
        self.known = known
    }
}

/// One series: a value a step, from its first time to its last, without a hole.
///
/// A missing value is NaN and stays so. Steps that a file has no row for are there, missing, only where one asked for it.
public struct TimeSeries: Sendable {
    /// Its name; empty where a file has one series and no column of names.
    public var name: String
    /// The time of each step.
    public var times: [CalendarTime]
    /// The target; NaN where it is missing.
    public var target: [Double]
    /// The covariates of the past, an array each; NaN where a value is missing.
    public var covariates: [[Double]]
    /// The known covariates, an array each; never missing.
    public var known: [[Double]]
    /// The line of the file that each step was read from; nil where none was.
    public var lines: [Int?]

    /// A series of these values.
    public init(
        name: String, times: [CalendarTime], target: [Double], covariates: [[Double]] = [],
        known: [[Double]] = [], lines: [Int?] = []
    ) {
        precondition(
            (covariates + known + [target]).allSatisfy { $0.count == times.count },
            "a series of \(times.count) times with columns of other lengths")
        self.name = name
        self.times = times
        self.target = target
        self.covariates = covariates
        self.known = known
        self.lines = lines.isEmpty ? [Int?](repeating: nil, count: times.count) : lines
    }

    /// The number of steps.
    public var count: Int { times.count }

    /// The number of steps up to the last one whose target is there; the steps beyond are the future, of which only times
    /// and known covariates count.
    public var observedCount: Int { (target.lastIndex { !$0.isNaN } ?? -1) + 1 }

    /// Some of the steps.
    public func slice(_ range: Range<Int>) -> TimeSeries {
        TimeSeries(
            name: name, times: Array(times[range]), target: Array(target[range]),
            covariates: covariates.map { Array($0[range]) }, known: known.map { Array($0[range]) },
            lines: Array(lines[range]))
    }
}

/// One or many series with the same columns and the same step: what a file holds.
public struct SeriesTable: Sendable {
    /// The file.
    public let source: String
    /// Which columns are what.
    public let columns: SeriesColumns
    /// From one value to the next.
    public let step: SeriesStep
    /// Minutes east of UTC of the clock that shows the times; nil where the file does not say.
    public let offset: Int?
    /// The series, in the order in which the file names them first.
    public let series: [TimeSeries]
    /// The SHA-256 of everything that was read, in hexadecimal: equal for equal data.
    public let sha256: String

    /// The number of values over all series, missing ones included.
    public var valueCount: Int { series.reduce(0) { $0 + $1.count } }

    /// The time so many steps after one of this table's.
    public func advance(_ time: CalendarTime, by steps: Int, in series: TimeSeries) -> CalendarTime
    {
        step.advance(time, by: steps, day: SeriesGrid.monthDay(of: series.times))
    }
}

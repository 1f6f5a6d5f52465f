/// Places rows on even steps, and refuses those that do not fit.
struct SeriesGrid {
    let step: SeriesStep
    private(set) var series: [TimeSeries] = []

    /// The most steps that a series is filled up with: somewhat more than a year of seconds.
    static let mostSteps = 1 << 25

    private let path: String
    private let columns: SeriesColumns
    private let rules: SeriesRules

    init(
        _ path: String, _ columns: SeriesColumns, _ rules: SeriesRules,
        _ groups: [(name: String, rows: [SeriesReader.Row])]
    ) throws(DataError) {
        self.path = path
        self.columns = columns
        self.rules = rules
        for (name, rows) in groups { try Self.checkOrder(path, columns, name, rows) }
        if let target = rules.resample {
            step = target
            for (name, rows) in groups {
                if let first = rows.first, let last = rows.last,
                    target.isBeyond(Self.mostSteps, from: first.time, to: last.time)
                {
                    throw DataError(
                        path, line: last.line,
                        "column \"\(columns.time)\": from \(first.time) to \(last.time)\(Self.of(name)) there are more than \(Self.mostSteps) steps of \(target.code); correct the time, or give --resample a longer step"
                    )
                }
                series.append(
                    SeriesResampling(step: target, aggregate: rules.aggregate, columns: columns)
                        .series(name, rows))
            }
            return
        }
        if let given = rules.step {
            step = given
        } else {
            step = try Self.step(path, columns, groups)
        }
        for (name, rows) in groups { series.append(try placed(name, rows)) }
    }

    /// The day of the month that a series' times lie on; 31 for the last one.
    static func monthDay(of times: [CalendarTime]) -> Int? {
        guard let first = times.first else { return nil }
        return times.allSatisfy(\.isLastOfMonth) ? 31 : first.date.day
    }

    // MARK: Checks

    /// ` of series "north"`, where there are several.
    private static func of(_ name: String) -> String {
        name.isEmpty ? "" : " of series \"\(name)\""
    }

    /// Refuses times that are double or run backwards.
    private static func checkOrder(
        _ path: String, _ columns: SeriesColumns, _ name: String, _ rows: [SeriesReader.Row]
    ) throws(DataError) {
        var lines: [CalendarTime: Int] = [:]
        for (before, row) in zip([nil] + rows.map(Optional.some), rows) {
            if let line = lines[row.time] {
                let hint =
                    before.map { $0.time > row.time && $0.time.seconds - row.time.seconds <= 3600 }
                    ?? false
                throw DataError(
                    path, line: row.line,
                    "column \"\(columns.time)\": \(row.time)\(of(name)) was in line \(line) already; "
                        + (hint
                            ? "if clocks were put back there after daylight saving, write all times in UTC"
                            : "keep one row for each time, or name the column of series with --series")
                )
            }
            if let before, before.time > row.time {
                throw DataError(
                    path, line: row.line,
                    "column \"\(columns.time)\": \(row.time)\(of(name)) is before \(before.time), the time in line \(before.line); sort the rows by time"
                )
            }
            lines[row.time] = row.line
        }
    }

    /// The step that most neighbours are apart.
    private static func step(
        _ path: String, _ columns: SeriesColumns,
        _ groups: [(name: String, rows: [SeriesReader.Row])]
    ) throws(DataError) -> SeriesStep {
        let spans = groups.flatMap { group in
            zip(group.rows, group.rows.dropFirst()).map { $1.time.seconds - $0.time.seconds }
        }
        guard let usual = mostCommon(spans) else {
            throw DataError(
                path,
                "has one row\(groups.count > 1 ? " of each series" : ""): expected a series of at least two times"
            )
        }
        let times = groups.map { $0.rows.map(\.time) }
        if usual >= 28 * CalendarTime.day {
            let months = groups.flatMap { group in
                zip(group.rows, group.rows.dropFirst()).map {
                    $1.time.monthNumber - $0.time.monthNumber
                }
            }
            let isAligned = times.allSatisfy { times in
                times.allSatisfy { $0.secondOfDay == times[0].secondOfDay }
                    && (times.allSatisfy { $0.date.day == times[0].date.day }
                        || times.allSatisfy(\.isLastOfMonth))
            }
            if isAligned, let count = mostCommon(months), count > 0 { return .months(count) }
        }
        if usual == CalendarTime.day {
            let isBusiness = times.allSatisfy { times in
                times.allSatisfy { $0.weekday < 5 && $0.secondOfDay == times[0].secondOfDay }
            }
            // A series of one week from Monday to Friday is taken for daily.
            if isBusiness, spans.contains(where: { $0 >= 3 * CalendarTime.day }) {
                return .businessDays
            }
        }
        return .seconds(usual)
    }

    /// The most common of some numbers; of several the smallest.
    private static func mostCommon(_ numbers: [Int]) -> Int? {
        var counts: [Int: Int] = [:]
        for number in numbers { counts[number, default: 0] += 1 }
        return counts.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
    }

    // MARK: Steps

    private func placed(_ name: String, _ rows: [SeriesReader.Row]) throws(DataError) -> TimeSeries
    {
        let day = Self.monthDay(of: rows.map(\.time))
        var times: [CalendarTime] = []
        var lines: [Int?] = []
        var values = [[Double]](
            repeating: [], count: 1 + columns.covariates.count + columns.known.count)
        for (before, row) in zip([nil] + rows.map(Optional.some), rows) {
            let missing = try before.map { (before) throws(DataError) in
                try gap(from: before, to: row, Self.of(name), day)
            }
            for time in missing ?? [] {
                times.append(time)
                lines.append(nil)
                for column in values.indices { values[column].append(.nan) }
            }
            times.append(row.time)
            lines.append(row.line)
            for column in values.indices { values[column].append(row.values[column]) }
        }
        let split = 1 + columns.covariates.count
        return TimeSeries(
            name: name, times: times, target: values[0], covariates: Array(values[1..<split]),
            known: Array(values[split...]), lines: lines)
    }

    /// The times without a row between two rows, where they may be there.
    private func gap(
        from before: SeriesReader.Row, to row: SeriesReader.Row, _ name: String, _ day: Int?
    ) throws(DataError) -> [CalendarTime] {
        let place = "column \"\(columns.time)\": "
        guard let steps = step.count(from: before.time, to: row.time), steps > 0 else {
            throw DataError(
                path, line: row.line,
                place
                    + "\(row.time)\(name) is no whole number of steps after \(before.time) (line \(before.line)): the series is \(step); correct the time, or bring all values to even steps with --resample (say, --resample \(step.code))"
            )
        }
        guard steps > 1, rules.gaps != .closed else { return [] }
        let first = step.advance(before.time, by: 1, day: day)
        let span =
            steps == 2
            ? "\(first)\(name) has no row"
            : "\(steps - 1) steps\(name) from \(first) on have no row"
        guard rules.gaps == .missing else {
            let isHour = steps > 1 && row.time.seconds - before.time.seconds <= 2 * 3600
            throw DataError(
                path, line: row.line,
                place + span + " (the series is \(step)); "
                    + (isHour
                        ? "if clocks were put forward there for daylight saving, write all times in UTC; else "
                        : "")
                    + "fill in the rows, or keep the steps as missing with --gaps missing"
                    + (step == .businessDays
                        ? ", or leave closed days out with --gaps closed" : "")
            )
        }
        guard steps <= Self.mostSteps else {
            throw DataError(
                path, line: row.line,
                place + span + ": expected at most \(Self.mostSteps); correct the time")
        }
        guard columns.known.isEmpty else {
            throw DataError(
                path, line: row.line,
                place + span
                    + ": a missing step has no value of \"\(columns.known[0])\", and a --known covariate must be known in every step; fill in the rows"
            )
        }
        return (1..<steps).map { step.advance(before.time, by: $0, day: day) }
    }
}

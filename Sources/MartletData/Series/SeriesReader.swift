import Crypto

extension SeriesTable {
    /// Reads the series of a `.csv` or `.tsv` file with a line of names.
    ///
    /// An empty cell, `NA`, `N/A`, `NaN` and `null` are missing values. Nothing is dropped or filled in silence.
    ///
    /// - Parameters:
    ///   - columns: which columns are what; others are not read.
    ///   - rules: what to do about gaps and uneven spans.
    /// - Throws: ``DataError`` with line and column: a column or a value that is not there or cannot be read, times that
    ///   are not sorted, double, of several time zones, or not even.
    public static func read(
        _ path: String, columns: SeriesColumns, rules: SeriesRules = SeriesRules()
    ) throws(DataError) -> SeriesTable {
        var reader = try SeriesReader(path, columns)
        let rows = try reader.rows()
        let grid = try SeriesGrid(path, columns, rules, rows)
        return SeriesTable(
            source: path, columns: columns, step: grid.step, offset: reader.offset,
            series: grid.series)
    }

    /// A table of series that are in memory.
    public init(
        source: String, columns: SeriesColumns, step: SeriesStep, offset: Int? = nil,
        series: [TimeSeries]
    ) {
        self.source = source
        self.columns = columns
        self.step = step
        self.offset = offset
        self.series = series
        var hash = SHA256()
        func add(_ words: [UInt64]) {
            words.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        hash.update(data: Array(step.code.utf8))
        for part in series {
            // Lengths before the parts, so that no two tables can look the same.
            add([UInt64(part.name.utf8.count), UInt64(part.count)])
            hash.update(data: Array(part.name.utf8))
            add(part.times.map { UInt64(bitPattern: Int64($0.seconds)) })
            for column in [part.target] + part.covariates + part.known {
                add(column.map { $0.isNaN ? Double.nan.bitPattern : $0.bitPattern })
            }
        }
        sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Turns the records of a table into rows of numbers, series by series.
struct SeriesReader {
    /// One row of a file.
    struct Row {
        var line: Int
        var time: CalendarTime
        /// The target, the covariates, the known covariates.
        var values: [Double]
    }

    /// Minutes east of UTC; nil where the file does not say.
    private(set) var offset: Int?

    let columns: SeriesColumns
    private let path: String
    private var table: TableReader
    private let header: TableHeader
    private let timePlace: Int
    private let seriesPlace: Int?
    private let valuePlaces: [Int]

    init(_ path: String, _ columns: SeriesColumns) throws(DataError) {
        try self.init(path, columns, TableReader(path))
    }

    /// A reader of a table whose first record has the names.
    init(_ path: String, _ columns: SeriesColumns, _ table: TableReader) throws(DataError) {
        var table = table
        self.path = path
        self.columns = columns
        header = try table.header()
        self.table = table
        try header.check(
            duties: [columns.time, columns.target] + (columns.series.map { [$0] } ?? [])
                + columns.covariates + columns.known,
            flags: "--time, --target, --series, --covariates and --known")
        timePlace = try header.place(of: columns.time, flag: "--time")
        var place: Int?
        if let name = columns.series { place = try header.place(of: name, flag: "--series") }
        seriesPlace = place
        var places = [try header.place(of: columns.target, flag: "--target")]
        for name in columns.covariates {
            places.append(try header.place(of: name, flag: "--covariates"))
        }
        for name in columns.known {
            places.append(try header.place(of: name, flag: "--known"))
        }
        valuePlaces = places
    }

    /// The name of the series and the row of one record.
    mutating func named(
        _ record: TableReader.Record
    ) throws(DataError) -> (name: String, row: Row) {
        try header.check(record)
        let name = seriesPlace.map { record.fields[$0] } ?? ""
        if seriesPlace != nil, name.allSatisfy(\.isWhitespace) {
            throw DataError(
                path, line: record.line,
                "column \"\(columns.series ?? "")\" is empty: expected the name of a series")
        }
        return (name, try row(record))
    }

    /// All rows, by the series in the order of their first rows.
    mutating func rows() throws(DataError) -> [(name: String, rows: [Row])] {
        var names: [String: Int] = [:]
        var result: [(name: String, rows: [Row])] = []
        while let record = try table.next() {
            let (name, row) = try named(record)
            if let place = names[name] {
                result[place].rows.append(row)
            } else {
                names[name] = result.count
                result.append((name, [row]))
            }
        }
        guard !result.isEmpty else {
            throw DataError(path, "has names of columns but no row; give a series with values")
        }
        return result
    }

    private mutating func row(_ record: TableReader.Record) throws(DataError) -> Row {
        let text = record.fields[timePlace]
        guard let parsed = CalendarTime.parse(text) else {
            throw DataError(
                path, line: record.line,
                "column \"\(columns.time)\": \"\(text)\" is no time such as 2012-01-31, 2012-01-31 17:30 or 2012-01-31T17:30:00+01:00"
            )
        }
        try checkOffset(parsed.offset, record.line)
        var values: [Double] = []
        for (index, place) in valuePlaces.enumerated() {
            values.append(try value(record, place, isKnown: index > columns.covariates.count))
        }
        return Row(line: record.line, time: parsed.time, values: values)
    }

    private var seenOffset = false

    /// One clock for the whole file.
    private mutating func checkOffset(_ new: Int?, _ line: Int) throws(DataError) {
        defer { seenOffset = true }
        guard seenOffset, new != offset else {
            offset = new
            return
        }
        func name(_ offset: Int?) -> String {
            offset.map(CalendarTime.name(ofOffset:)) ?? "no time zone"
        }
        throw DataError(
            path, line: line,
            "column \"\(columns.time)\": the time has \(name(new)), those before have \(name(offset)): mixed time zones, or clocks that were changed for daylight saving; write all times on one clock, best in UTC"
        )
    }

    private func value(
        _ record: TableReader.Record, _ place: Int, isKnown: Bool
    ) throws(DataError) -> Double {
        let cell = record.fields[place]
        let column = header.names[place]
        guard let value = NumberCell.value(cell[...]), !value.isInfinite else {
            throw DataError(
                path, line: record.line,
                "column \"\(column)\": \"\(cell)\" is not a finite number; leave the cell empty where a value is missing"
            )
        }
        guard !(isKnown && value.isNaN) else {
            throw DataError(
                path, line: record.line,
                "column \"\(column)\" has no value: a --known covariate must be known in every row, in the future too; fill it in, or give it with --covariates"
            )
        }
        guard !(abs(value) >= 1e30) else {
            throw DataError(
                path, line: record.line,
                "column \"\(column)\": \(cell) is too large: expected values within ±1e30; correct it, or change the unit"
            )
        }
        return value
    }
}

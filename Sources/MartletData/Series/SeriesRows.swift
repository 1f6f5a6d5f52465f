/// Reads rows of series one at a time, as they come in on a pipe: a line of names, then a line for each row.
public struct SeriesRows {
    private let source: String
    private var reader: SeriesReader
    private var line = 1

    /// Rows below a line of names.
    ///
    /// - Parameter source: where they come from, for errors.
    /// - Throws: ``DataError`` for a column that is not there.
    public init(header: String, columns: SeriesColumns, source: String) throws(DataError) {
        self.source = source
        reader = try SeriesReader(source, columns, Self.table(header, source))
    }

    /// The next row, as a series of one step; nil for an empty line.
    ///
    /// - Throws: ``DataError`` with line and column, as for files.
    public mutating func next(_ text: String) throws(DataError) -> TimeSeries? {
        line += 1
        var table = Self.table(text, source)
        do throws(DataError) {
            guard var record = try table.next() else { return nil }
            record.line = line
            let (name, row) = try reader.named(record)
            let columns = reader.columns
            let split = 1 + columns.covariates.count
            return TimeSeries(
                name: name, times: [row.time], target: [row.values[0]],
                covariates: row.values[1..<split].map { [$0] },
                known: row.values[split...].map { [$0] }, lines: [line])
        } catch {
            // The table of one line counts from 1.
            throw DataError(source, line: line, error.problem)
        }
    }

    /// Minutes east of UTC of the rows so far; nil where they do not say.
    public var offset: Int? { reader.offset }

    private static func table(_ text: String, _ source: String) -> TableReader {
        TableReader(TextFile(path: source, bytes: Array(text.utf8)), isTabbed: false)
    }
}

/// The names of a table's columns.
struct TableHeader {
    /// The file.
    let path: String
    /// The line of the names, counted from 1.
    let line: Int
    /// The names, from left to right.
    let names: [String]

    /// Refuses a column with two duties.
    ///
    /// - Parameters:
    ///   - duties: the names of the columns that are to be read.
    ///   - flags: the flags that give them, for the message.
    func check(duties: [String], flags: String) throws(DataError) {
        if let twice = duties.indices.first(where: { duties[..<$0].contains(duties[$0]) }) {
            throw DataError(
                path,
                "column \"\(duties[twice])\" is named twice among \(flags): expected one duty for each"
            )
        }
    }

    /// The place of the one column of that name.
    ///
    /// - Parameter flag: the flag that chooses it, for the message.
    func place(of name: String, flag: String) throws(DataError) -> Int {
        let places = names.indices.filter { names[$0] == name }
        guard let place = places.first else {
            let all = names.map { "\"\($0)\"" }.joined(separator: ", ")
            throw DataError(
                path, line: line,
                "no column \"\(name)\"; there are \(all); choose one with \(flag)")
        }
        guard places.count == 1 else {
            throw DataError(
                path, line: line,
                "\(places.count) columns are called \"\(name)\": expected one; rename the others")
        }
        return place
    }

    /// Refuses a record with more or fewer fields than there are names.
    func check(_ record: TableReader.Record) throws(DataError) {
        guard record.fields.count != names.count else { return }
        throw DataError(
            path, line: record.line,
            "has \(record.fields.count) field\(record.fields.count == 1 ? "" : "s"): expected \(names.count), as in the first line"
        )
    }
}

/// A number as files have it.
enum NumberCell {
    /// The number, with white space around it or not, infinities included; NaN for a missing value, which is nothing, `NA`,
    /// `N/A`, `NaN` or `null`; nil for anything else.
    static func value(_ cell: Substring) -> Double? {
        var rest = cell
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        // Most are numbers: only what is none is compared with words.
        if let value = Double(rest), !value.isNaN { return value }
        return ["", "na", "n/a", "nan", "null"].contains(rest.lowercased()) ? .nan : nil
    }
}

/// Reads labelled series from CSV or TSV: a row for each step, with the case it belongs to, the label, and the channels.
enum CaseTable {
    /// The cases of a file.
    static func read(
        _ path: String, columns: CaseColumns, isLabelled: Bool
    ) throws(DataError) -> RawCases {
        var reader = try TableReader(path)
        let header = try reader.header()
        try header.check(
            duties: [columns.id, columns.label] + columns.channels,
            flags: "--case-column, --label-column and --channels")
        let id = try header.place(of: columns.id, flag: "--case-column")
        var label: Int?
        if isLabelled { label = try header.place(of: columns.label, flag: "--label-column") }
        let names =
            columns.channels.isEmpty
            ? header.names.filter { $0 != columns.id && $0 != columns.label } : columns.channels
        var channels: [Int] = []
        for name in names { channels.append(try header.place(of: name, flag: "--channels")) }
        guard !channels.isEmpty else {
            throw DataError(
                path, line: header.line,
                "there is no column beside case and label: expected channels")
        }
        var result = RawCases(source: path, channels: names)
        var current: RawCases.Item?
        var name = ""
        var seen: [String: Int] = [:]
        while let record = try reader.next() {
            try header.check(record)
            for (place, what) in [(id, "the name of a case"), (label ?? id, "a label")]
            where record.fields[place].allSatisfy(\.isWhitespace) {
                throw DataError(
                    path, line: record.line,
                    "column \"\(header.names[place])\" is empty: expected \(what)")
            }
            if current == nil || record.fields[id] != name {
                if let current { result.cases.append(current) }
                name = record.fields[id]
                if let line = seen.updateValue(record.line, forKey: name) {
                    throw DataError(
                        path, line: record.line,
                        "case \"\(name)\", which began on line \(line), goes on after another: sort the rows by case"
                    )
                }
                current = RawCases.Item(
                    line: record.line, label: label.map { record.fields[$0] } ?? "", length: 0,
                    values: [], lines: [])
            }
            if let label, record.fields[label] != current?.label {
                throw DataError(
                    path, line: record.line,
                    "case \"\(name)\" has the label \"\(record.fields[label])\" here and \"\(current?.label ?? "")\" on line \(current?.line ?? 0): expected one"
                )
            }
            for (name, channel) in zip(names, channels) {
                do throws(RawCases.Unusable) {
                    current?.values.append(try RawCases.number(record.fields[channel][...]))
                } catch {
                    throw DataError(
                        path, line: record.line, "column \"\(name)\" \(error.problem)")
                }
            }
            current?.length += 1
            current?.lines?.append(record.line)
        }
        if let current { result.cases.append(current) }
        return result
    }
}

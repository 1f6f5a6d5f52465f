/// Reads labelled series from CSV or TSV: a row for each step, with the case it belongs to, the label, and the channels.
enum CaseTable {
    /// The cases of a file.
    static func read(
        _ path: String, columns: CaseColumns, isLabelled: Bool
    ) throws(DataError) -> RawCases {
        let file = try TextFile(path)
        var reader = TableReader(file, isTabbed: path.lowercased().hasSuffix(".tsv"))
        guard let head = try reader.next() else {
            throw DataError(path, "is empty: expected a header")
        }
        let names = head.fields
        if let twice = names.indices.first(where: { names[..<$0].contains(names[$0]) }) {
            throw DataError(path, line: head.line, "column \"\(names[twice])\" is there twice")
        }
        func place(_ name: String) throws(DataError) -> Int {
            guard let place = names.firstIndex(of: name) else {
                throw DataError(
                    path, line: head.line,
                    "there is no column \"\(name)\": the columns are \(names.joined(separator: ", "))"
                )
            }
            return place
        }
        let id = try place(columns.id)
        let label = isLabelled ? try place(columns.label) : names.firstIndex(of: columns.label)
        var channels: [Int] = []
        for name in columns.channels { channels.append(try place(name)) }
        if columns.channels.isEmpty {
            channels = names.indices.filter { $0 != id && $0 != label }
        }
        guard !channels.isEmpty else {
            throw DataError(
                path, line: head.line, "there is no column beside case and label: expected channels"
            )
        }
        var result = RawCases(source: path, channels: channels.map { names[$0] })
        var current: RawCases.Item?
        var name = ""
        var seen: [String: Int] = [:]
        while let record = try reader.next() {
            guard record.fields.count == names.count else {
                throw DataError(
                    path, line: record.line,
                    "has \(record.fields.count) fields: expected \(names.count), as the header")
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
            for channel in channels {
                do throws(RawCases.Unusable) {
                    current?.values.append(try RawCases.number(Substring(record.fields[channel])))
                } catch {
                    throw DataError(
                        path, line: record.line, "column \"\(names[channel])\" \(error.problem)")
                }
            }
            current?.length += 1
            current?.lines?.append(record.line)
        }
        if let current { result.cases.append(current) }
        return result
    }
}

import MartletText

/// Where labelled texts are read from: a folder of two files, or a file of records.
enum LabelledSource {
    /// A text without the white space around it, and the name of its label.
    struct Text {
        var trimmed: [UInt8]
        var label: String
    }

    /// All texts, and the labels in their order if the source or the caller says it.
    static func read(
        _ path: String, columns: TextColumns, labels: [String]?
    ) throws(DataError) -> (texts: [Text], labels: [String]?) {
        if let labels,
            let twice = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) })
        {
            throw DataError(
                path, "label \"\(labels[twice])\" is given twice: expected each label once")
        }
        switch TextFile.suffix(of: path) {
        case "csv", "tsv":
            let texts = try table(path, columns, labels.map { Set($0) })
            return (texts, labels)
        case "jsonl", "ndjson":
            let texts = try jsonLines(path, columns, labels.map { Set($0) })
            return (texts, labels)
        default:
            return try folder(path, labels)
        }
    }

    // MARK: A folder

    private static func folder(
        _ path: String, _ labels: [String]?
    ) throws(DataError) -> (texts: [Text], labels: [String]?) {
        switch FileKind(path) {
        case .missing(let reason):
            throw DataError(path, "cannot be read: \(reason); check the path")
        case .file:
            throw DataError(
                path,
                "is of an unknown kind: expected a folder with pos.txt and neg.txt, or a .csv, .tsv or .jsonl file"
            )
        case .folder: break
        }
        let names = ["neg.txt", "pos.txt"]
        let absent = names.filter {
            if case .missing = FileKind(path + "/" + $0) { true } else { false }
        }
        guard absent.isEmpty else {
            throw DataError(
                path,
                "has no \(absent.joined(separator: " and no ")): expected pos.txt and neg.txt with a text a line"
            )
        }
        var halves: [[[UInt8]]] = []
        for name in names {
            let texts = try TextFile(path + "/" + name).lines.map(trimmed)
            // There is nothing to learn from one label alone; known labels are there to be judged.
            if labels == nil, texts.allSatisfy(\.isEmpty) {
                throw DataError(path + "/" + name, "is empty: expected a text a line")
            }
            halves.append(texts)
        }
        if let labels, labels.count != 2 {
            throw DataError(
                path,
                "holds two labels, negative and positive: expected the \(labels.count) labels \(labels.joined(separator: ", "))"
            )
        }
        let sample = halves.joined().lazy.map { String(decoding: $0, as: UTF8.self) }
        let used = labels ?? (isMostlyCJK(sample) ? ["消极", "积极"] : ["negative", "positive"])
        let texts = zip(used, halves).flatMap { label, texts in
            texts.map { Text(trimmed: $0, label: label) }
        }
        return (texts, used)
    }

    // MARK: Files of records

    private static func table(
        _ path: String, _ columns: TextColumns, _ known: Set<String>?
    ) throws(DataError) -> [Text] {
        var reader = try TableReader(path)
        let header = try reader.header()
        let text = try header.place(of: columns.text, flag: "--text-column")
        let label = try header.place(of: columns.label, flag: "--label-column")
        var texts: [Text] = []
        while let record = try reader.next() {
            try header.check(record)
            try check(record.fields[label], known, path, record.line)
            texts.append(
                Text(
                    trimmed: trimmed(Array(record.fields[text].utf8)[...]),
                    label: record.fields[label]))
        }
        return texts
    }

    private static func jsonLines(
        _ path: String, _ columns: TextColumns, _ known: Set<String>?
    ) throws(DataError) -> [Text] {
        let file = try TextFile(path)
        var texts: [Text] = []
        for (index, line) in file.lines.enumerated() where !trimmed(line).isEmpty {
            let found: (text: String?, label: String?)
            do {
                found = try line.withUnsafeBufferPointer { try jsonRecord($0, columns) }
            } catch let error as JSONReaderError {
                throw DataError(
                    path, line: index + 1,
                    "byte \(error.offset + 1): \(error.reason): expected an object such as {\"\(columns.text)\": \"…\", \"\(columns.label)\": \"…\"}"
                )
            } catch {
                throw DataError(path, line: index + 1, "\(error)")
            }
            guard let text = found.text, let label = found.label else {
                let key = found.text == nil ? columns.text : columns.label
                throw DataError(
                    path, line: index + 1,
                    "the object has no \"\(key)\"; choose the keys with --text-column and --label-column"
                )
            }
            try check(label, known, path, index + 1)
            texts.append(Text(trimmed: trimmed(Array(text.utf8)[...]), label: label))
        }
        if texts.isEmpty { throw DataError(path, "is empty") }
        return texts
    }

    /// The text and the label of one object; numbers and booleans are labels, too.
    private static func jsonRecord(
        _ bytes: UnsafeBufferPointer<UInt8>, _ columns: TextColumns
    ) throws(JSONReaderError) -> (text: String?, label: String?) {
        var reader = JSONReader(bytes)
        var text: String?
        var label: String?
        try reader.object { (key, reader) throws(JSONReaderError) in
            if key == columns.text {
                text = try reader.string()
            } else if key == columns.label {
                label = try scalar(&reader)
            } else {
                try reader.skipValue()
            }
        }
        try reader.expectEnd()
        return (text, label)
    }

    private static func scalar(_ reader: inout JSONReader) throws(JSONReaderError) -> String {
        switch reader.peek() {
        case UInt8(ascii: "\""): return try reader.string()
        case UInt8(ascii: "t"):
            try reader.word("true")
            return "true"
        case UInt8(ascii: "f"):
            try reader.word("false")
            return "false"
        default: return try reader.number()
        }
    }

    private static func check(
        _ label: String, _ known: Set<String>?, _ path: String, _ line: Int
    ) throws(DataError) {
        if trimmed(Array(label.utf8)[...]).isEmpty {
            throw DataError(path, line: line, "the label is empty")
        }
        guard let known, !known.contains(label) else { return }
        throw DataError(
            path, line: line,
            "label \"\(label)\" is not one of \(known.sorted().joined(separator: ", "))")
    }

    // MARK: Bytes

    /// The bytes without the white space at both ends.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var rest = bytes
        while let first = rest.first, first <= 0x20 { rest.removeFirst() }
        while let last = rest.last, last <= 0x20 { rest.removeLast() }
        // Only a byte that can belong to a wide space makes the slower look worth while.
        let isPlain = { (byte: UInt8?) in
            byte.map { ![0xC2, 0xE1, 0xE2, 0xE3].contains($0) } ?? true
        }
        let lastLead = rest.suffix(3).first { $0 >= 0xC2 }
        if isPlain(rest.first), isPlain(lastLead) { return Array(rest) }
        let text = String(decoding: rest, as: UTF8.self)
        let scalars = text.unicodeScalars
        guard let start = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let end = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return [] }
        return Array(text[start..<scalars.index(after: end)].utf8)
    }
}

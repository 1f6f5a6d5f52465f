/// Cuts CSV (RFC 4180) and TSV into records.
struct TableReader {
    /// One record and the line it begins on, counted from 1.
    struct Record {
        var line: Int
        var fields: [String]
    }

    private let path: String
    private let bytes: [UInt8]
    private let separator: UInt8
    /// TSV has no quotes: a quotation mark is a character like any other.
    private let hasQuotes: Bool
    private var place = 0
    private var line = 1

    /// A reader of comma- or tab-separated values.
    init(_ file: TextFile, isTabbed: Bool) {
        path = file.path
        bytes = file.bytes
        separator = isTabbed ? 0x09 : 0x2C
        hasQuotes = !isTabbed
    }

    /// A reader of a file: with tabs if it is called `.tsv`, else with commas.
    ///
    /// - Throws: ``DataError`` if the file cannot be read, or is no UTF-8.
    init(_ path: String) throws(DataError) {
        self.init(try TextFile(path), isTabbed: TextFile.suffix(of: path) == "tsv")
    }

    /// The next record, which has the names of the columns.
    ///
    /// - Throws: ``DataError`` if there is none.
    mutating func header() throws(DataError) -> TableHeader {
        guard let record = try next() else {
            throw DataError(path, "is empty: expected a first line with the names of the columns")
        }
        return TableHeader(path: path, line: record.line, names: record.fields)
    }

    /// The next record that is not an empty line; nil at the end.
    mutating func next() throws(DataError) -> Record? {
        while place < bytes.count, bytes[place] == 0x0A || bytes[place] == 0x0D {
            if bytes[place] == 0x0A { line += 1 }
            place += 1
        }
        guard place < bytes.count else { return nil }
        var record = Record(line: line, fields: [])
        while true {
            record.fields.append(
                hasQuotes && place < bytes.count && bytes[place] == 0x22
                    ? try quotedField() : plainField())
            guard place < bytes.count, bytes[place] == separator else { break }
            place += 1
        }
        if place < bytes.count, bytes[place] == 0x0D { place += 1 }
        guard place == bytes.count || bytes[place] == 0x0A else {
            throw DataError(
                path, line: line,
                "text follows a closing quotation mark: expected the next field; write a quotation mark inside a quoted field twice"
            )
        }
        if place < bytes.count {
            place += 1
            line += 1
        }
        return record
    }

    private mutating func plainField() -> String {
        let start = place
        while place < bytes.count, bytes[place] != separator, bytes[place] != 0x0A { place += 1 }
        var end = place
        if end > start, end == bytes.count || bytes[end] == 0x0A, bytes[end - 1] == 0x0D {
            end -= 1
        }
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private mutating func quotedField() throws(DataError) -> String {
        let opened = line
        var field: [UInt8] = []
        place += 1
        while place < bytes.count {
            let byte = bytes[place]
            place += 1
            if byte == 0x22 {
                guard place < bytes.count, bytes[place] == 0x22 else {
                    return String(decoding: field, as: UTF8.self)
                }
                place += 1
            } else if byte == 0x0A {
                line += 1
            }
            field.append(byte)
        }
        throw DataError(
            path, line: opened,
            "a quoted field that begins here never ends; close it, or double the quotation marks in it"
        )
    }
}

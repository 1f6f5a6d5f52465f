import MartletText

/// What a line of standard input may be.
enum JSONLine {
    /// The line as text.
    static func text(_ line: ArraySlice<UInt8>, number: Int) throws -> String {
        try LineReader.text(line, number: number, of: "standard input")
    }

    /// The JSON string that the line is.
    static func string(_ line: ArraySlice<UInt8>, number: Int) throws -> String {
        try read(line, number, "a JSON string") { (reader) throws(JSONReaderError) in
            let text = try reader.string()
            try reader.expectEnd()
            return text
        }
    }

    /// The numbers of a line: a JSON array, or with spaces between them.
    static func numbers(_ line: ArraySlice<UInt8>, number: Int, limit: Int) throws -> [Int32] {
        var ids: [Int32] = []
        func add(_ value: Int) throws {
            guard (0..<limit).contains(value) else {
                throw InputError(
                    description:
                        "standard input:\(number): \(value) is not a token: expected numbers from 0 to \(limit - 1)"
                )
            }
            ids.append(Int32(value))
        }
        guard line.first(where: { $0 != 0x20 }) == 0x5B else {
            for field in try text(line, number: number).split(whereSeparator: \.isWhitespace) {
                guard let value = Int(field) else {
                    throw InputError(
                        description:
                            "standard input:\(number): \"\(field)\" is not a number; give token numbers"
                    )
                }
                try add(value)
            }
            return ids
        }
        let values = try read(line, number, "a JSON array of numbers") {
            (reader) throws(JSONReaderError) in
            var values: [Int] = []
            try reader.array { (reader) throws(JSONReaderError) in
                values.append(try reader.integer())
            }
            try reader.expectEnd()
            return values
        }
        for value in values { try add(value) }
        return ids
    }

    private static func read<Value>(
        _ line: ArraySlice<UInt8>, _ number: Int, _ wanted: String,
        _ body: (inout JSONReader) throws(JSONReaderError) -> Value
    ) throws -> Value {
        _ = try text(line, number: number)
        return try line.withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes)
            do throws(JSONReaderError) {
                return try body(&reader)
            } catch {
                throw InputError(
                    description:
                        "standard input:\(number): byte \(error.offset + 1): \(error.reason); expected \(wanted)"
                )
            }
        }
    }
}

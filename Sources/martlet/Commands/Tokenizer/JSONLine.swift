import MartletStore
import MartletText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The lines of standard input, all that are there at once.
struct InputLines {
    private var rest: [UInt8] = []
    private var isAtEnd = false
    /// The bytes read at once.
    private static let blockSize = 1 << 20

    /// The next lines without their ends, at least one; nil after the last.
    mutating func next() throws -> [ArraySlice<UInt8>]? {
        while !isAtEnd {
            let searched = rest.count
            try fill()
            guard let last = rest[searched...].lastIndex(of: 0x0A) else { continue }
            let block = rest[..<last]
            rest = Array(rest[(last + 1)...])
            return Self.lines(block)
        }
        guard !rest.isEmpty else { return nil }
        defer { rest = [] }
        return Self.lines(rest[...])
    }

    private mutating func fill() throws {
        var chunk = [UInt8](repeating: 0, count: Self.blockSize)
        let count = chunk.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            throw StoreError.unreadable(
                path: "standard input", reason: String(cString: strerror(errno)))
        }
        isAtEnd = count == 0
        rest.append(contentsOf: chunk[..<count])
    }

    private static func lines(_ block: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        block.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            $0.last == 0x0D ? $0.dropLast() : $0
        }
    }
}

/// What a line of standard input may be.
enum JSONLine {
    /// The line as text.
    static func text(_ line: ArraySlice<UInt8>, number: Int) throws -> String {
        guard let text = String(validating: line, as: UTF8.self) else {
            throw InputError(
                description:
                    "standard input:\(number): not UTF-8 text; convert it (iconv -t UTF-8)")
        }
        return text
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

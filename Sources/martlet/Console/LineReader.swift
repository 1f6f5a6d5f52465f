import MartletStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The lines of a file or of standard input, given out as soon as they are there.
struct LineReader: ~Copyable {
    private let name: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    /// Where the next line begins, and from where on its end is to be looked for.
    private var start = 0
    private var searched = 0
    /// The bytes read at once.
    private static let blockSize = 1 << 20
    private var isAtEnd = false
    private var line = 0

    /// Opens a file; nil: standard input.
    init(path: String?) throws {
        name = path ?? "standard input"
        descriptor =
            try path.map { path in
                let descriptor = open(path, O_RDONLY | O_CLOEXEC)
                guard descriptor >= 0 else {
                    throw StoreError.unreadable(
                        path: path, reason: String(cString: strerror(errno)))
                }
                return descriptor
            } ?? STDIN_FILENO
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The next line without its end; nil after the last one.
    mutating func next() throws -> String? {
        while true {
            if let end = buffer[searched...].firstIndex(of: 0x0A) {
                defer { skip(to: end + 1) }
                return try decoded(buffer[start..<end])
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { skip(to: buffer.count) }
                return try decoded(buffer[start...])
            }
            try fill()
        }
    }

    /// The next lines without their ends, all that are there at once; nil after the last ones.
    mutating func nextLines() throws -> [ArraySlice<UInt8>]? {
        while true {
            if let last = buffer[searched...].lastIndex(of: 0x0A) {
                defer { skip(to: last + 1) }
                return lines(buffer[start..<last])
            }
            searched = buffer.count
            if isAtEnd {
                guard start < buffer.count else { return nil }
                defer { skip(to: buffer.count) }
                return lines(buffer[start...])
            }
            try fill()
        }
    }

    private mutating func skip(to place: Int) {
        start = place
        searched = place
    }

    private mutating func fill() throws {
        buffer.removeFirst(start)
        searched -= start
        start = 0
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: Self.blockSize) { bytes, filled in
            count = read(descriptor, bytes.baseAddress, bytes.count)
            filled = max(0, count)
        }
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            throw StoreError.unreadable(path: name, reason: String(cString: strerror(errno)))
        }
        isAtEnd = count == 0
        buffer.append(contentsOf: chunk)
    }

    private mutating func lines(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(
            Self.withoutReturn)
        line += lines.count
        return lines
    }

    private mutating func decoded(_ bytes: ArraySlice<UInt8>) throws -> String {
        line += 1
        return try Self.text(Self.withoutReturn(bytes), number: line, of: name)
    }

    private static func withoutReturn(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.last == 0x0D ? line.dropLast() : line
    }

    /// Line `number` of `name` as text.
    ///
    /// - Throws: ``InputError`` where it is not UTF-8.
    static func text(_ line: ArraySlice<UInt8>, number: Int, of name: String) throws -> String {
        guard let text = String(validating: line, as: UTF8.self) else {
            throw InputError(
                description: "\(name):\(number): not UTF-8 text; convert it (iconv -t UTF-8)")
        }
        return text
    }
}

/// Input that cannot be used: what, where, and what to do.
struct InputError: Error, CustomStringConvertible {
    let description: String
}

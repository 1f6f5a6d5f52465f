import MartletStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The lines of a file or of standard input, each given out as soon as it is there.
struct LineReader: ~Copyable {
    private let name: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
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
            if let end = buffer.firstIndex(of: 0x0A) {
                let text = try decoded(buffer[..<end])
                buffer.removeSubrange(...end)
                return text
            }
            if isAtEnd {
                guard !buffer.isEmpty else { return nil }
                defer { buffer = [] }
                return try decoded(buffer[...])
            }
            try fill()
        }
    }

    private mutating func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return }
        guard count >= 0 else {
            throw StoreError.unreadable(path: name, reason: String(cString: strerror(errno)))
        }
        isAtEnd = count == 0
        buffer.append(contentsOf: chunk[..<count])
    }

    private mutating func decoded(_ bytes: ArraySlice<UInt8>) throws -> String {
        line += 1
        let rest = bytes.last == 0x0D ? bytes.dropLast() : bytes
        guard let text = String(validating: rest, as: UTF8.self) else {
            throw InputError(
                description: "\(name):\(line): not UTF-8 text; convert it (iconv -t UTF-8)")
        }
        return text
    }
}

/// Input that cannot be used: what, where, and what to do.
struct InputError: Error, CustomStringConvertible {
    let description: String
}

import MartletText

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The bytes of a text file: UTF-8 without a byte order mark and without NUL.
struct TextFile {
    let path: String
    let bytes: [UInt8]

    /// A text that is in memory; `path` says in errors where it comes from.
    init(path: String, bytes: [UInt8]) {
        self.path = path
        self.bytes = bytes
    }

    /// Reads and checks a file.
    init(_ path: String) throws(DataError) {
        self.path = path
        var bytes = try Self.read(path)
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw DataError(
                path, "is UTF-16: expected UTF-8; convert it (iconv -f UTF-16 -t UTF-8)")
        }
        self.bytes = bytes
        if let place = Self.firstInvalid(bytes) {
            let line = 1 + bytes[..<place].count { $0 == 0x0A }
            let start = bytes[..<place].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            let byte = String(bytes[place], radix: 16, uppercase: true)
            throw DataError(
                path, line: line,
                "byte \(place - start + 1) of the line (0x\(byte.count == 1 ? "0" : "")\(byte)) is not UTF-8 text; convert the file (iconv -t UTF-8) or remove the line"
            )
        }
    }

    /// What stands behind the last dot of a path's last part, in small letters; empty where there is none.
    static func suffix(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: ".") else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }

    /// The bytes of a file.
    static func read(_ path: String) throws(DataError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(path) }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw DataError(path, "is a folder: expected a file")
        }
        var bytes = [UInt8](repeating: 0, count: max(Int(status.st_size), 1 << 16))
        var filled = 0
        while true {
            if filled == bytes.count {
                bytes.append(contentsOf: [UInt8](repeating: 0, count: filled))
            }
            let count = bytes.withUnsafeMutableBytes {
                readSome(descriptor, $0.baseAddress! + filled, $0.count - filled)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(path) }
            if count == 0 { break }
            filled += count
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }

    private static func failure(_ path: String) -> DataError {
        DataError(
            path,
            "cannot be read: \(String(cString: strerror(errno))); check the path and the permissions"
        )
    }

    /// The first byte that is not part of valid UTF-8, or is NUL.
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        let places = [bytes.withUnsafeBufferPointer(firstInvalidUTF8), bytes.firstIndex(of: 0)]
        return places.compactMap { $0 }.min()
    }

    /// The lines without their ends (LF or CRLF); no empty one after the last end.
    var lines: [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
            let hasReturn = end > start && bytes[end - 1] == 0x0D
            lines.append(bytes[start..<(hasReturn ? end - 1 : end)])
            start = end + 1
        }
        return lines
    }
}

/// `read(2)`, under a name that a method called `read` does not hide.
private func readSome(_ descriptor: Int32, _ to: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, to, count)
}

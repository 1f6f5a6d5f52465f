#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Bytes from a file, a pipe or memory, in order, with memory for some of them only.
public struct ByteReader: ~Copyable {
    /// What it is, for messages.
    public let name: String
    private let descriptor: Int32
    private let isStopped: @Sendable () -> Bool
    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false
    /// Whether this was the last read, because of a stop.
    private var isLast = false
    /// How many bytes were taken.
    private(set) var position = 0

    /// Opens a file.
    ///
    /// - Throws: ``DataError``.
    public init(path: String) throws(DataError) {
        name = path
        isStopped = { false }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
        if status.st_mode & S_IFMT == S_IFDIR {
            throw DataError(path, "is a folder: expected a WAV file")
        }
    }

    /// Reads standard input, until its end or until `isStopped` says so, which is asked ten times a second.
    public init(standardInputUntil isStopped: @escaping @Sendable () -> Bool) {
        name = "standard input"
        self.isStopped = isStopped
        descriptor = STDIN_FILENO
    }

    deinit {
        if descriptor > STDIN_FILENO { close(descriptor) }
    }

    private static func failure(_ path: String) -> DataError {
        DataError(
            path,
            "cannot be read: \(String(cString: strerror(errno))); check the path and the permissions"
        )
    }

    /// The bytes that were read and not taken yet.
    private var available: Int { buffer.count - start }

    /// Waits for more bytes; false at the end.
    private mutating func fill() throws(DataError) -> Bool {
        if isAtEnd { return false }
        if start > 0 {
            buffer.removeFirst(start)
            start = 0
        }
        let old = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: 1 << 16))
        let new = try receive(from: old)
        buffer.removeLast(buffer.count - old - new)
        isAtEnd = new == 0
        return !isAtEnd
    }

    private mutating func receive(from place: Int) throws(DataError) -> Int {
        while true {
            let stops = isStopped()
            if stops, isLast { return 0 }
            var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // What came before the stop is still read.
            let ready = poll(&wait, 1, stops ? 0 : 100)
            if stops, ready == 0 { return 0 }
            // A signal ends the waiting too: there may be nothing to read.
            if ready == 0 || (ready < 0 && errno == EINTR) { continue }
            isLast = stops
            let count = buffer.withUnsafeMutableBytes {
                readSome(descriptor, $0.baseAddress! + place, $0.count - place)
            }
            if count >= 0 { return count }
            guard errno == EINTR || errno == EAGAIN else { throw Self.failure(name) }
        }
    }

    /// The next bytes, without taking them; fewer at the end.
    mutating func peek(_ count: Int) throws(DataError) -> [UInt8] {
        while available < count, try fill() {}
        return Array(buffer[start..<start + min(count, available)])
    }

    /// The next bytes; fewer at the end.
    mutating func take(_ count: Int) throws(DataError) -> [UInt8] {
        let bytes = try peek(count)
        start += bytes.count
        position += bytes.count
        return bytes
    }

    /// Leaves bytes out; gives how many there were.
    mutating func skip(_ count: Int) throws(DataError) -> Int {
        var left = count
        while left > 0 {
            if available == 0, try !fill() { break }
            let step = min(left, available)
            start += step
            position += step
            left -= step
        }
        return count - left
    }

    /// Whole units of bytes, as many as are there now, `most` at the most; none at the end.
    ///
    /// - Returns: the bytes; what is less than a unit at the end stays.
    mutating func takeUnits(of size: Int, atMost most: Int) throws(DataError) -> [UInt8] {
        while available < size, try fill() {}
        return try take(min(available / size, most) * size)
    }

    /// The bytes left after the last whole unit: only where nothing more comes.
    var remainder: Int { available }
}

/// `read(2)`, under a name that a method called `read` does not hide.
private func readSome(_ descriptor: Int32, _ to: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, to, count)
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whole lines of one file.
struct CorpusBlock: Sendable {
    /// The file's number.
    let file: Int
    /// The lines with their ends.
    var bytes: [UInt8]

    /// The error that tells of the first byte that is not UTF-8, if there is one.
    func invalidByte(path: String, linesBefore: Int) -> TokenizerTrainingError? {
        guard let place = bytes.withUnsafeBufferPointer(firstInvalidUTF8) else { return nil }
        let before = bytes[..<place]
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return .notUTF8(
            path: path, line: linesBefore + before.count { $0 == 0x0A } + 1,
            byte: place - start + 1, value: bytes[place])
    }
}

/// Reads files one after the other in blocks of whole lines, so that no file needs to fit into memory.
struct CorpusReader: ~Copyable {
    /// The files.
    let paths: [String]
    /// The bytes of all files, as far as they are known before they are read.
    let totalBytes: Int
    private let blockSize: Int
    private var file = -1
    private var descriptor: Int32 = -1
    /// The start of a line whose end is not read yet.
    private var rest: [UInt8] = []
    private var isAtStart = true

    /// Opens each file once, to tell early which cannot be read.
    init(_ paths: [String], blockSize: Int) throws(TokenizerTrainingError) {
        self.paths = paths
        self.blockSize = blockSize
        var total = 0
        for path in paths {
            let descriptor = try Self.open(path)
            var status = stat()
            if fstat(descriptor, &status) == 0 { total += Int(status.st_size) }
            close(descriptor)
        }
        totalBytes = total
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The next lines: about as many bytes as a block has, more where a line is longer. Nil at the end.
    mutating func next() throws(TokenizerTrainingError) -> CorpusBlock? {
        while true {
            if descriptor < 0 {
                guard file + 1 < paths.count else { return nil }
                file += 1
                descriptor = try Self.open(paths[file])
                isAtStart = true
            }
            var bytes = rest
            rest = []
            var isAtEnd = false
            while !isAtEnd {
                let before = bytes.count
                isAtEnd = try read(into: &bytes)
                if let last = bytes[before...].lastIndex(of: 0x0A), !isAtEnd {
                    rest = Array(bytes[(last + 1)...])
                    bytes.removeLast(bytes.count - last - 1)
                    break
                }
            }
            if isAtEnd {
                close(descriptor)
                descriptor = -1
            }
            if isAtStart {
                isAtStart = false
                if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
            }
            if !bytes.isEmpty { return CorpusBlock(file: file, bytes: bytes) }
        }
    }

    /// Appends a block; whether that was the end of the file.
    private mutating func read(into bytes: inout [UInt8]) throws(TokenizerTrainingError) -> Bool {
        let start = bytes.count
        let wanted = blockSize
        bytes.reserveCapacity(start + wanted)
        var failure: Int32 = 0
        let (descriptor, path) = (self.descriptor, paths[file])
        let chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
            filled = 0
            while filled < wanted {
                let count = readSome(descriptor, buffer.baseAddress! + filled, wanted - filled)
                if count < 0, errno == EINTR { continue }
                if count < 0 { failure = errno }
                if count <= 0 { break }
                filled += count
            }
        }
        guard failure == 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(failure)))
        }
        bytes.append(contentsOf: chunk)
        return chunk.count < wanted
    }

    private static func open(_ path: String) throws(TokenizerTrainingError) -> Int32 {
        let descriptor = openFile(path)
        guard descriptor >= 0 else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw .unreadable(path: path, reason: "it is a folder, expected a file")
        }
        return descriptor
    }
}

/// `open(2)`, under a name that a method called `open` does not hide.
private func openFile(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

/// `read(2)`, under a name that a method called `read` does not hide.
private func readSome(_ descriptor: Int32, _ to: UnsafeMutableRawPointer, _ count: Int) -> Int {
    read(descriptor, to, count)
}

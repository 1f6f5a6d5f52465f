#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Every way in which a save changes the file system, one system call at a time.
///
/// Each change is announced before it is made, so that a test can let any of them fail, or let the
/// process "die" there: then all later ones fail too.
struct FileChanges: Sendable {
    /// A change about to be made.
    enum Change: Sendable {
        case createFolder, createFile, write, synchronise, rename, remove
    }

    /// The most bytes handed to the system at once.
    var largestWrite = 16 << 20
    /// Told of each change and its path; what it throws stands for a failed system call.
    var announce: @Sendable (Change, String) throws(SystemFailure) -> Void = { (_, _) in }

    /// Creates a folder, and the folders above it; one that exists already is fine.
    func createFolder(_ path: String) throws(SystemFailure) {
        if Self.isFolder(path) { return }
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
            try createFolder(String(path[..<slash]))
        }
        try announce(.createFolder, path)
        if mkdir(path, 0o777) == 0 { return }
        guard errno == EEXIST else { throw .last(path) }
        // A link to a folder will do; a file in its place will not.
        guard Self.leadsToFolder(path) else { throw SystemFailure(path: path, code: ENOTDIR) }
    }

    /// Writes a new file piece by piece and waits until it is on the disk.
    ///
    /// - Parameter pieces: calls its argument with each piece, in order.
    func writeFile(
        _ path: String,
        pieces: ((UnsafeRawBufferPointer) throws(SystemFailure) -> Void) throws -> Void
    ) throws {
        try announce(.createFile, path)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw SystemFailure.last(path) }
        defer { close(descriptor) }
        try pieces { (piece) throws(SystemFailure) in
            var rest = piece[...]
            while !rest.isEmpty {
                try announce(.write, path)
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(largestWrite))
                let written = write(descriptor, part.baseAddress, part.count)
                if written < 0, errno == EINTR { continue }
                guard written > 0 else { throw .last(path) }
                rest = rest.dropFirst(written)
            }
        }
        try synchronise(descriptor, path)
    }

    /// Waits until a folder's list of files is on the disk.
    func synchroniseFolder(_ path: String) throws(SystemFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last(path) }
        defer { close(descriptor) }
        try synchronise(descriptor, path)
    }

    private func synchronise(_ descriptor: Int32, _ path: String) throws(SystemFailure) {
        try announce(.synchronise, path)
        // Some network file systems cannot synchronise a folder and say so by EINVAL.
        guard fsync(descriptor) == 0 || errno == EINVAL else { throw .last(path) }
    }

    /// Renames a file or folder; a file that has the new name is replaced in one instant.
    func rename(_ path: String, to newPath: String) throws(SystemFailure) {
        try announce(.rename, newPath)
        #if canImport(Glibc)
            let result = Glibc.rename(path, newPath)
        #elseif canImport(Musl)
            let result = Musl.rename(path, newPath)
        #else
            let result = Darwin.rename(path, newPath)
        #endif
        guard result == 0 else { throw .last(newPath) }
    }

    /// Removes a file, or a folder of files.
    func remove(_ path: String) throws(SystemFailure) {
        if Self.isFolder(path) {
            for name in Self.names(in: path) { try remove(path + "/" + name) }
            try removeEmptyFolder(path)
        } else {
            try announce(.remove, path)
            guard unlink(path) == 0 else { throw .last(path) }
        }
    }

    /// Removes a folder; one that holds anything stays.
    func removeEmptyFolder(_ path: String) throws(SystemFailure) {
        try announce(.remove, path)
        guard rmdir(path) == 0 else { throw .last(path) }
    }
}

extension FileChanges {
    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Whether it is a folder itself, not a link to one.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Whether it is a folder or a link to one.
    static func leadsToFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names of what lies in a folder, sorted; none if it cannot be read.
    static func names(in folder: String) -> [String] {
        guard let stream = opendir(folder) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// A suffix that no other save uses.
    static func uniqueSuffix() -> String {
        String(getpid()) + "-" + String(UInt64.random(in: .min ... .max), radix: 36)
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Whole files, read with the C library straight into an array: Foundation's readers give `Data`, which would be copied.
enum FileBytes {
    /// The content of the file at `path`.
    ///
    /// Throws ``PipelineError/unreadable(path:reason:)``.
    static func read(_ path: String) throws(PipelineError) -> [UInt8] {
        guard !isFolder(path) else { throw .unreadable(path: path, reason: "is a folder") }
        guard let file = fopen(path, "rb") else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var status = stat()
        let size = fstat(fileno(file), &status) == 0 ? Int(status.st_size) : 0
        var bytes: [UInt8] = []
        let chunk = max(1 << 16, size + 1)
        while true {
            let part = [UInt8](unsafeUninitializedCapacity: chunk) { buffer, count in
                count = fread(buffer.baseAddress!, 1, chunk, file)
            }
            if bytes.isEmpty { bytes = part } else { bytes += part }
            if part.count < chunk { break }
        }
        guard ferror(file) == 0 else {
            throw .unreadable(path: path, reason: "reading failed after \(bytes.count) bytes")
        }
        return bytes
    }

    /// Whether there is a file at `path`.
    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Whether there is a folder at `path`.
    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// The names in the folder at `path`, sorted.
    ///
    /// Throws ``PipelineError/unreadable(path:reason:)``.
    static func names(in path: String) throws(PipelineError) -> [String] {
        guard let folder = opendir(path) else {
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            names.append(name)
        }
        return names.sorted()
    }
}

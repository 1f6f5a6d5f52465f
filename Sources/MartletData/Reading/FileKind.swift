#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a path leads to.
enum FileKind {
    case file
    case folder
    /// Nothing that can be looked at, with the system's reason.
    case missing(String)

    init(_ path: String) {
        var status = stat()
        if stat(path, &status) != 0 {
            self = .missing(String(cString: strerror(errno)))
        } else {
            self = status.st_mode & S_IFMT == S_IFDIR ? .folder : .file
        }
    }
}

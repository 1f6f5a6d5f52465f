#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A system call that failed.
struct SystemFailure: Error {
    /// The path it was about.
    var path: String
    /// The value of `errno`.
    var code: Int32

    /// What the last system call of this thread set.
    static func last(_ path: String) -> SystemFailure {
        SystemFailure(path: path, code: errno)
    }

    /// The system's words for it.
    var reason: String { String(cString: strerror(code)) }

    /// No space, or no more allowed.
    var isDiskFull: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }

    /// As the error of a save.
    func saving(kept: StoreError.Kept) -> StoreError {
        .unwritable(path: path, reason: reason, isDiskFull: isDiskFull, kept: kept)
    }

    /// As the error of a read.
    var reading: StoreError { .unreadable(path: path, reason: reason) }
}

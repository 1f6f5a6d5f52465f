import MartletStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output: a line is there as soon as it is written, for who reads it live.
enum Output {
    /// Writes a text and the end of its line.
    ///
    /// - Throws: `StoreError.unwritable`, on a full disk for example.
    static func line(_ text: String) throws { try write(text + "\n") }

    /// Writes a text.
    ///
    /// - Throws: `StoreError.unwritable`, on a full disk for example.
    static func write(_ text: String) throws {
        guard let code = Terminal.write(text, to: STDOUT_FILENO) else { return }
        throw StoreError.unwritable(
            path: "standard output", reason: String(cString: strerror(code)),
            isDiskFull: code == ENOSPC, kept: .previous)
    }
}

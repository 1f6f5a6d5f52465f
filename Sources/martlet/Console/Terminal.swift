#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the terminal can do, and writing to it.
enum Terminal {
    /// Whether standard output shows colours: it is a terminal, and NO_COLOR (no-color.org) is not set.
    static var isColourful: Bool { isatty(STDOUT_FILENO) != 0 && getenv("NO_COLOR") == nil }

    /// Whether standard error is a terminal, on which a line can be rewritten.
    static var hasLiveErrors: Bool { isatty(STDERR_FILENO) != 0 && getenv("TERM") != nil }

    /// The columns of standard error's terminal; 80 where that is not known.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// Writes to standard error at once.
    static func writeError(_ text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Writes one line of advice to standard error.
    static func warn(_ text: String) {
        writeError("martlet: \(text)\n")
    }
}

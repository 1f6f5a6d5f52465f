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

    /// Writes to standard error at once; where that is closed or full there is nobody to tell.
    static func writeError(_ text: String) {
        _ = write(text, to: STDERR_FILENO)
    }

    /// Writes all of a text at once; nil, or the `errno` of the failure.
    static func write(_ text: String, to descriptor: Int32) -> Int32? {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { writeSome(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno }
            bytes = bytes.dropFirst(count)
        }
        return nil
    }

    /// Writes one line of advice to standard error.
    static func warn(_ text: String) {
        writeError("martlet: \(text)\n")
    }
}

/// `write(2)`, under a name that a method called `write` does not hide.
private func writeSome(_ descriptor: Int32, _ from: UnsafeRawPointer?, _ count: Int) -> Int {
    write(descriptor, from, count)
}

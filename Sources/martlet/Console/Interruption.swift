import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Ctrl-C and `kill`: the first one asks the work to stop at a good place, the second one ends the process.
enum Interruption {
    private static let wanted = Atomic<Bool>(false)

    /// Whether the user has asked to stop.
    static var isWanted: Bool { wanted.load(ordering: .relaxed) }

    /// Begins to listen for SIGINT and SIGTERM.
    static func listen() {
        for kind in [SIGINT, SIGTERM] {
            signal(kind) { kind in
                Interruption.wanted.store(true, ordering: .relaxed)
                signal(kind, SIG_DFL)
            }
        }
    }
}

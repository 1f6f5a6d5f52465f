import ArgumentParser
import MartletModels
import MartletStore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Errors become one line on standard error and an exit code of sysexits.h.
enum Failure {
    /// Runs a command's work; 65 for bad data.
    static func exiting(_ work: () throws -> Void) throws {
        do {
            try work()
        } catch let error where error is ModelError || error is StoreError {
            let line = Array("martlet: \(error)\n".utf8)
            _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            throw ExitCode(65)
        }
    }
}

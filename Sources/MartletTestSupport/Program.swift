public import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A program that a test started: write to it, read its lines, send it signals, wait for its end.
public final class Program {
    /// What became of a program.
    public struct Outcome: Sendable {
        /// The exit code, or 128 + the signal that ended it, as shells say it.
        public var code: Int32
        /// The signal that ended it, if one did.
        public var signal: Int32?
        /// Everything on standard output.
        public var output: String
        /// Everything on standard error.
        public var errors: String
        /// Whether it had to be killed because its time was over.
        public var isTimedOut = false

        /// The lines of standard output.
        public var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// The process.
    public let identifier: pid_t
    private var input: Int32
    private var output = Stream()
    private var errors = Stream()
    private var readLines = 0

    /// One of its outputs: the end that we read, and what came so far.
    private struct Stream {
        var descriptor: Int32 = -1
        var bytes: [UInt8] = []

        var text: String { String(decoding: bytes, as: UTF8.self) }

        /// Takes what is there; closes at the end.
        mutating func take() {
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(descriptor, &chunk, chunk.count)
            if count > 0 {
                bytes.append(contentsOf: chunk[..<count])
            } else if count == 0 || errno != EINTR {
                close()
            }
        }

        mutating func close() {
            if descriptor >= 0 { closeDescriptor(descriptor) }
            descriptor = -1
        }
    }

    /// Starts a program with the environment of the tests and some variables more.
    public init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:]
    ) throws {
        // One at a time, or another one could inherit a pipe that is not marked yet.
        Self.starting.lock()
        defer { Self.starting.unlock() }
        // A program that is gone is an error of the write to it, not the end of the tests.
        _ = Self.ignoringBrokenPipes
        let (inputPipe, outputPipe, errorPipe) = (try Pipe(), try Pipe(), try Pipe())
        #if canImport(Darwin)
            var actions: posix_spawn_file_actions_t?
            var attributes: posix_spawnattr_t?
        #else
            var actions = posix_spawn_file_actions_t()
            var attributes = posix_spawnattr_t()
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, inputPipe.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, outputPipe.writing, 1)
        posix_spawn_file_actions_adddup2(&actions, errorPipe.writing, 2)
        // Signals as a user's shell leaves them, whatever the tests were started from.
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for kind in [SIGPIPE, SIGINT, SIGTERM, SIGXFSZ] { sigaddset(&signals, kind) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var process = pid_t()
        let failure = withCStrings([path] + arguments) { arguments in
            withCStrings(variables.map { "\($0.key)=\($0.value)" }) { variables in
                posix_spawn(&process, path, &actions, &attributes, arguments, variables)
            }
        }
        for end in [inputPipe.reading, outputPipe.writing, errorPipe.writing] {
            closeDescriptor(end)
        }
        guard failure == 0 else {
            throw ProgramError(description: "\(path): \(String(cString: strerror(failure)))")
        }
        identifier = process
        input = inputPipe.writing
        output.descriptor = outputPipe.reading
        errors.descriptor = errorPipe.reading
    }

    private static let starting = NSLock()
    private static let ignoringBrokenPipes: Void = { _ = Foundation.signal(SIGPIPE, SIG_IGN) }()

    /// Runs a program to its end.
    ///
    /// - Parameter seconds: after them it is killed.
    public static func run(
        _ path: String, _ arguments: [String], input: Data = Data(),
        environment: [String: String] = [:], within seconds: Double = 60
    ) throws -> Outcome {
        let program = try Program(path, arguments, environment: environment)
        program.send(input)
        return program.finish(within: seconds)
    }

    /// Writes to its standard input: no more than a pipe holds, if it does not read.
    public func send(_ data: Data) {
        var rest = data[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends it a signal.
    public func signal(_ kind: Int32) {
        kill(identifier, kind)
    }

    /// Stops reading its standard output, as `head` does when it has seen enough.
    public func closeOutput() {
        output.close()
    }

    /// The next line of its standard output; nil at the end, or when the time is over.
    public func nextLine(within seconds: Double = 60) -> String? {
        let end = Date().addingTimeInterval(seconds)
        while true {
            let lines = output.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            // What follows the last line end is not a whole line yet.
            if lines.count - 1 > readLines {
                defer { readLines += 1 }
                return String(decoding: lines[readLines], as: UTF8.self)
            }
            guard output.descriptor >= 0, pump(until: end) else { return nil }
        }
    }

    /// Closes its input and waits for its end; kills it when the time is over.
    public func finish(within seconds: Double = 60) -> Outcome {
        if input >= 0 { closeDescriptor(input) }
        input = -1
        let end = Date().addingTimeInterval(seconds)
        var isTimedOut = false
        while output.descriptor >= 0 || errors.descriptor >= 0 {
            if pump(until: end) { continue }
            isTimedOut = true
            break
        }
        var status: Int32 = 0
        while waitpid(identifier, &status, WNOHANG) == 0 {
            if isTimedOut || Date() > end {
                isTimedOut = true
                kill(identifier, SIGKILL)
            }
            usleep(1000)
        }
        output.close()
        errors.close()
        let signal = status & 0x7F
        return Outcome(
            code: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
            signal: signal == 0 ? nil : signal, output: output.text, errors: errors.text,
            isTimedOut: isTimedOut)
    }

    /// Takes what its outputs have; false when the time is over.
    private func pump(until end: Date) -> Bool {
        var polls = [output.descriptor, errors.descriptor].map {
            pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let left = end.timeIntervalSinceNow
        guard left > 0 else { return false }
        guard poll(&polls, 2, Int32(min(left, 3600) * 1000) + 1) > 0 else { return true }
        if polls[0].revents != 0 { output.take() }
        if polls[1].revents != 0 { errors.take() }
        return true
    }
}

/// Why a program could not be started.
public struct ProgramError: Error, CustomStringConvertible {
    /// What happened.
    public let description: String
}

/// The path of a program that is built with the tests: it lies beside them.
public func builtProgram(_ name: String) -> String {
    let bundle = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
    let folder = bundle.components(separatedBy: ".xctest")[0]
    return URL(fileURLWithPath: folder).deletingLastPathComponent().appendingPathComponent(name)
        .path
}

/// Two ends that no other program inherits.
private struct Pipe {
    var reading: Int32
    var writing: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else {
            throw ProgramError(description: "pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (reading, writing) = (ends[0], ends[1])
    }
}

/// `close(2)`, under a name that no method hides.
private func closeDescriptor(_ descriptor: Int32) {
    close(descriptor)
}

/// Calls `body` with the texts as C takes a list of them.
private func withCStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let pointers = texts.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers + [nil])
}

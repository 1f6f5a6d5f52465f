import Foundation
import MartletTestSupport
import Testing

/// The built command.
let martletPath = builtProgram("martlet")

/// One thread, as several of these tests run at once; what is computed does not depend on it.
private let oneThread = ["MARTLET_THREADS": "1"]

/// Runs `martlet` to its end.
func martlet(
    _ arguments: [String], input: Data = Data(), environment: [String: String] = [:]
) throws -> Program.Outcome {
    let outcome = try Program.run(
        martletPath, arguments, input: input,
        environment: oneThread.merging(environment) { $1 })
    #expect(!outcome.isTimedOut, "\(arguments)")
    return outcome
}

/// Runs `martlet` to its end.
func martlet(_ arguments: String...) throws -> Program.Outcome { try martlet(arguments) }

/// Starts `martlet`.
func startMartlet(_ arguments: [String]) throws -> Program {
    try Program(martletPath, arguments, environment: oneThread)
}

/// Runs a line of shell, in which `$martlet` is the command.
func shell(_ line: String) throws -> Program.Outcome {
    try Program.run(
        "/bin/sh", ["-c", line], environment: oneThread.merging(["martlet": martletPath]) { $1 })
}

/// Options of a network so small that training takes a moment: ten steps an epoch on 200 reviews.
let tinyFlags = [
    "--cell", "gru", "--hidden", "8", "--layers", "1", "--embedding", "8", "--longest-ngram", "2",
    "--ngrams", "500", "--tokenizer", "words", "--vocabulary", "1000", "--minimum-count", "1",
    "--dropout", "0.2", "--token-dropout", "0.1", "--crop", "0.3", "--averaging", "0.5", "--epochs",
    "2", "--batch", "16",
    "--learning-rate", "0.02", "--warm-up", "5", "--weight-decay", "0.01", "--label-smoothing",
    "0.1", "--clip", "1", "--patience", "1000", "--seed", "3",
]

/// The arguments of a tiny training; flags given twice: the last counts.
func training(_ data: String, _ out: String, _ more: String...) -> [String] {
    ["train", "sentiment", "--data", data, "--out", out] + tinyFlags + more
}

/// Reviews and a place for runs, in a fresh folder.
struct Workshop {
    let root: String
    var data: String { "\(root)/reviews.jsonl" }
    var run: String { "\(root)/run" }

    /// Trains into ``run``, successfully.
    @discardableResult
    func train(_ more: String...) throws -> Program.Outcome {
        let outcome = try martlet(training(data, run) + more)
        #expect(outcome.code == 0, "\(outcome.errors)")
        return outcome
    }

    func file(_ name: String) throws -> Data { try bytes(of: "\(run)/\(name)") }
}

/// Calls `body` with a fresh workshop.
func withWorkshop(_ body: (Workshop) throws -> Void) throws {
    try withTemporaryFolder { root in
        let workshop = Workshop(root: root)
        try write(Reviews(200).jsonLines(), to: workshop.data)
        try body(workshop)
    }
}

/// The files of a finished run.
let runFiles = [
    "config.json", "model.safetensors", "report.html", "tokenizer.json", "training.json",
]

extension Program.Outcome {
    /// Standard output as JSON objects, a line each.
    func objects() throws -> [[String: Any]] {
        #expect(output.isEmpty || output.hasSuffix("\n"))
        return try lines.map { try jsonObject($0) }
    }

    /// Checks that it failed with that code, one line that has all `parts`, and nothing on standard output.
    func expectFailure(
        _ code: Int32, _ parts: String..., at location: SourceLocation = #_sourceLocation
    ) {
        #expect(self.code == code, "\(errors)", sourceLocation: location)
        #expect(output.isEmpty, sourceLocation: location)
        #expect(errors.hasPrefix("martlet: "), "\(errors)", sourceLocation: location)
        #expect(errors.count { $0 == "\n" } == 1, "\(errors)", sourceLocation: location)
        for part in parts {
            #expect(errors.contains(part), "\(errors)", sourceLocation: location)
        }
    }
}

/// One JSON object.
func jsonObject(_ text: String) throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any], "\(text)")
}

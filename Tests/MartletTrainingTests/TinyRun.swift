import Foundation
import MartletTensor
import MartletTestSupport
import MartletText
import MartletTraining

/// A run that takes a moment: 200 short reviews, of which 160 are learned from in ten batches.
struct TinyRun {
    static let stepsPerEpoch = 10
    /// What a run folder holds when the run is done.
    static let files = [
        "config.json", "model.safetensors", "report.html", "tokenizer.json", "training.json",
    ]

    /// Where data and runs lie.
    let root: String
    var options = TinyRun.options
    var data = "reviews.jsonl"
    var folderName = "run"
    var folder: String { "\(root)/\(folderName)" }

    static var options: SentimentOptions {
        var options = SentimentOptions()
        options.cell = .gru
        options.hidden = 8
        options.layers = 1
        options.bidirectional = true
        options.embedding = 8
        options.longestNGram = 2
        options.nGrams = 500
        options.tokenizer = .words
        options.vocabulary = 1000
        options.minimumCount = 1
        options.dropout = 0.2
        options.tokenDropout = 0.1
        options.crop = 0.2
        options.averaging = 0.6
        options.epochs = 2
        options.batch = 16
        options.learningRate = 0.02
        options.warmUp = 5
        options.weightDecay = 0.01
        options.labelSmoothing = 0.1
        options.clip = 1
        options.patience = 5
        options.seed = 3
        return options
    }

    /// Writes the reviews.
    init(_ root: String) throws {
        self.root = root
        try write(Reviews(200).jsonLines(), to: "\(root)/reviews.jsonl")
    }

    func recipe(_ existing: ExistingRun = .keep) -> SentimentRecipe {
        SentimentRecipe(
            options: options, data: "\(root)/\(data)", folder: folder, existing: existing,
            version: "test")
    }

    /// Runs to the end.
    @discardableResult
    func run(
        _ existing: ExistingRun = .keep,
        report: @escaping (SentimentEvent) -> Void = { _ in }
    ) throws -> RunRecord {
        try recipe(existing).run(report: report)
    }

    /// Runs until that many steps are done; gives the error's text.
    func interrupt(
        afterSteps steps: Int, _ existing: ExistingRun = .keep
    ) -> String {
        var count = 0
        return errorText {
            _ = try recipe(existing).run(isInterrupted: {
                count += 1
                return count == steps
            })
        }
    }

    /// The bytes of a file of the run folder.
    func file(_ name: String) throws -> Data { try bytes(of: "\(folder)/\(name)") }

    /// The text of a file of the run folder.
    func text(_ name: String) throws -> String { String(decoding: try file(name), as: UTF8.self) }
}

/// Calls `body` with a tiny run in a fresh folder.
func withTinyRun(_ body: (inout TinyRun) throws -> Void) throws {
    try withTemporaryFolder { root in
        var run = try TinyRun(root)
        try body(&run)
    }
}

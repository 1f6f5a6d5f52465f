import ArgumentParser
import MartletTraining

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// `martlet compare`: networks on the same tasks, from several seeds.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract:
            "Compare RNN, LSTM, GRU and Transformer on tasks of memory, on texts, and by speed.",
        discussion: """
            Memory tasks need no data: adding (the sum of two marked numbers among many), copying (ten symbols to be said \
            again after a delay) and parity (an odd number of ones?), at growing lengths. Training ends when a task is \
            solved, or after --steps. The sentiment task takes --data, the language model --text; without them they are \
            left out. speed learns nothing: it measures training and single steps by the length of sequences. Where more \
            than one family of networks takes part, the field's table of them follows, with what was measured.

            Cells: \(Contender.allCases.map(\.rawValue).joined(separator: ", ")).

            The defaults take about five minutes on two quiet cores. The table goes to standard output; --out also gets \
            comparison.json, report.html and the runs on texts. Ctrl-C ends with what is measured so far (code 130).
            """)

    private static let defaults = ComparisonOptions()

    @Option(help: "Who takes part, with commas between (see above).")
    var cells = NameList(ComparisonOptions().contenders)
    @Option(
        help: "adding, copying, parity, sentiment, language-model, speed, with commas between.")
    var tasks = NameList(ComparisonOptions().tasks)
    @Option(
        help: """
            Lengths of the memory tasks and of speed, with commas between: numbers to choose from, blanks to wait, bits, \
            or steps (default: \
            adding \(Self.lengths(.adding)); copying \(Self.lengths(.copying)); parity \(Self.lengths(.parity)); speed \(Self.lengths(.speed))).
            """)
    var lengths: NumberList?
    @Option(help: "How many seeds each is trained from.")
    var seeds = Self.defaults.seeds
    @Option(help: "Units of the layer.")
    var hidden = Self.defaults.hidden
    @Option(help: "The most steps of training on a memory task.")
    var steps = Self.defaults.steps
    @Option(help: "Sequences in a batch of a memory task.")
    var batch = Self.defaults.batch
    @Option(help: "The learning rate on memory tasks.")
    var learningRate = Self.defaults.learningRate
    @Option(help: "Longest gradient on memory tasks.")
    var clip = Self.defaults.clip
    @Option(help: "The share of right answers with which a memory task is solved.")
    var solved = Self.defaults.solved
    @Option(help: "Epochs of training on texts.")
    var epochs = Self.defaults.epochs
    @Option(
        help: "Labelled texts: a folder with pos.txt and neg.txt, or a .csv, .tsv or .jsonl file.")
    var data: String?
    @Option(
        parsing: .upToNextOption, help: "Running text: files (UTF-8), or folders of .txt files.")
    var text: [String] = []
    @Option(help: "A folder for comparison.json, report.html and the runs on texts.")
    var out: String?
    @Flag(help: "Print each event as one JSON object, the last with all of comparison.json.")
    var json = false

    private static func lengths(_ task: ComparisonTask) -> String {
        task.defaultLengths.map(String.init).joined(separator: ",")
    }

    /// The options that the flags say.
    private var options: ComparisonOptions {
        var options = ComparisonOptions()
        options.contenders = cells.values
        options.tasks = tasks.values
        options.lengths = lengths?.values
        options.seeds = seeds
        options.hidden = hidden
        options.steps = steps
        options.batch = batch
        options.learningRate = learningRate
        options.clip = clip
        options.solved = solved
        options.epochs = epochs
        return options
    }

    func validate() throws {
        if let problem = options.problem { throw ValidationError(problem) }
    }

    func run() throws {
        var isComplete = true
        try Failure.exiting {
            if let out { try ComparisonRecord.prepare(out) }
            let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(
                "martlet-compare-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: scratch) }
            let comparison = Comparison(
                options: options, data: data, text: text,
                runs: out.map { "\($0)/runs" } ?? scratch.path, version: Version.current)
            Interruption.listen()
            let listener = ComparisonListener(json: json)
            let record = try comparison.run(
                isInterrupted: { Interruption.isWanted }, report: listener.hear)
            listener.end()
            isComplete = record.isComplete
            if let out { try record.write(to: out) }
            if json {
                try JSONOutput.print(ComparisonEventLine(record))
                return
            }
            try ComparisonView.show(record)
            if let out { Terminal.writeError("saved    \(out)  (open report.html in a browser)\n") }
        }
        if !isComplete {
            Terminal.warn("interrupted; this is what was measured so far")
            throw ExitCode(130)
        }
    }
}

import ArgumentParser
import MartletTraining

/// `martlet train seq2seq`: from pairs of texts to a run folder.
struct TrainSequenceToSequence: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seq2seq",
        abstract:
            "Train a model that reads one text and writes another: translates, pronounces, summarises.",
        discussion: """
            Without --validation and --test, a tenth of the sources is for testing and a tenth for validation, at random as \
            --seed has it, with all their targets. Pairs of like length share a batch. After every epoch the model answers \
            some validation sources by itself, the likeliest token each time; --metric says how they are measured. The run \
            folder gets model.safetensors, config.json, source_tokenizer.json, target_tokenizer.json, training.json and \
            report.html, which shows where the model looked. Ctrl-C leaves a checkpoint, from which --resume goes on to the \
            same result, bit for bit.
            """)

    @Option(
        help: """
            Pairs: a file (UTF-8) with two texts a line and a tab between them, or a .jsonl file with an object a line. With \
            --resume it may be left out.
            """)
    var data: String?
    @Option(
        help: "A file of pairs for validation; then --data has none, and --test is needed, too.")
    var validation: String?
    @Option(help: "A file of pairs for testing.")
    var test: String?
    @Option(help: "The key of what is read, in .jsonl files (default: source).")
    var sourceKey: String?
    @Option(help: "The key of what is to be written (default: target).")
    var targetKey: String?
    @OptionGroup var flags: SequenceToSequenceFlags
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if (validation == nil) != (test == nil) {
            throw ValidationError("--validation and --test need each other")
        }
        if let problem = flags.applied(to: SequenceToSequenceOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try SequenceToSequenceRecipe.savedRun(in: place.out) : nil
            let options = flags.applied(to: saved?.options ?? SequenceToSequenceOptions())
            let recipe = SequenceToSequenceRecipe(
                options: options, data: pairs(saved?.data), folder: place.out,
                existing: place.existing, version: Version.current)
            Interruption.listen()
            let listener = RunListener(
                json: place.json, words: .init(answers: options.judgedBy.name))
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }

    /// Where the pairs are, which of a saved run need not be said.
    private func pairs(_ saved: SequenceToSequenceData?) -> SequenceToSequenceData {
        var pairs = SequenceToSequenceData(
            training: data ?? saved?.training ?? "",
            validation: data == nil && validation == nil ? saved?.validation : validation,
            test: data == nil && test == nil ? saved?.test : test)
        pairs.sourceKey = sourceKey ?? saved?.sourceKey ?? pairs.sourceKey
        pairs.targetKey = targetKey ?? saved?.targetKey ?? pairs.targetKey
        return pairs
    }
}

import ArgumentParser
import MartletTraining

/// `martlet train language-model`: from running text to a run folder.
struct TrainLanguageModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "language-model",
        abstract: "Train a recurrent language model on running text.",
        discussion: """
            The first nine tenths of the text are for training, the next twentieth for validation, the last for testing. \
            The text is read as --batch pieces side by side, --window steps at a time; the states go on from window to \
            window. The run folder gets model.safetensors, config.json, tokenizer.json, training.json and report.html; \
            `martlet generate` writes with it; of --unit subword, tokenizer.json is as Hugging Face's libraries read it. Ctrl-C leaves a checkpoint there, from which --resume goes on to the same \
            result, bit for bit.
            """)

    @Option(
        parsing: .upToNextOption,
        help: "Text files (UTF-8), or folders of .txt files. With --resume it may be left out.")
    var data: [String] = []
    @Option(
        help: """
            Labelled texts, as for `martlet train sentiment`: only their training part is read, after --data, so that a \
            classifier that begins with this model (--pretrained) is tested on texts that neither has seen.
            """)
    var labelled: String?
    @OptionGroup var flags: LanguageModelFlags
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data.isEmpty, labelled == nil, !place.resume {
            throw ValidationError("--data is missing")
        }
        if let problem = flags.applied(to: LanguageModelOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try LanguageModelRecipe.savedRun(in: place.out) : nil
            let recipe = LanguageModelRecipe(
                options: flags.applied(to: saved?.options ?? LanguageModelOptions()),
                data: data.isEmpty && labelled == nil ? saved?.data ?? [] : data,
                labelled: labelled ?? saved?.labelled, folder: place.out,
                existing: place.existing,
                version: Version.current)
            Interruption.listen()
            let listener = RunListener(json: place.json)
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }
}

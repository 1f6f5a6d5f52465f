import ArgumentParser
import MartletData
import MartletTraining

/// `martlet train encoder-classifier`: from a pretrained encoder and labelled texts to a run folder.
struct TrainEncoderClassifier: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "encoder-classifier",
        abstract: "Fine-tune a pretrained encoder (BERT, RoBERTa) on labelled texts.",
        discussion: """
            The encoder is a folder of Hugging Face's, or of `martlet train bert`: config.json, model.safetensors, \
            tokenizer.json. It gets a fresh layer for the labels, on its first token, and all of it learns. Texts are cleaned \
            and split as by `martlet train sentiment`, so both can be compared. Of texts with more tokens than --longest the rest \
            is not read; how many have more is said. The run folder is Hugging Face's too; `martlet evaluate` and `martlet predict` \
            know it. Ctrl-C leaves a checkpoint, from which --resume goes on to the same result, bit for bit.
            """)

    private static let defaults = EncoderClassifierOptions()

    @Option(help: "The encoder's folder. With --resume it may be left out.")
    var encoder: String?
    @Option(
        help: """
            A folder with pos.txt and neg.txt (a text a line), or a .csv, .tsv or .jsonl file with a column of texts \
            and one of labels. With --resume it may be left out.
            """)
    var data: String?
    @OptionGroup var columns: ColumnFlags
    @Option(
        help: "The most tokens that are read of a text (default: as many as the encoder reads).")
    var longest: Int?
    @Option(help: "Certainty spread over all labels (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Double?
    @OptionGroup var flags: TrainingFlags<EncoderClassifierOptions>
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if encoder == nil, !place.resume { throw ValidationError("--encoder is missing") }
        if let problem = applied(to: EncoderClassifierOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try EncoderClassifierRecipe.savedRun(in: place.out) : nil
            let recipe = EncoderClassifierRecipe(
                options: applied(to: saved?.options ?? EncoderClassifierOptions()),
                data: data ?? saved?.data ?? "",
                columns: columns.applied(to: saved?.columns ?? TextColumns()), folder: place.out,
                existing: place.existing, version: Version.current)
            Interruption.listen()
            let listener = RunListener(json: place.json)
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }

    /// The options with what was given.
    private func applied(to options: EncoderClassifierOptions) -> EncoderClassifierOptions {
        var options = options
        options.set(\.encoder, encoder)
        if let longest { options.longest = longest }
        options.set(\.labelSmoothing, labelSmoothing)
        flags.apply(to: &options)
        return options
    }
}

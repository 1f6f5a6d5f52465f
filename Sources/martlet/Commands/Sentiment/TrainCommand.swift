import ArgumentParser
import MartletData
import MartletTraining

/// `martlet train`: train a model.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Train a model.",
        subcommands: [
            TrainSentiment.self, TrainEncoderClassifier.self, TrainEncoderContrastive.self,
            TrainLanguageModel.self,
            TrainForecaster.self, TrainClassifier.self, TrainImageClassifier.self,
            TrainSequenceToSequence.self,
            TrainGPT.self, TrainBERT.self, TrainT5.self,
        ])
}

/// `martlet train sentiment`: from labelled texts to a run folder.
struct TrainSentiment: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sentiment",
        abstract: "Train a text classifier on labelled texts: recurrent, CNN or Transformer.",
        discussion: """
            Texts are trimmed; duplicates and texts with two labels are dropped. In the order of their SHA-256, the \
            first tenth is for testing, the next for validation, the rest for training. The run folder gets \
            model.safetensors, config.json, tokenizer.json, training.json and report.html. Ctrl-C leaves a checkpoint \
            there, from which --resume goes on to the same result, bit for bit.
            """)

    @Option(
        help: """
            A folder with pos.txt and neg.txt (a text a line), or a .csv, .tsv or .jsonl file with a column of texts \
            and one of labels. With --resume it may be left out.
            """)
    var data: String?
    @OptionGroup var columns: ColumnFlags
    @OptionGroup var flags: SentimentFlags
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if let problem = flags.problem ?? flags.applied(to: SentimentOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try SentimentRecipe.savedRun(in: place.out) : nil
            let recipe = SentimentRecipe(
                options: try flags.adopting(
                    flags.applied(to: saved?.options ?? SentimentOptions())),
                data: data ?? saved?.data ?? "",
                columns: columns.applied(to: saved?.columns ?? TextColumns()), folder: place.out,
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

/// The names of a file's columns.
struct ColumnFlags: ParsableArguments {
    @Option(help: "The column with the texts, in a CSV, TSV or JSONL file (default: text).")
    var textColumn: String?
    @Option(help: "The column with the labels (default: label).")
    var labelColumn: String?

    /// The columns with what was given.
    func applied(to columns: TextColumns = TextColumns()) -> TextColumns {
        TextColumns(text: textColumn ?? columns.text, label: labelColumn ?? columns.label)
    }
}

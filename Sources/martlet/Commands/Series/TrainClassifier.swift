import ArgumentParser
import MartletData
import MartletTraining

/// `martlet train classifier`: from labelled series to a run folder.
struct TrainClassifier: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classifier",
        abstract: "Train a recurrent classifier on labelled series: gestures, sounds, motions.",
        discussion: """
            Series may have many channels and different lengths. One in --folds cases of each label is kept back to choose \
            the best epoch by; --folds 0 learns from all and keeps the last. Means and deviations are those of the cases \
            to learn from. Beside the network stands the nearest neighbour by dynamic time warping. The run folder gets \
            model.safetensors, config.json, training.json and report.html. Ctrl-C leaves a checkpoint there, from which \
            --resume goes on to the same result, bit for bit.
            """)

    @Option(
        help: """
            A .ts file (aeon, sktime), or a .csv or .tsv file with a row for each step and columns for the case it belongs \
            to, the label, and the channels. With --resume it may be left out.
            """)
    var data: String?
    @Option(help: "Cases to judge by, as --data; nothing is chosen by them.")
    var test: String?
    @OptionGroup var columns: CaseColumnFlags
    @OptionGroup var flags: SeriesClassifierFlags
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if let problem = flags.applied(to: SeriesClassifierOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved =
                place.resume
                ? try SeriesClassifierRecipe.savedRun(in: place.out, version: Version.current) : nil
            let recipe = SeriesClassifierRecipe(
                options: flags.applied(to: saved?.options ?? SeriesClassifierOptions()),
                data: data ?? saved?.data ?? "", test: test ?? saved?.test,
                columns: columns.applied(to: saved?.columns ?? CaseColumns()), folder: place.out,
                existing: place.existing, version: Version.current)
            Interruption.listen()
            let listener = RunListener(json: place.json)
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }
}

/// The names of a table's columns, with a step of a case in each row.
struct CaseColumnFlags: ParsableArguments {
    @Option(
        help: "The column that says which case a row belongs to, in CSV and TSV (default: case).")
    var caseColumn: String?
    @Option(help: "The column with the labels (default: label).")
    var labelColumn: String?
    @Option(help: "The columns of the channels, with commas between (default: all others).")
    var channels: String?

    /// The columns with what was given.
    func applied(to columns: CaseColumns) -> CaseColumns {
        CaseColumns(
            id: caseColumn ?? columns.id, label: labelColumn ?? columns.label,
            channels: channels.map { $0.split(separator: ",").map(String.init) }
                ?? columns.channels)
    }
}

import ArgumentParser
import MartletData
import MartletTraining

/// `martlet train forecaster`: from series to a run folder.
struct TrainForecaster: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecaster",
        abstract: "Train a recurrent network to forecast one or many series.",
        discussion: """
            The file has a line of names and a row for each time, and of each series where --series names them. Of each \
            series the last --test steps are kept back to judge by, the --validation steps before to choose the best epoch, \
            and the rest is learned from; scales come from it alone. The run folder gets model.safetensors, config.json, \
            training.json and report.html; `martlet forecast` forecasts with it. Ctrl-C leaves a checkpoint there, from \
            which --resume goes on to the same result, bit for bit.
            """)

    @Option(help: "A .csv or .tsv file with a line of names. With --resume it may be left out.")
    var data: String?
    @OptionGroup var columns: SeriesTableFlags
    @OptionGroup var flags: ForecasterFlags
    @OptionGroup var place: RunFlags

    func validate() throws {
        if data == nil, !place.resume { throw ValidationError("--data is missing") }
        if columns.columns == nil, !place.resume {
            throw ValidationError("--time and --target are missing: the columns of a series")
        }
        if let problem = columns.rules.problem { throw ValidationError(problem) }
        if let problem = flags.applied(to: ForecasterOptions()).problem {
            throw ValidationError(problem)
        }
    }

    func run() throws {
        try Failure.exiting {
            let saved = place.resume ? try ForecasterRecipe.savedRun(in: place.out) : nil
            guard let data = data ?? saved?.data, let named = columns.columns ?? saved?.columns
            else { return }
            let recipe = ForecasterRecipe(
                options: flags.applied(to: saved?.options ?? ForecasterOptions()), data: data,
                columns: named,
                rules: columns.columns == nil ? saved?.rules ?? columns.rules : columns.rules,
                folder: place.out, existing: place.existing, version: Version.current)
            Interruption.listen()
            let listener = RunListener(
                json: place.json,
                words: .init(answers: "within band", unit: "values", hasPerplexity: false))
            _ = try recipe.run(isInterrupted: { Interruption.isWanted }) {
                listener.tell($0.news(of: place.out))
            }
        }
    }
}

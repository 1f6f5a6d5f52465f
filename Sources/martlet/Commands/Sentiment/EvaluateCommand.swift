public import ArgumentParser
import MartletData
public import MartletTraining

/// `martlet evaluate`: how good a trained classifier is, beside simple baselines.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Judge a trained classifier on labelled texts, beside simple baselines.",
        discussion: """
            Of the data that it was trained on, only the test tenth is used, unless --split says otherwise; of other \
            data, everything. The baselines (a linear model of n-grams, and always the commonest label) learn from \
            the training part of the data that the classifier was trained on, if they are still where they were.
            """)

    @Option(help: "The run folder of the classifier.")
    var model: String
    @Option(
        help:
            "The labelled texts: a folder with pos.txt and neg.txt, or a .csv, .tsv or .jsonl file."
    )
    var data: String
    @OptionGroup var columns: ColumnFlags
    @Option(help: "Which part of the data: auto, all, training, validation or test.")
    var split: EvaluationPart = .auto
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try Failure.exiting {
            let evaluation = try SentimentEvaluation.run(
                model: model, data: data, columns: columns.applied(), part: split)
            if json {
                try JSONOutput.print(evaluation)
            } else {
                try Output.line(EvaluationView.text(evaluation))
            }
        }
    }
}

extension EvaluationPart: ExpressibleByArgument {}

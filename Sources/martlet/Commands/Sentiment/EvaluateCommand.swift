public import ArgumentParser
import MartletData
import MartletModels
public import MartletTraining

/// `martlet evaluate`: how good a trained classifier is, beside simple baselines.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Judge a trained classifier or language model, beside simple baselines.",
        discussion: """
            A language model reads --data, running text, from its begin to its end, and is told by its perplexity. A \
            classifier needs labelled texts, a series classifier labelled series as those it was trained on: of the file \
            it was trained on, the cases that were kept back are used. An image classifier needs a folder of images; those to \
            judge by are used.

            Of the data that it was trained on, only the test tenth is used, unless --split says otherwise; of other \
            data, everything. The baselines (a linear model of n-grams, and always the commonest label) learn from \
            the training part of the data that the classifier was trained on, if they are still where they were.

            Of several text classifiers (--model several times) the mean of their probabilities is judged, and each alone.
            """)

    @Option(
        help:
            "The run folder of the classifier or language model; several times for text classifiers that answer together."
    )
    var model: [String]
    @Option(
        help:
            "The labelled texts: a folder with pos.txt and neg.txt, or a .csv, .tsv or .jsonl file; or running text; or labelled series; or a folder of images."
    )
    var data: String
    @OptionGroup var columns: ColumnFlags
    @Option(help: "Which part of the data: auto, all, training, validation or test.")
    var split: EvaluationPart = .auto
    @Flag(help: "Print one JSON object.")
    var json = false

    func validate() throws {
        if model.isEmpty { throw ValidationError("--model is missing") }
    }

    func run() throws {
        try Failure.exiting {
            if model.count > 1 { return try evaluateTextClassifiers() }
            switch try ModelFolder.architecture(of: model[0]) {
            case LanguageModel.Configuration.architecture: return try evaluateLanguageModel()
            case SeriesClassifier.Configuration.architecture: return try evaluateSeriesClassifier()
            case ImageClassifier.Configuration.architecture: return try evaluateImageClassifier()
            default: return try evaluateTextClassifiers()
            }
        }
    }
}

extension EvaluateCommand {
    /// Labelled texts, beside simple methods.
    private func evaluateTextClassifiers() throws {
        let evaluation = try SentimentEvaluation.run(
            models: model, data: data, columns: columns.applied(), part: split)
        if json { return try JSONOutput.print(evaluation) }
        try Output.line(EvaluationView(evaluation).text)
    }

    /// Labelled images, beside simple methods.
    private func evaluateImageClassifier() throws {
        if columns.textColumn != nil || columns.labelColumn != nil {
            throw ValidationError("--text-column and --label-column are for texts")
        }
        let evaluation = try ImageEvaluation.run(model: model[0], data: data, part: split)
        if json { return try JSONOutput.print(evaluation) }
        try Output.line(EvaluationView(evaluation).text)
    }

    /// Labelled series, beside time warping.
    private func evaluateSeriesClassifier() throws {
        if columns.textColumn != nil || columns.labelColumn != nil {
            throw ValidationError(
                "--text-column and --label-column are for texts; a series classifier knows its columns"
            )
        }
        let evaluation = try SeriesEvaluation.run(model: model[0], data: data, part: split)
        if json { return try JSONOutput.print(evaluation) }
        try Output.line(EvaluationView(evaluation).text)
    }

    /// Perplexity on running text.
    private func evaluateLanguageModel() throws {
        if columns.textColumn != nil || columns.labelColumn != nil {
            throw ValidationError("--text-column and --label-column are for classifiers")
        }
        let evaluation = try LanguageModelEvaluation.run(model: model[0], data: data, part: split)
        if json { return try JSONOutput.print(evaluation) }
        let scores = evaluation.model
        try Output.line(
            """
            \(data), \(evaluation.part.rawValue): \(Decimals.grouped(scores.tokens)) tokens
            perplexity          \(Decimals.fixed(scores.perplexity, 3))
            loss                \(Decimals.fixed(scores.loss, 4)) nats per token
            bits per character  \(Decimals.fixed(scores.bitsPerCharacter, 4))
            right guesses       \(Decimals.percent(scores.accuracy))
            unknown tokens      \(Decimals.percent(scores.unknown))
            """)
    }
}

extension EvaluationPart: ExpressibleByArgument {}

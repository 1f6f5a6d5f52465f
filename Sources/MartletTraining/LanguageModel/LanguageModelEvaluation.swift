import MartletData
import MartletText

/// How well a language model guesses a text.
public struct LanguageModelEvaluation: Codable, Sendable {
    /// The text.
    public var data: String
    /// The part of it that was used.
    public var part: EvaluationPart
    /// The figures.
    public var model: LanguageModelScores

    /// Judges the language model of a run folder: it reads the text from its begin to its end, without a break.
    ///
    /// - Parameter part: of the text that it was trained on; automatic: the test part of that text, everything of another.
    /// - Throws: `DataError`, `StoreError`, `ModelError`, `TokenizerError` or `PipelineError`.
    public static func run(
        model folder: String, data: String, part: EvaluationPart = .auto
    ) throws -> LanguageModelEvaluation {
        let generator = try TextGenerator(contentsOf: folder)
        let text = try Text(data, part, model: folder, generator.tokenizer)
        return LanguageModelEvaluation(
            data: data, part: text.part,
            model: generator.model.scores(
                on: text.tokens, characters: text.characters,
                unknown: generator.tokenizer.unknownID))
    }

    /// The part of a text that a model is judged on.
    struct Text {
        var part: EvaluationPart
        var tokens: [Int32]
        var characters: Int

        init(
            _ data: String, _ part: EvaluationPart, model folder: String,
            _ tokenizer: RunningTokenizer
        ) throws {
            let corpus = try TextCorpus.read([data])
            let isOwn = LanguageModelRecord.read(from: folder)?.data.sha256 == corpus.sha256
            let used = part == .auto ? (isOwn ? .test : .all) : part
            let parts = corpus.parts()
            let text =
                switch used {
                case .auto, .all: corpus.text
                case .training: parts.training
                case .validation: parts.validation
                case .test: parts.test
                }
            tokens = try tokenizer.encode(text)
            characters = text.count
            self.part = used
            guard tokens.count > 1 else {
                throw TrainingError.tooLittleData(
                    "\(data): the \(used.rawValue) part has \(tokens.count) tokens: expected at least two"
                )
            }
        }
    }
}

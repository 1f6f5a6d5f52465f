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
    /// - Throws: `DataError`, `StoreError`, `ModelError` or `TokenizerError`.
    public static func run(
        model folder: String, data: String, part: EvaluationPart = .auto
    ) throws -> LanguageModelEvaluation {
        let generator = try TextGenerator(contentsOf: folder)
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
        let tokens = generator.tokenizer.encode(runningText: text)
        guard tokens.count > 1 else {
            throw TrainingError.tooLittleData(
                "\(data): the \(used.rawValue) part has \(tokens.count) tokens: expected at least two"
            )
        }
        return LanguageModelEvaluation(
            data: data, part: used,
            model: generator.model.scores(on: tokens, characters: text.count))
    }
}

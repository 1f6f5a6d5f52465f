public import MartletModels
import MartletStore
import MartletTensor
public import MartletText

/// A trained model that reads one text and writes another, with the tokenizers of both sides.
///
/// ```swift
/// let translator = try Translator(contentsOf: "runs/pronounce")
/// print(try translator.translate(["swiftly"])[0][0].text)          // S W IH1 F T L IY0
/// ```
public struct Translator: Sendable {
    /// From tokens to tokens.
    public let model: any SequenceToSequenceModel
    /// Cuts what is read, and what is written.
    public let source, target: SequenceTokenizer
    /// How the likeliest text is looked for.
    public var search: BeamSearch

    /// What a model could write for a text.
    public struct Answer: Codable, Sendable, Equatable {
        /// The text.
        public var text: String
        /// What answers are ordered by: the logarithm of the probability, divided as the search says.
        public var score: Double
        /// The logarithm of its probability.
        public var logProbability: Double
        /// Whether it came to an end; if not it was cut at the longest length.
        public var isComplete: Bool
        /// What was read and what was written, token by token.
        public var sourceTokens, tokens: [String]
        /// How much each token that was read counted for each one that was written, `[tokens][source]`; nil if the model does
        /// not tell.
        public var attention: [[Float]]?

        enum CodingKeys: String, CodingKey {
            case text, score, tokens, attention
            case logProbability = "log_probability"
            case isComplete = "is_complete"
            case sourceTokens = "source_tokens"
        }
    }

    /// The model and tokenizers of a run folder of ``SequenceToSequenceRecipe``.
    ///
    /// Until told otherwise it writes at most twice as many tokens as the longest text that it learned from has.
    ///
    /// - Throws: `ModelError`, `StoreError`, `TokenizerError` or `PipelineError`: which file, what is wrong, what was expected.
    public init(contentsOf folder: String) throws {
        (model, source, target) = try CheckpointFolder.reading(folder) {
            let loaded = try ModelFolder.load(from: folder)
            guard let model = loaded as? any SequenceToSequenceModel else {
                throw ModelError(
                    "\(folder): the architecture is \"\(try ModelFolder.architecture(of: folder))\", which does not read one text and write another: give a run of martlet train seq2seq"
                )
            }
            func tokenizer(_ name: String, count: Int) throws -> SequenceTokenizer {
                let path = CheckpointFolder.resolve(folder, name)
                let result = SequenceTokenizer(try RunningTokenizer(contentsOf: path))
                guard result.count == count else {
                    throw ModelError(
                        "\(folder)/\(name) has \(result.count) tokens, that of the end included: the model has \(count); both must come from one run"
                    )
                }
                return result
            }
            let prepared: any SequenceToSequenceModel =
                (model as? RecurrentSequenceToSequence)?.prepared ?? model
            return (
                prepared,
                try tokenizer("source_tokenizer.json", count: model.sourceVocabularySize),
                try tokenizer("target_tokenizer.json", count: model.vocabularySize)
            )
        }
        search = BeamSearch(beginning: target.boundaryID, end: target.boundaryID)
        search.lengthPenalty = .length()
        search.stopping = .whenFull
        if let record = SequenceToSequenceRecord.read(from: folder) {
            search.maximumLength = max(2 * record.longestAnswer, 1)
        }
        // What stands for all that is not known says nothing to a reader.
        if let unknown = target.tokenizer.unknownID { search.suppressed = [unknown] }
    }

    /// The tokens of a text that never occurred in what the model learned from.
    public func unknownTokens(in text: String) throws -> Int {
        let unknown = source.tokenizer.unknownID
        return try source.encode(text).count { $0 == unknown }
    }

    /// What the model writes for texts, text by text, the best answer first.
    ///
    /// - Parameter prefixes: what the answers begin with, text by text; nil: anything.
    /// - Throws: `ModelError` for options that make no sense and texts that are too long; `PipelineError` where a tokenizer has no
    ///   token for a part of a text.
    public func translate(_ texts: [String], prefixes: [String]? = nil) throws -> [[Answer]] {
        let sources = try texts.map(source.encode)
        let beginnings = try prefixes?.map { Array(try target.encode($0).dropLast()) }
        let found = try search(model, reading: sources, prefixes: beginnings)
        return try zip(sources, found).map { read, hypotheses in
            let labels = try read.map(source.label)
            return try hypotheses.map { hypothesis in
                Answer(
                    text: try target.decode(hypothesis.tokens), score: hypothesis.score,
                    logProbability: hypothesis.logProbability,
                    isComplete: hypothesis.isComplete, sourceTokens: labels,
                    tokens: try hypothesis.tokens.map(target.label),
                    attention: hypothesis.attention)
            }
        }
    }
}

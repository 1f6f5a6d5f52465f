public import MartletModels
import MartletStore
public import MartletTensor
public import MartletText

/// A trained model that reads one text and writes another, with the tokenizers of both sides.
///
/// ```swift
/// let translator = try Translator(contentsOf: "runs/pronounce")
/// print(try translator.translate(["s w i f t l y"])[0].answers[0].text)          // S W IH F T L IY
/// ```
public struct Translator: Sendable {
    /// From tokens to tokens.
    public private(set) var model: any SequenceToSequenceModel
    /// Cuts what is read, and what is written.
    public let source, target: SequenceTokenizer
    /// How the likeliest text is looked for.
    public var search: BeamSearch
    /// What matrices, and what they meet, are rounded to; of a model in 8 bits, 8 bits whatever this is.
    public let type: InferenceType

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
        /// What was written, token by token.
        public var tokens: [String]
        /// How much each token that was read counted for each one that was written, `[tokens][source]`; nil if the model does
        /// not tell.
        public var attention: [[Float]]?

        enum CodingKeys: String, CodingKey {
            case text, score, tokens, attention
            case logProbability = "log_probability"
            case isComplete = "is_complete"
        }
    }

    /// A text, and what the model could write for it.
    public struct Translation: Codable, Sendable, Equatable {
        /// The text.
        public var source: String
        /// What was read, token by token, with its end.
        public var sourceTokens: [String]
        /// How many of them never occurred in what the model learned from.
        public var unknownTokens: Int
        /// The answers, the best first.
        public var answers: [Answer]

        enum CodingKeys: String, CodingKey {
            case source, answers
            case sourceTokens = "source_tokens"
            case unknownTokens = "unknown_tokens"
        }
    }

    /// The model and tokenizers of a run folder of ``SequenceToSequenceRecipe``.
    ///
    /// Until told otherwise it writes at most twice as many tokens as the longest text that it learned from has.
    ///
    /// - Parameter type: what matrices, and what they meet, are rounded to.
    /// - Throws: `ModelError`, `StoreError`, `TokenizerError` or `PipelineError`: which file, what is wrong, what was expected.
    public init(contentsOf folder: String, type: InferenceType = .float32) throws {
        self.type = type
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
            let cuts = (
                try tokenizer("source_tokenizer.json", count: model.sourceVocabularySize),
                try tokenizer("target_tokenizer.json", count: model.vocabularySize)
            )
            if model.copies, cuts.0.tokenizer.json != cuts.1.tokenizer.json {
                throw ModelError(
                    "\(folder): the model copies what it reads, but source_tokenizer.json is not target_tokenizer.json; both must come from one run"
                )
            }
            return (model.prepared(type), cuts.0, cuts.1)
        }
        search = BeamSearch(writing: target)
        if let record = SequenceToSequenceRecord.read(from: folder) {
            search.maximumLength = max(2 * record.longestAnswer, 1)
        }
    }

    /// The same with another model of the same tokens.
    func with(_ model: any SequenceToSequenceModel) -> Translator {
        var result = self
        result.model = model.prepared(type)
        return result
    }

    /// What the model writes for texts, text by text.
    ///
    /// - Parameter prefixes: what the answers begin with, text by text; nil: anything.
    /// - Throws: `ModelError` for options that make no sense and texts that are too long; `PipelineError` where a tokenizer has no
    ///   token for a part of a text.
    public func translate(_ texts: [String], prefixes: [String]? = nil) throws -> [Translation] {
        var words = [[String]](repeating: [], count: texts.count)
        let sources = try texts.enumerated().map { place, text in
            model.copies
                ? try source.encode(text, copying: &words[place], adding: true)
                : try source.encode(text)
        }
        let beginnings = try prefixes?.enumerated().map { place, text in
            var known = place < words.count ? words[place] : []
            return Array(try target.encode(text, copying: &known, adding: false).dropLast())
        }
        let found = try search(model, reading: sources, prefixes: beginnings)
        let unknown = source.tokenizer.unknownID
        return try texts.indices.map { place in
            Translation(
                source: texts[place],
                sourceTokens: try sources[place].map {
                    try source.label($0, copying: words[place])
                },
                unknownTokens: sources[place].count { $0 == unknown || $0 >= source.count },
                answers: try found[place].map { try answer($0, copying: words[place]) })
        }
    }

    private func answer(_ hypothesis: BeamHypothesis, copying words: [String]) throws -> Answer {
        Answer(
            text: try target.decode(hypothesis.tokens, copying: words), score: hypothesis.score,
            logProbability: hypothesis.logProbability, isComplete: hypothesis.isComplete,
            tokens: try hypothesis.tokens.map { try target.label($0, copying: words) },
            attention: hypothesis.attention)
    }
}

extension BeamSearch {
    /// A search for what is written by a tokenizer: likelier by the token, ended when nothing better can come.
    init(writing target: SequenceTokenizer) {
        self.init(beginning: target.boundaryID, end: target.boundaryID)
        lengthPenalty = .length()
        stopping = .whenFull
        // What stands for all that is not known says nothing to a reader.
        if let unknown = target.tokenizer.unknownID { suppressed = [unknown] }
    }
}

public import MartletTensor

/// What keeping a model in fewer bits saves and costs.
public struct QuantizationReport: Codable, Sendable {
    /// A figure before and after.
    public struct Pair<Value: Codable & Sendable>: Codable, Sendable {
        /// Of the model as it was.
        public var before: Value
        /// Of the quantised one.
        public var after: Value
    }

    /// How close vectors are to others.
    public struct Cosine: Codable, Sendable {
        /// On average.
        public var mean: Double
        /// At least.
        public var least: Double
    }

    /// How the matrices are kept.
    public var type: QuantizedType
    /// Bytes of all parameters.
    public var bytes: Pair<Int>
    /// The time of answering the data once (of pairs the first 64 sources), or of reading the first 256 tokens of a text one by one;
    /// in turns, median.
    public var milliseconds: Pair<Double>?
    /// How many texts the models were compared on.
    public var examples: Int?
    /// How many sources models that write were compared on.
    public var sources: Int?
    /// The scores of what they wrote.
    public var scores: [Pair<PairMetric.Score>]?
    /// How many tokens of running text language models were compared on.
    public var tokens: Int?
    /// How uncertain language models are about them; see ``LanguageModelScores/perplexity``.
    public var perplexity: Pair<Double>?
    /// The share of right answers.
    public var accuracy: Pair<Double>?
    /// The share of texts to which both give the same answer.
    public var sameAnswers: Double?
    /// Of encoders of texts, the products of the vectors before and after, each 1 long.
    public var cosine: Cosine?
    /// The root mean square of the outputs' errors beside that of the outputs.
    public var relativeError: Double?

    enum CodingKeys: String, CodingKey {
        case type, bytes, milliseconds, examples, accuracy, tokens, perplexity, sources, scores,
            cosine
        case sameAnswers = "same_answers"
        case relativeError = "relative_error"
    }

    /// The figures of answers before and after to texts with known labels.
    mutating func take(_ answers: ([Int], [Int]), truth: [Int]) {
        func share(_ first: [Int], _ second: [Int]) -> Double {
            Double(zip(first, second).count { $0 == $1 }) / Double(max(1, truth.count))
        }
        examples = truth.count
        accuracy = .init(before: share(answers.0, truth), after: share(answers.1, truth))
        sameAnswers = share(answers.0, answers.1)
    }
}

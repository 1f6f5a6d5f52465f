public import MartletNN
public import MartletTensor

/// A text classifier: tokens → vectors → recurrent layers → one vector per text → class scores.
///
/// The vector of a text is the mean of the recurrent outputs over its real tokens beside their maximum.
/// Weights: `embedding.weight`, `rnn.weight_ih_l0` …, `output.weight`, `output.bias`.
public struct SentimentClassifier: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `sentiment-classifier`.
        public static let architecture = "sentiment-classifier"

        /// `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        public var cell: RecurrentCell
        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width of a token's vector.
        public var embeddingSize: Int
        /// The width H of each state.
        public var hiddenSize: Int
        /// How many recurrent layers stand on top of each other.
        public var layers: Int
        /// Whether each layer also reads from the end.
        public var bidirectional: Bool
        /// The probability of dropping an element of the token vectors, between layers, and of the text vector.
        public var dropout: Double
        /// The classes' names, in the order of the scores.
        public var labels: [String]

        /// A configuration of the given sizes.
        public init(
            cell: RecurrentCell, vocabularySize: Int, embeddingSize: Int, hiddenSize: Int,
            layers: Int = 1, bidirectional: Bool = true, dropout: Double = 0, labels: [String]
        ) {
            self.cell = cell
            self.vocabularySize = vocabularySize
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.bidirectional = bidirectional
            self.dropout = dropout
            self.labels = labels
        }

        enum CodingKeys: String, CodingKey {
            case cell, bidirectional, dropout, labels
            case vocabularySize = "vocab_size"
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            for (key, value) in [
                ("vocab_size", vocabularySize), ("embedding_size", embeddingSize),
                ("hidden_size", hiddenSize),
            ] where value < 1 || value > 1 << 20 {
                return "\(key) is \(value): expected 1 … \(1 << 20)"
            }
            if layers < 1 || layers > 1024 { return "num_layers is \(layers): expected 1 … 1024" }
            if labels.count < 2 { return "labels are \(labels): expected at least two" }
            if !(dropout >= 0 && dropout < 1) { return "dropout is \(dropout): expected 0 ..< 1" }
            return nil
        }

        /// The numbers in a model of these sizes.
        public var parameterCount: Int {
            let width = hiddenSize * (bidirectional ? 2 : 1)
            return vocabularySize * embeddingSize + labels.count * (2 * width + 1)
                + cell.parameterCount(
                    inputSize: embeddingSize, hiddenSize: hiddenSize, layers: layers,
                    bidirectional: bidirectional, bias: true)
        }
    }

    /// The sizes and labels.
    public let configuration: Configuration
    /// The token vectors.
    public var embedding: Embedding
    /// The recurrent layers.
    public var rnn: RecurrentStack
    /// From the text vector to the scores.
    public var output: Linear

    /// A classifier with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        embedding = Embedding(
            vocabularySize: configuration.vocabularySize, size: configuration.embeddingSize,
            paddingIndex: 0, deviation: 0.1, using: &random)
        rnn = RecurrentStack(
            cell: configuration.cell, inputSize: configuration.embeddingSize,
            hiddenSize: configuration.hiddenSize, layers: configuration.layers,
            bidirectional: configuration.bidirectional, dropout: configuration.dropout,
            using: &random)
        output = Linear(
            inputSize: 2 * rnn.outputSize, outputSize: configuration.labels.count, using: &random)
    }

    /// Visits `embedding.…`, `rnn.…` and `output.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try embedding.forEachParameter(in: "embedding", visit)
        try rnn.forEachParameter(in: "rnn", visit)
        try output.forEachParameter(in: "output", visit)
    }

    /// The class scores before the softmax, `[B, C]`.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`; what stands beyond a text's length is not looked at.
    ///   - lengths: the number of tokens of each text, 0 … T; the vector of an empty text is zero.
    ///   - random: random numbers for dropout; nil when not training.
    public func callAsFunction(
        _ tokens: Tensor, lengths: [Int], dropout random: inout RandomGenerator?
    ) -> Tensor {
        let dropout = Dropout(configuration.dropout)
        let vectors = dropout(embedding(tokens), using: &random)  // [B, T, D]
        let states = rnn(vectors, lengths: lengths, dropout: &random).output
        let text = Tensor.concatenate(
            [states.meanOverTime(lengths: lengths), states.maxOverTime(lengths: lengths)], axis: 1)
        return output(dropout(text, using: &random))
    }

    /// The class scores before the softmax, `[B, C]`, without dropout.
    public func callAsFunction(_ tokens: Tensor, lengths: [Int]) -> Tensor {
        var none: RandomGenerator?
        return self(tokens, lengths: lengths, dropout: &none)
    }

    /// Scores of named tensors: `tokens [B, T]` (int32 or int64) and optionally `lengths [B]` give `logits [B, C]`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, or a
    ///   token outside of the vocabulary.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeTokens("tokens", vocabularySize: configuration.vocabularySize)
        let (B, T) = (tokens.shape[0], tokens.shape[1])
        let lengths = try reader.takeLengths("lengths", count: B, longest: T)
        try reader.finish()
        return ["logits": self(tokens, lengths: lengths ?? Array(repeating: T, count: B))]
    }
}

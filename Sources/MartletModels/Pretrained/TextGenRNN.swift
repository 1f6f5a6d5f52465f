public import MartletNN
public import MartletTensor

/// The network of textgenrnn (Woolf 2017–2020): how probable each character is as the next one.
///
/// ```text
/// x_t = embedding[token_t]                                of the last T characters          [B, T, D]
/// v_t = x_t ‖ h_t of the first LSTM ‖ h_t of the second one …                               [B, T, D + L H]
/// a   = softmax over t of v_t · w                                                           [B, T]
/// p   = softmax((Σ over t of a_t v_t) Wᵀ + b)                                               [B, V]
/// ```
///
/// As in the original, a text of fewer than T characters has token 0 before it, which is read like any other. Weights:
/// `embedding.weight`, `rnn.weight_ih_l0` …, `attention.weight [1, D + L H]`, `output.weight`, `output.bias`;
/// `Tools/convert_pretrained.py` fetches and converts the original's. The original adds 10⁻⁷ to the sum under the
/// attention's softmax, a sum that is at least 1; here nothing is added.
public struct TextGenRNN: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `textgenrnn`.
        public static let architecture = "textgenrnn"

        /// The number of tokens V, 0 among them: none, or one that is not known.
        public var vocabularySize: Int
        /// The width D of a token's vector.
        public var embeddingSize: Int
        /// The width H of each layer's states.
        public var hiddenSize: Int
        /// The number of LSTM layers L.
        public var layers: Int
        /// The number of tokens T that are read.
        public var contextSize: Int

        /// A configuration of the given sizes.
        public init(
            vocabularySize: Int, embeddingSize: Int, hiddenSize: Int, layers: Int, contextSize: Int
        ) {
            self.vocabularySize = vocabularySize
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.contextSize = contextSize
        }

        enum CodingKeys: String, CodingKey {
            case vocabularySize = "vocab_size"
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
            case contextSize = "context_size"
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "embedding_size": embeddingSize,
                    "hidden_size": hiddenSize, "context_size": contextSize,
                ], layers: layers)
        }
    }

    /// The sizes.
    public let configuration: Configuration
    /// The token vectors.
    public var embedding: Embedding
    /// The LSTM layers, each with what the one below gives; all are looked at.
    public var layers: [RecurrentWeights]
    /// How much a step counts.
    public var attention: Linear
    /// From the mean to the scores.
    public var output: Linear

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let (D, H) = (configuration.embeddingSize, configuration.hiddenSize)
        embedding = Embedding(
            vocabularySize: configuration.vocabularySize, size: D, using: &random)
        layers = []
        for layer in 0..<configuration.layers {
            layers.append(
                RecurrentWeights(
                    cell: .lstm, inputSize: layer == 0 ? D : H, hiddenSize: H, using: &random))
        }
        let width = D + configuration.layers * H
        attention = Linear(inputSize: width, outputSize: 1, bias: false, using: &random)
        output = Linear(
            inputSize: width, outputSize: configuration.vocabularySize, using: &random)
    }

    /// Visits `embedding.…`, `rnn.weight_ih_l0` …, `attention.weight`, and `output.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try embedding.forEachParameter(in: "embedding", visit)
        for layer in layers.indices {
            try layers[layer].forEachParameter { name, tensor in
                try visit("rnn.\(name)_l\(layer)", &tensor)
            }
        }
        try attention.forEachParameter(in: "attention", visit)
        try output.forEachParameter(in: "output", visit)
    }

    /// The scores of the next token before the softmax, `[B, V]`.
    ///
    /// - Parameter tokens: int32 `[B, T]`, T at least 1; all are read, so a short text has zeros before it.
    public func callAsFunction(_ tokens: Tensor) -> Tensor {
        var x = embedding(tokens)
        var seen = [x]
        for weights in layers {
            x = x.recurrent(.lstm, weights: [weights.arguments(.lstm)]).output
            seen.append(x)
        }
        let all = Tensor.concatenate(seen, axis: 2)  // [B, T, D + L H]
        let share = attention(all).softmax(axis: 1)  // [B, T, 1]
        return output((all * share).sum(axis: 1))
    }

    /// The last `contextSize` tokens of each text, with zeros before shorter ones, int32 `[B, contextSize]`.
    func context(_ tokens: Tensor, lengths: [Int]) -> Tensor {
        let (T, size) = (tokens.shape[1], configuration.contextSize)
        let values = tokens.scalars(as: Int32.self)
        let rows = lengths.enumerated().flatMap { row, length in
            let text = values[row * T..<row * T + length].suffix(size)
            return [Int32](repeating: 0, count: size - text.count) + text
        }
        return Tensor(rows, shape: [lengths.count, size])
    }

    /// Runs the model on named tensors.
    ///
    /// - Parameter inputs: `tokens [B, T]` (int32 or int64), any T; optionally `lengths [B]`, 1 … T. The last
    ///   `context_size` tokens of each row are read, with zeros before shorter rows.
    /// - Returns: `logits [B, V]`, and `probabilities [B, V]` of the next token.
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, a token outside
    ///   of the vocabulary, or an empty row.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeNumbers(
            "tokens", below: configuration.vocabularySize, shape: [nil, nil])
        let (B, T) = (tokens.shape[0], tokens.shape[1])
        let lengths =
            try reader.takeLengths("lengths", count: B, longest: T)
            ?? [Int](repeating: T, count: B)
        try reader.finish()
        if let row = lengths.firstIndex(of: 0) {
            throw ModelError(
                "row \(row) of \"tokens\" is empty: expected at least one token; a text begins with that of <s>"
            )
        }
        let logits = self(context(tokens, lengths: lengths))
        return ["logits": logits, "probabilities": logits.softmax()]
    }
}

public import MartletNN
public import MartletTensor

/// The network of g2pM, a Python package for Mandarin: which of its readings a Mandarin character has in its sentence.
///
/// ```text
/// x_t = embedding[token_t]                                [B, T, D]
/// h_t = LSTM in both directions                           [B, T, 2 H]
/// scores = relu(h_t W₀ᵀ + b₀) W₂ᵀ + b₂                      [B, T, C]
/// ```
///
/// Weights: the names of the package's checkpoint (`embedding.weight`, `lstm.weight_ih_l0` …, `logit_layer.0.…`,
/// `logit_layer.2.…`); `Tools/convert_pretrained.py` fetches and converts it.
public struct PolyphoneTagger: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `polyphone-tagger`.
        public static let architecture = "polyphone-tagger"

        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width D of a token's vector.
        public var embeddingSize: Int
        /// The width H of the states of one direction.
        public var hiddenSize: Int
        /// The width between the two linear layers.
        public var classifierSize: Int
        /// The readings, in the order of the scores.
        public var labels: [String]

        /// A configuration of the given sizes.
        public init(
            vocabularySize: Int, embeddingSize: Int, hiddenSize: Int, classifierSize: Int,
            labels: [String]
        ) {
            self.vocabularySize = vocabularySize
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.classifierSize = classifierSize
            self.labels = labels
        }

        enum CodingKeys: String, CodingKey {
            case labels
            case vocabularySize = "vocab_size"
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case classifierSize = "classifier_size"
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            let sizes = Self.problem(sizes: [
                "vocab_size": vocabularySize, "embedding_size": embeddingSize,
                "hidden_size": hiddenSize, "classifier_size": classifierSize,
            ])
            if let sizes { return sizes }
            return labels.isEmpty ? "labels are empty: expected the readings" : nil
        }
    }

    /// The sizes and readings.
    public let configuration: Configuration
    /// The token vectors.
    public var embedding: Embedding
    /// The LSTM of both directions.
    public var lstm: RecurrentStack
    /// From the states to what the scores are made of.
    public var hidden: Linear
    /// From there to the scores.
    public var output: Linear

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        embedding = Embedding(
            vocabularySize: configuration.vocabularySize, size: configuration.embeddingSize,
            using: &random)
        lstm = RecurrentStack(
            cell: .lstm, inputSize: configuration.embeddingSize,
            hiddenSize: configuration.hiddenSize, bidirectional: true, using: &random)
        hidden = Linear(
            inputSize: lstm.outputSize, outputSize: configuration.classifierSize, using: &random)
        output = Linear(
            inputSize: configuration.classifierSize, outputSize: configuration.labels.count,
            using: &random)
    }

    /// Visits `embedding.…`, `lstm.…`, `logit_layer.0.…` and `logit_layer.2.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try embedding.forEachParameter(in: "embedding", visit)
        try lstm.forEachParameter(in: "lstm", visit)
        try hidden.forEachParameter(in: "logit_layer.0", visit)
        try output.forEachParameter(in: "logit_layer.2", visit)
    }

    /// The scores of every token before the softmax, `[B, T, C]`; zero beyond a row's length.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`.
    ///   - lengths: the number of tokens of each row, 0 … T.
    public func callAsFunction(_ tokens: Tensor, lengths: [Int]) -> Tensor {
        let states = lstm(embedding(tokens), lengths: lengths).output
        let scores = output(hidden(states).relu())
        let time = tokens.shape[1]
        let isReal = Tensor(
            lengths.flatMap { length in (0..<time).map { $0 < length } },
            shape: [lengths.count, time, 1])
        return isReal.select(scores, .zeros([], dtype: scores.dtype))
    }

    /// Runs the model on named tensors.
    ///
    /// - Parameter inputs: `tokens [B, T]` (int32 or int64); optionally `lengths [B]` and `positions [B]`, the place of
    ///   each row's polyphone.
    /// - Returns: `logits [B, C]` at the positions, or `[B, T, C]` without them.
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, a token outside
    ///   of the vocabulary, or a position that is not in its row.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeNumbers(
            "tokens", below: configuration.vocabularySize, shape: [nil, nil])
        let (B, T) = (tokens.shape[0], tokens.shape[1])
        let lengths =
            try reader.takeLengths("lengths", count: B, longest: T)
            ?? [Int](repeating: T, count: B)
        let positions =
            inputs["positions"] == nil
            ? nil : try reader.takeNumbers("positions", below: max(T, 1), shape: [B])
        try reader.finish()
        guard let positions else { return ["logits": self(tokens, lengths: lengths)] }
        let places = positions.scalars(as: Int32.self).map(Int.init)
        for (row, (place, length)) in zip(places, lengths).enumerated() where place >= length {
            throw ModelError(
                length == 0
                    ? "row \(row) of \"tokens\" is empty: a position needs a token to stand on"
                    : "positions[\(row)] is \(place): the row has \(length) tokens, expected 0 … \(length - 1)"
            )
        }
        guard B > 0 else { return ["logits": .zeros([0, configuration.labels.count])] }
        let scores = self(tokens, lengths: lengths)
        let chosen = places.enumerated().map { row, place in
            scores.select(axis: 0, row).select(axis: 0, place)
        }
        return ["logits": .stack(chosen)]
    }
}

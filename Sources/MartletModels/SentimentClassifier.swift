public import MartletNN
public import MartletTensor

/// A text classifier: tokens → vectors → a network over them → one vector per text → class scores.
///
/// ```text
/// x_t = embedding[token_t] + Σ over n = 2 … N of ngram_embedding[number of token_{t−n+1} … token_t]    [B, T, D]
/// h_t = recurrent layers or blocks of attention, in one or both directions                       [B, T, H']
/// v   = mean over t of h_t  ‖  maximum over t of h_t  ‖  mean over t of x_t                      [B, 2 H' + D]
/// scores = v Wᵀ + b                                                                              [B, C]
/// ```
///
/// Of convolutions (``TextConvolutions``) v is relu(maximum over t of c_t), `[B, sizes · H]` (Kim 2014). Of a bag v is
/// Σ x_t / √T, `[B, D]`: as large for a long text as for a short one if the vectors know nothing of each other.
///
/// The vectors of n-grams (as fastText's, Joulin et al. 2017) carry what a small corpus does not teach a recurrent
/// network: that 不 before 好 is not 好. The tokenizer numbers those it knows; 0 stands for none and adds nothing.
/// Weights: `embedding.weight`, `ngram_embedding.weight` (if N > 1), `rnn.weight_ih_l0` … or `convolutions.0.weight` … or
/// `attention.input.weight` …, `output.weight`, `output.bias`.
public struct SentimentClassifier: QuantizableModel {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `sentiment-classifier`.
        public static let architecture = "sentiment-classifier"

        /// What reads the vectors.
        public var network: TextArchitecture
        /// `rnn_tanh`, `rnn_relu`, `lstm` or `gru`, of recurrent layers.
        public var cell: CellKind
        /// The tokens that each convolution looks at; empty where there are none.
        public var kernelSizes: [Int]
        /// The heads of attention, where there is any.
        public var heads: Int
        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width of a token's vector.
        public var embeddingSize: Int
        /// The width H of each state; of convolutions, the results of each size.
        public var hiddenSize: Int
        /// How many recurrent layers, or blocks of attention, stand on top of each other.
        public var layers: Int
        /// Whether each layer also reads from the end; of attention, whether a token also sees those behind it.
        public var bidirectional: Bool
        /// The probability of dropping an element of the token vectors, between layers, and of the text vector.
        public var dropout: Double
        /// The probability, in training, of reading a token as unknown, and of not seeing an n-gram.
        public var tokenDropout: Double
        /// The tokens N of the longest n-gram that has a vector; 1: only the tokens themselves.
        public var longestNGram: Int
        /// The number of n-grams that have a vector, and one for none, if N > 1.
        public var nGramRows: Int
        /// The classes' names, in the order of the scores.
        public var labels: [String]
        /// How the recurrent layers' matrices are kept, if in fewer bits.
        public var quantization: QuantizedType?

        /// A configuration of the given sizes.
        public init(
            network: TextArchitecture = .recurrent, cell: CellKind = .gru, kernelSizes: [Int] = [],
            heads: Int = 1, vocabularySize: Int, embeddingSize: Int, hiddenSize: Int,
            layers: Int = 1, bidirectional: Bool = true, dropout: Double = 0,
            tokenDropout: Double = 0, longestNGram: Int = 1, nGramRows: Int = 0, labels: [String]
        ) {
            self.network = network
            self.cell = cell
            self.kernelSizes = kernelSizes
            self.heads = heads
            self.vocabularySize = vocabularySize
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.bidirectional = bidirectional
            self.dropout = dropout
            self.tokenDropout = tokenDropout
            self.longestNGram = longestNGram
            self.nGramRows = nGramRows
            self.labels = labels
        }

        enum CodingKeys: String, CodingKey {
            case network, cell, bidirectional, dropout, labels, quantization
            case kernelSizes = "kernel_sizes"
            case heads = "num_heads"
            case vocabularySize = "vocab_size"
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
            case tokenDropout = "token_dropout"
            case longestNGram = "longest_ngram"
            case nGramRows = "ngram_rows"
        }

        /// Reads the keys; without `longest_ngram` and `token_dropout` there are no n-grams and no such dropout, and without
        /// `network` it is recurrent.
        public init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: CodingKeys.self)
            network =
                try keys.decodeIfPresent(TextArchitecture.self, forKey: .network) ?? .recurrent
            cell =
                network == .recurrent
                ? try keys.decode(CellKind.self, forKey: .cell)
                : try keys.decodeIfPresent(CellKind.self, forKey: .cell) ?? .gru
            kernelSizes = try keys.decodeIfPresent([Int].self, forKey: .kernelSizes) ?? []
            heads = try keys.decodeIfPresent(Int.self, forKey: .heads) ?? 1
            vocabularySize = try keys.decode(Int.self, forKey: .vocabularySize)
            embeddingSize = try keys.decode(Int.self, forKey: .embeddingSize)
            hiddenSize = try keys.decode(Int.self, forKey: .hiddenSize)
            layers = try keys.decode(Int.self, forKey: .layers)
            bidirectional = try keys.decode(Bool.self, forKey: .bidirectional)
            dropout = try keys.decode(Double.self, forKey: .dropout)
            tokenDropout = try keys.decodeIfPresent(Double.self, forKey: .tokenDropout) ?? 0
            longestNGram = try keys.decodeIfPresent(Int.self, forKey: .longestNGram) ?? 1
            nGramRows = try keys.decodeIfPresent(Int.self, forKey: .nGramRows) ?? 0
            labels = try keys.decode([String].self, forKey: .labels)
            quantization = try keys.decodeIfPresent(QuantizedType.self, forKey: .quantization)
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            let sizes = Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "embedding_size": embeddingSize,
                    "hidden_size": hiddenSize,
                ], layers: layers)
            if let sizes { return sizes }
            if let problem = networkProblem { return problem }
            if labels.count < 2 { return "labels are \(labels): expected at least two" }
            let shares = Self.problem(
                probabilities: ["dropout": dropout, "token_dropout": tokenDropout])
            if let shares { return shares }
            if !(1...3).contains(longestNGram) {
                return "longest_ngram is \(longestNGram): expected 1 … 3"
            }
            if longestNGram > 1, !(1...1 << 24).contains(nGramRows) {
                return "ngram_rows is \(nGramRows): expected 1 … \(1 << 24)"
            }
            return nil
        }

        /// What is wrong with what only some networks have.
        private var networkProblem: String? {
            if network != .recurrent, quantization != nil {
                return "quantization is given: expected none of a \(network.rawValue)"
            }
            switch network {
            case .recurrent: return nil
            case .cnn:
                return kernelSizes.isEmpty || kernelSizes.contains { !(1...64).contains($0) }
                    ? "kernel_sizes is \(kernelSizes): expected sizes of 1 … 64" : nil
            case .transformer:
                return heads >= 1 && hiddenSize % (2 * heads) == 0
                    ? nil
                    : "hidden_size is \(hiddenSize) and num_heads \(heads): expected an even width for each head"
            case .bag: return nil
            }
        }
    }

    /// The sizes and labels.
    public private(set) var configuration: Configuration
    /// The token vectors.
    public var embedding: Embedding
    /// The vectors of n-grams, if they have any.
    public var nGramEmbedding: Embedding?
    /// The recurrent layers, if it has them.
    public var rnn: RecurrentStack?
    /// The convolutions, if it has them.
    public var convolutions: TextConvolutions?
    /// The blocks of attention, if it has them.
    public var attention: AttentionStack?
    /// From the text vector to the scores.
    public var output: Linear

    /// A classifier with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        embedding = Embedding(
            vocabularySize: configuration.vocabularySize, size: configuration.embeddingSize,
            paddingIndex: 0, deviation: 0.1, using: &random)
        if configuration.longestNGram > 1 {
            nGramEmbedding = Embedding(
                vocabularySize: configuration.nGramRows, size: configuration.embeddingSize,
                paddingIndex: Int(Self.noNGram), deviation: 0.1, using: &random)
        }
        let (D, H) = (configuration.embeddingSize, configuration.hiddenSize)
        let width: Int
        switch configuration.network {
        case .recurrent:
            let stack = RecurrentStack(
                cell: configuration.cell, inputSize: D, hiddenSize: H, layers: configuration.layers,
                bidirectional: configuration.bidirectional, dropout: configuration.dropout,
                using: &random)
            rnn = stack
            width = 2 * stack.outputSize + D
        case .cnn:
            let stack = TextConvolutions(
                inputSize: D, maps: H, kernelSizes: configuration.kernelSizes, using: &random)
            convolutions = stack
            width = stack.outputSize
        case .transformer:
            attention = AttentionStack(
                inputSize: D, hiddenSize: H, layers: configuration.layers,
                heads: configuration.heads, using: &random)
            width = 2 * H + D
        case .bag: width = D
        }
        output = Linear(
            inputSize: width, outputSize: configuration.labels.count, using: &random)
        if let type = configuration.quantization, let stack = rnn {
            rnn =
                random.isPlaceholder ? stack.quantizedPlaceholder(type) : stack.quantized(to: type)
        }
    }

    /// How the recurrent layers' matrices are kept, if in fewer bits.
    public var quantization: QuantizedType? { configuration.quantization }

    /// The same classifier with its recurrent layers' matrices in 8 or 4 bits; the vectors of tokens stay as they are.
    public func quantized(to type: QuantizedType) -> SentimentClassifier {
        var result = self
        precondition(rnn != nil, "a \(configuration.network.rawValue) cannot be quantised")
        result.configuration.quantization = type
        result.rnn = rnn?.quantized(to: type)
        return result
    }

    /// Visits `embedding.…`, `ngram_embedding.…` (if n-grams have vectors), `rnn.…`, `convolutions.…` or `attention.…`, and
    /// `output.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try embedding.forEachParameter(in: "embedding", visit)
        try nGramEmbedding.forEachParameter(in: "ngram_embedding", visit)
        try rnn.forEachParameter(in: "rnn", visit)
        try convolutions.forEachParameter(in: "convolutions", visit)
        try attention.forEachParameter(in: "attention", visit)
        try output.forEachParameter(in: "output", visit)
    }

    /// The class scores before the softmax, `[B, C]`.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`; what stands beyond a text's length is not looked at.
    ///   - nGrams: int32 `[B, T, N − 1]`, if N > 1: the n-grams of 2 … N tokens that end at each token.
    ///   - lengths: the number of tokens of each text, 0 … T; the vector of an empty text is zero.
    ///   - random: random numbers for dropout; nil when not training.
    public func callAsFunction(
        _ tokens: Tensor, nGrams: Tensor? = nil, lengths: [Int],
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        precondition(
            nGrams?.shape[2] ?? 0 == (nGramEmbedding == nil ? 0 : configuration.longestNGram - 1),
            "sentiment classifier: n-grams \(nGrams?.shape.description ?? "missing"), longest \(configuration.longestNGram)"
        )
        let dropout = Dropout(configuration.dropout)
        // [B, T, D]
        let vectors = dropout(self.vectors(tokens, nGrams, dropout: &random), using: &random)
        let text: Tensor
        if let rnn {
            let states = rnn(vectors, lengths: lengths, dropout: &random).output
            text = self.text(states, vectors, lengths)
        } else if let convolutions {
            text = convolutions(vectors, lengths: lengths).maxOverTime(lengths: lengths).relu()
        } else if let attention {
            let states = attention(
                vectors, lengths: lengths, isCausal: !configuration.bidirectional)
            text = self.text(states, vectors, lengths)
        } else {
            let roots = lengths.map { Float($0).squareRoot() }
            text =
                vectors.meanOverTime(lengths: lengths)
                * Tensor(roots, shape: [roots.count, 1]).cast(to: vectors.dtype)
        }
        return output(dropout(text, using: &random))
    }

    /// One vector for each text, `[B, 2 H' + D]`.
    private func text(_ states: Tensor, _ vectors: Tensor, _ lengths: [Int]) -> Tensor {
        .concatenate(
            [
                states.meanOverTime(lengths: lengths), states.maxOverTime(lengths: lengths),
                vectors.meanOverTime(lengths: lengths),
            ], axis: 1)
    }

    /// The class scores, `[B, C]`, of what the recurrent layers read and gave, without dropout: for who runs the layers
    /// another way.
    package func scores(states: Tensor, vectors: Tensor, lengths: [Int]) -> Tensor {
        output(text(states, vectors, lengths))
    }

    /// The vectors that the recurrent layers read, `[B, T, D]`, without dropout.
    package func vectors(_ tokens: Tensor, _ nGrams: Tensor?) -> Tensor {
        var none: RandomGenerator?
        return vectors(tokens, nGrams, dropout: &none)
    }

    /// The vectors that the recurrent layers read, `[B, T, D]`.
    private func vectors(
        _ tokens: Tensor, _ nGrams: Tensor?, dropout random: inout RandomGenerator?
    ) -> Tensor {
        let hidden = configuration.tokenDropout
        let words = embedding(tokens.replacingAtRandom(hidden, with: Self.unknown, &random))
        guard let nGramEmbedding, let nGrams else { return words }
        let seen = nGrams.replacingAtRandom(hidden, with: Self.noNGram, &random)
        return (0..<nGrams.shape[2]).reduce(words) { sum, length in
            sum + nGramEmbedding(seen.select(axis: 2, length))
        }
    }

    /// The token that stands for all that are not in the vocabulary.
    private static let unknown: Int32 = 1
    /// The row of ``nGramEmbedding`` that is zero.
    private static let noNGram: Int32 = 0

    /// The class scores before the softmax, `[B, C]`, without dropout.
    public func callAsFunction(
        _ tokens: Tensor, nGrams: Tensor? = nil, lengths: [Int]
    ) -> Tensor {
        var none: RandomGenerator?
        return self(tokens, nGrams: nGrams, lengths: lengths, dropout: &none)
    }

    /// Scores of named tensors: `tokens [B, T]` (int32 or int64), `ngrams [B, T, N − 1]` if N > 1, and optionally
    /// `lengths [B]` give `logits [B, C]`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, or a
    ///   token outside of the vocabulary.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeNumbers(
            "tokens", below: configuration.vocabularySize, shape: [nil, nil])
        let (B, T) = (tokens.shape[0], tokens.shape[1])
        let nGrams = try nGramEmbedding.map { _ in
            try reader.takeNumbers(
                "ngrams", below: configuration.nGramRows,
                shape: [B, T, configuration.longestNGram - 1])
        }
        let lengths = try reader.takeLengths("lengths", count: B, longest: T)
        try reader.finish()
        return [
            "logits": self(
                tokens, nGrams: nGrams, lengths: lengths ?? Array(repeating: T, count: B))
        ]
    }
}

extension Tensor {
    /// The int32 elements, each replaced with the given probability; unchanged without random numbers.
    fileprivate func replacingAtRandom(
        _ probability: Double, with value: Int32, _ random: inout RandomGenerator?
    ) -> Tensor {
        guard probability > 0, random != nil else { return self }
        let isReplaced = random!.bernoulli(shape, probability: probability)
        var copy = self
        copy.mutateBytes { bytes in
            let elements = bytes.bindMemory(to: Int32.self)
            isReplaced.withUnsafeBytes { mask in
                for place in elements.indices where mask[place] != 0 { elements[place] = value }
            }
        }
        return copy
    }
}

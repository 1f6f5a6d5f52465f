public import MartletNN
public import MartletTensor

/// A recurrent language model: of each token, which one comes next.
///
/// ```text
/// x_t = embedding[token_t]                                   [B, T, D]
/// h_t = recurrent layers, forward                            [B, T, H]
/// y_t = h_t Pᵀ                 only if tied and H ≠ D        [B, T, D]
/// scores of token_{t+1} = y_t Wᵀ + b                         [B, T, V]      tied: W is the embedding
/// scores of token_{t+1} = log p of an adaptive softmax of y_t               with cutoffs
/// ```
///
/// Tied (Press & Wolf 2017; Inan et al. 2017), the vectors that are read are also those that are compared with: V·D numbers
/// less. Regularised as AWD-LSTM (Merity et al. 2018): the same elements of the vectors, between layers and of the outputs
/// are dropped at every step of a window, and elements of the recurrent matrices are dropped for a whole window. With
/// cutoffs, rare tokens cost little (``MartletNN/AdaptiveSoftmax``); such a model is not tied.
///
/// A bidirectional model has a second network beside it, which reads the text from its end and guesses the token before; the
/// vectors and what the outputs are compared with are shared (Peters et al. 2018, "ELMo"). It is of use to a classifier that
/// reads from both ends; who writes has the first alone.
///
/// Weights: `embedding.weight`, `rnn.weight_ih_l0` …, `projection.weight` (if there is one), `output.weight` (if not tied),
/// `output.bias`; with cutoffs instead of the last two `output.head.weight`, `output.tail.0.0.weight`, …; of a bidirectional
/// model `backward.weight_ih_l0` ….
public struct LanguageModel: QuantizableModel {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `recurrent-language-model`.
        public static let architecture = "recurrent-language-model"

        /// `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        public var cell: CellKind
        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width D of a token's vector.
        public var embeddingSize: Int
        /// The number of units H of each layer.
        public var hiddenSize: Int
        /// How many recurrent layers stand on top of each other.
        public var layers: Int
        /// Whether the scores are products with the vectors that are read.
        public var isTied: Bool
        /// The probability of dropping an element of the vectors, between layers, and of the outputs.
        public var dropout: Double
        /// The probability of dropping an element of the matrices that read the state.
        public var weightDropout: Double
        /// Where each cluster of an adaptive softmax begins, in tokens ordered by how common they are; nil: a softmax over all.
        public var cutoffs: [Int]?
        /// All tokens, commonest first, for an adaptive softmax; nil: 0, 1, 2 …
        public var frequencyOrder: [Int32]?
        /// Whether there is a second network, which reads from the end; nil: no.
        public var bidirectional: Bool?
        /// How the recurrent layers' matrices are kept, if in fewer bits.
        public var quantization: QuantizedType?

        /// A configuration of the given sizes.
        public init(
            cell: CellKind, vocabularySize: Int, embeddingSize: Int, hiddenSize: Int,
            layers: Int = 1, isTied: Bool = false, dropout: Double = 0, weightDropout: Double = 0,
            cutoffs: [Int]? = nil, frequencyOrder: [Int32]? = nil
        ) {
            self.cell = cell
            self.vocabularySize = vocabularySize
            self.embeddingSize = embeddingSize
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.isTied = isTied
            self.dropout = dropout
            self.weightDropout = weightDropout
            self.cutoffs = cutoffs
            self.frequencyOrder = frequencyOrder
        }

        enum CodingKeys: String, CodingKey {
            case cell, dropout, cutoffs, bidirectional, quantization
            case frequencyOrder = "frequency_order"
            case vocabularySize = "vocab_size"
            case embeddingSize = "embedding_size"
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
            case isTied = "tie_word_embeddings"
            case weightDropout = "weight_dropout"
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "embedding_size": embeddingSize,
                    "hidden_size": hiddenSize,
                ], layers: layers)
                ?? Self.problem(probabilities: [
                    "dropout": dropout, "weight_dropout": weightDropout,
                ]) ?? clusterProblem
        }

        /// What is wrong with the adaptive softmax, if anything is.
        private var clusterProblem: String? {
            guard let cutoffs else {
                return frequencyOrder == nil
                    ? nil : "frequency_order is given without cutoffs: expected both or none"
            }
            if isTied {
                return
                    "tie_word_embeddings is true beside cutoffs: the clusters' vectors are narrower than those that are read; expected false"
            }
            if let problem = AdaptiveSoftmax.problem(
                cutoffs: cutoffs, inputSize: hiddenSize, classes: vocabularySize)
            {
                return problem
            }
            guard let frequencyOrder else { return nil }
            var isMissing = [Bool](repeating: true, count: vocabularySize)
            for token in frequencyOrder {
                guard isMissing.indices.contains(Int(token)), isMissing[Int(token)] else {
                    return
                        "frequency_order has \(token) twice, or it is no token: expected each of 0 … \(vocabularySize - 1) once"
                }
                isMissing[Int(token)] = false
            }
            return frequencyOrder.count == vocabularySize
                ? nil
                : "frequency_order has \(frequencyOrder.count) tokens: expected each of 0 … \(vocabularySize - 1) once"
        }
    }

    /// The sizes.
    public private(set) var configuration: Configuration
    /// The token vectors.
    public var embedding: Embedding { didSet { (inputTerms, packedOutput) = (nil, nil) } }
    /// The recurrent layers.
    public var rnn: RecurrentStack { didSet { inputTerms = nil } }
    /// What the first layer's product with each token's vector gives, `[V, G·H]`, if it is ``prepared``.
    private var inputTerms: Tensor?
    /// The matrix of the scores as the kernels read it, if the model is ``prepared``.
    private var packedOutput: PackedLinear?
    /// Those that read the text from its end, of a bidirectional model.
    public var backward: RecurrentStack?
    /// From the outputs to the width of the vectors, where they are tied and of another width.
    public var projection: Linear?
    /// What the outputs are compared with, `[V, H]`; nil: the token vectors, or an adaptive softmax.
    public var outputWeight: Tensor? { didSet { packedOutput = nil } }
    /// How common each token is, `[V]`; nil: an adaptive softmax.
    public var outputBias: Tensor? { didSet { packedOutput = nil } }
    /// The scores of a large vocabulary, if it has cutoffs.
    public var adaptive: AdaptiveSoftmax?

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        let (V, D, H) = (
            configuration.vocabularySize, configuration.embeddingSize, configuration.hiddenSize
        )
        self.configuration = configuration
        // Tied vectors are compared with outputs of size 1 or so, so they must be short for scores to begin near 0.
        embedding = Embedding(vocabularySize: V, size: D, deviation: 0.1, using: &random)
        rnn = RecurrentStack(
            cell: configuration.cell, inputSize: D, hiddenSize: H, layers: configuration.layers,
            using: &random)
        if let cutoffs = configuration.cutoffs {
            adaptive = AdaptiveSoftmax(
                inputSize: H, classes: V, cutoffs: cutoffs, order: configuration.frequencyOrder,
                using: &random)
        } else if configuration.isTied {
            projection =
                D == H ? nil : Linear(inputSize: H, outputSize: D, bias: false, using: &random)
        } else {
            outputWeight = Linear(inputSize: H, outputSize: V, bias: false, using: &random).weight
        }
        if adaptive == nil { outputBias = .zeros([V]) }
        if configuration.bidirectional == true {
            backward = RecurrentStack(
                cell: configuration.cell, inputSize: D, hiddenSize: H, layers: configuration.layers,
                using: &random)
        }
        if let type = configuration.quantization {
            let isPlaceholder = random.isPlaceholder
            forEachStack {
                $0 = isPlaceholder ? $0.quantizedPlaceholder(type) : $0.quantized(to: type)
            }
        }
    }

    /// How the recurrent layers' matrices are kept, if in fewer bits.
    public var quantization: QuantizedType? { configuration.quantization }

    /// The same model with its recurrent layers' matrices in 8 or 4 bits.
    public func quantized(to type: QuantizedType) -> LanguageModel {
        var result = self
        result.configuration.quantization = type
        result.forEachStack { $0 = $0.quantized(to: type) }
        return result
    }

    /// Visits the network, and the one that reads from the end if there is one.
    private mutating func forEachStack(_ visit: (inout RecurrentStack) -> Void) {
        visit(&rnn)
        if backward != nil { visit(&backward!) }
    }

    /// The same model, ready for many short runs: the matrices packed (``MartletNN/RecurrentStack/prepared``), and of a small
    /// vocabulary what the first layer's product with each token's vector gives, so that a step need not read that matrix.
    /// Results are the same, bit for bit; a change of a parameter undoes it.
    public var prepared: LanguageModel {
        var result = self
        result.rnn = rnn.prepared
        let rows = configuration.cell.gateCount * configuration.hiddenSize
        if configuration.vocabularySize * rows <= Self.mostInputTerms {
            result.inputTerms = result.rnn.inputTerms(embedding.weight)
        }
        let matrix = outputWeight ?? embedding.weight
        if adaptive == nil, matrix.dtype == .float32 {
            result.packedOutput = PackedLinear(weight: matrix.detached, bias: outputBias?.detached)
        }
        return result
    }

    /// The most numbers of a table of products: 64 MiB.
    private static let mostInputTerms = 1 << 24

    /// Visits `embedding.…`, `rnn.…`, `projection.…`, `output.weight` and `output.bias`, or `output.head.…` and
    /// `output.tail.…`, and `backward.…`, where there are such.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try embedding.forEachParameter(in: "embedding", visit)
        try rnn.forEachParameter(in: "rnn", visit)
        try projection.forEachParameter(in: "projection", visit)
        try outputWeight.visit("output.weight", visit)
        try outputBias.visit("output.bias", visit)
        try adaptive.forEachParameter(in: "output", visit)
        try backward.forEachParameter(in: "backward", visit)
    }

    /// What the scores are products of, `[B, T, D or H]`, and the state after the last token.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`, each 0 ..< V.
    ///   - state: the state to go on from; nil: that before anything is read.
    ///   - isBackward: whether the network of a bidirectional model that reads from the end is meant; its tokens come in the
    ///     order in which it reads them, the last of the text first.
    ///   - random: random numbers for dropout; nil when not training.
    public func features(
        _ tokens: Tensor, from state: RecurrentState? = nil, isBackward: Bool = false,
        dropout random: inout RandomGenerator?
    ) -> (features: Tensor, state: RecurrentState) {
        precondition(!isBackward || backward != nil, "a language model that reads one way")
        if random == nil, !isBackward, let inputTerms {
            let (output, next) = rnn(inputTerms: inputTerms.embedding(tokens), state: state)
            return (projection.map { $0(output) } ?? output, next)
        }
        var rnn = isBackward ? backward! : rnn
        if random != nil {
            rnn.inputDropout = Dropout(configuration.dropout)
            if configuration.weightDropout > 0 {
                for layer in rnn.weights.indices {
                    rnn.weights[layer][0].hiddenHidden =
                        rnn.weights[layer][0].hiddenHidden.dropout(
                            probability: configuration.weightDropout, using: &random!)
                }
            }
        }
        var (output, next) = rnn(embedding(tokens), state: state, dropout: &random)
        if random != nil, configuration.dropout > 0 {
            let kept = Tensor.ones(
                [output.shape[0], 1, output.shape[2]], dtype: output.dtype
            ).dropout(
                probability: configuration.dropout, using: &random!)
            output = output * kept
        }
        return (projection.map { $0(output) } ?? output, next)
    }

    /// The mean cross-entropy, in nats, of the tokens that really come next, and the state after the last token.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`.
    ///   - next: int32 `[B, T]`: the token after each; −100 where it does not count.
    ///   - isBackward: as in ``features(_:from:isBackward:dropout:)``; what comes next is then what stands before.
    public func loss(
        _ tokens: Tensor, next: Tensor, from state: RecurrentState? = nil, isBackward: Bool = false,
        dropout random: inout RandomGenerator?
    ) -> (loss: Tensor, state: RecurrentState) {
        let (features, state) = features(
            tokens, from: state, isBackward: isBackward, dropout: &random)
        let loss =
            adaptive?.loss(features, labels: next)
            ?? features.linearCrossEntropy(
                weight: outputWeight ?? embedding.weight, bias: outputBias, labels: next)
        return (loss, state)
    }

    /// The scores, `[B, T, V]`, of what ``features(_:from:isBackward:dropout:)`` gave; of an adaptive softmax log-probabilities.
    package func scores(features: Tensor) -> Tensor {
        adaptive?.logProbabilities(features) ?? packedOutput?(features)
            ?? features.linear(weight: outputWeight ?? embedding.weight, bias: outputBias)
    }

    /// The scores of the token after each, before the softmax (of an adaptive softmax the logarithms of the probabilities,
    /// which are their own softmax's), `[B, T, V]`, and the state after the last token.
    public func callAsFunction(
        _ tokens: Tensor, from state: RecurrentState? = nil
    ) -> (scores: Tensor, state: RecurrentState) {
        var none: RandomGenerator?
        let (features, state) = features(tokens, from: state, dropout: &none)
        return (scores(features: features), state)
    }

    /// Scores of named tensors: `tokens [B, T]` (int32 or int64), and optionally `h0 [layers, B, H]` (and `c0` of an LSTM)
    /// give `logits [B, T, V]`, `h_n` (and `c_n`).
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, or a token outside of
    ///   the vocabulary.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeNumbers(
            "tokens", below: configuration.vocabularySize, shape: [nil, nil])
        let shape = [configuration.layers, tokens.shape[0], configuration.hiddenSize]
        let hidden = try reader.takeIfPresent("h0", .float32, shape)
        let cell =
            configuration.cell == .lstm ? try reader.takeIfPresent("c0", .float32, shape) : nil
        try reader.finish()
        guard configuration.cell != .lstm || (hidden == nil) == (cell == nil) else {
            throw ModelError(
                "input tensor \"\(hidden == nil ? "h0" : "c0")\" is missing: an lstm's state is h0 and c0"
            )
        }
        let (scores, state) = self(
            tokens, from: hidden.map { RecurrentState(hidden: $0, cell: cell) })
        var outputs = ["logits": scores, "h_n": state.hidden]
        outputs["c_n"] = state.cell
        return outputs
    }
}

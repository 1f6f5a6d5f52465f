public import MartletNN
public import MartletTensor

/// GPT-2: a decoder with learned positions, normalised before each part (Radford et al. 2019).
///
/// ```text
/// x = wte[token] + wpe[position]                            [B, T, D]
/// x = x + attention(ln_1(x));   x = x + mlp(ln_2(x))        for each block; mlp: D → 4 D → D, gelu_new
/// scores = ln_f(x) wteᵀ                                     [B, T, V]
/// ```
///
/// Weights are Hugging Face's (`transformer.h.0.attn.c_attn.weight` …). Its matrices lie `[in, out]`, as there.
public struct GPT2: HuggingFaceDecoder {
    /// The keys of `config.json`.
    public struct Configuration: HuggingFaceConfiguration {
        /// `gpt2`.
        public static let modelTypes = ["gpt2"]

        /// The number of tokens V.
        public var vocabularySize: Int
        /// The most positions.
        public var positions: Int
        /// The width D.
        public var width: Int
        /// How many blocks stand on top of each other.
        public var layers: Int
        /// The number of heads N.
        public var heads: Int
        /// The width within the mlp; nil: 4 D.
        public var innerWidth: Int?
        /// The mlp's function.
        public var activation: Activation
        /// The probabilities of dropping elements: of the sums, of the vectors, and of the weights of attention.
        public var residualDropout, embeddingDropout, attentionDropout: Double
        /// What is added to variances.
        public var epsilon: Double
        /// The deviation of fresh weights.
        public var initializerRange: Double
        /// Whether scores are products with the vectors that are read.
        public var isTied: Bool
        /// The tokens that begin and end a text.
        public var beginning: Int?
        /// The token, or tokens, that end a text.
        public var end: TokenList?

        /// A configuration of the given sizes.
        public init(
            vocabularySize: Int, positions: Int, width: Int, layers: Int, heads: Int,
            dropout: Double = 0
        ) {
            self.vocabularySize = vocabularySize
            self.positions = positions
            self.width = width
            self.layers = layers
            self.heads = heads
            activation = .geluNew
            residualDropout = dropout
            embeddingDropout = dropout
            attentionDropout = dropout
            epsilon = 1e-5
            initializerRange = 0.02
            isTied = true
        }

        enum CodingKeys: String, CodingKey {
            case vocabularySize = "vocab_size"
            case positions = "n_positions"
            case width = "n_embd"
            case layers = "n_layer"
            case heads = "n_head"
            case innerWidth = "n_inner"
            case activation = "activation_function"
            case residualDropout = "resid_pdrop"
            case embeddingDropout = "embd_pdrop"
            case attentionDropout = "attn_pdrop"
            case epsilon = "layer_norm_epsilon"
            case initializerRange = "initializer_range"
            case isTied = "tie_word_embeddings"
            case beginning = "bos_token_id"
            case end = "eos_token_id"
        }

        /// Reads the keys; those that Hugging Face has defaults for may be missing.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            vocabularySize = try values.value(.vocabularySize, or: 50_257)
            positions = try values.value(.positions, or: 1024)
            width = try values.value(.width, or: 768)
            layers = try values.value(.layers, or: 12)
            heads = try values.value(.heads, or: 12)
            innerWidth = try values.decodeIfPresent(Int.self, forKey: .innerWidth)
            activation = try values.value(.activation, or: .geluNew)
            residualDropout = try values.value(.residualDropout, or: 0.1)
            embeddingDropout = try values.value(.embeddingDropout, or: 0.1)
            attentionDropout = try values.value(.attentionDropout, or: 0.1)
            epsilon = try values.value(.epsilon, or: 1e-5)
            initializerRange = try values.value(.initializerRange, or: 0.02)
            isTied = try values.value(.isTied, or: true)
            beginning = try values.decodeIfPresent(Int.self, forKey: .beginning)
            end = try values.decodeIfPresent(TokenList.self, forKey: .end)
        }

        /// `gpt2`.
        public var modelType: String { Self.modelTypes[0] }
        /// `GPT2LMHeadModel`.
        public var classes: [String] { ["GPT2LMHeadModel"] }
        /// The most positions.
        public var contextLength: Int? { positions }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if width % max(heads, 1) != 0 {
                return "n_embd is \(width) and n_head \(heads): expected a multiple of it"
            }
            return Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "n_positions": positions, "n_embd": width,
                    "n_inner": innerWidth ?? 1,
                ], layers: ("n_layer", layers), heads: heads, keyHeads: heads)
                ?? Self.problem(probabilities: [
                    "resid_pdrop": residualDropout, "embd_pdrop": embeddingDropout,
                    "attn_pdrop": attentionDropout,
                ])
        }
    }

    /// A matrix `[in, out]` and an offset, `Conv1D` there.
    public struct Projection: Module {
        /// `[in, out]`.
        public var weight: Tensor
        /// `[out]`.
        public var bias: Tensor

        init(_ from: Int, _ to: Int, deviation: Double, using random: inout RandomGenerator) {
            weight = random.normal([from, to], standardDeviation: deviation)
            bias = .zeros([to])
        }

        /// `x W + b`.
        public func callAsFunction(_ x: Tensor) -> Tensor {
            x.linear(weight: weight, bias: bias, isTransposed: true)
        }

        /// Visits `weight` and `bias`.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try visit("weight", &weight)
            try visit("bias", &bias)
        }
    }

    /// Attention and mlp, each added to what comes in.
    public struct Block: Module {
        /// Before attention.
        public var firstNorm: LayerNorm
        /// To queries, keys and values, `[D, 3 D]`; and from what attention gives.
        public var queryKeyValue, output: Projection
        /// Before the mlp.
        public var secondNorm: LayerNorm
        /// The mlp.
        public var up, down: Projection
        let heads: Int
        let activation: Activation
        let rule: AttentionRule
        let dropout: Double

        init(_ configuration: Configuration, using random: inout RandomGenerator) {
            let (D, deviation) = (configuration.width, configuration.initializerRange)
            // 2 L parts are added up; so that the sum keeps its size (Radford et al. 2019).
            let ending = deviation / Double(2 * configuration.layers).squareRoot()
            let inner = configuration.innerWidth ?? 4 * D
            firstNorm = LayerNorm(size: D, epsilon: configuration.epsilon)
            queryKeyValue = Projection(D, 3 * D, deviation: deviation, using: &random)
            output = Projection(D, D, deviation: ending, using: &random)
            secondNorm = LayerNorm(size: D, epsilon: configuration.epsilon)
            up = Projection(D, inner, deviation: deviation, using: &random)
            down = Projection(inner, D, deviation: ending, using: &random)
            heads = configuration.heads
            activation = configuration.activation
            rule = AttentionRule(isCausal: true, dropout: configuration.attentionDropout)
            dropout = configuration.residualDropout
        }

        func callAsFunction(_ x: Tensor, layer: Int, _ pass: inout AttentionPass) -> Tensor {
            let parts = queryKeyValue(firstNorm(x))
                .split(axis: 2, sizes: [Int](repeating: x.shape[-1], count: 3))
                .map { $0.splitIntoHeads(heads) }  // [B, T, N, K]
            let attended = pass.attend(
                query: parts[0], key: parts[1], value: parts[2], layer: layer, rule: rule)
            let x = x + pass.dropout(output(attended), dropout)
            let mlp = activation.linear(
                up(secondNorm(x)), weight: down.weight, bias: down.bias, isTransposed: true)
            return x + pass.dropout(mlp, dropout)
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try firstNorm.forEachParameter(in: "ln_1", visit)
            try queryKeyValue.forEachParameter(in: "attn.c_attn", visit)
            try output.forEachParameter(in: "attn.c_proj", visit)
            try secondNorm.forEachParameter(in: "ln_2", visit)
            try up.forEachParameter(in: "mlp.c_fc", visit)
            try down.forEachParameter(in: "mlp.c_proj", visit)
        }
    }

    /// The sizes.
    public let configuration: Configuration
    /// The token vectors and those of positions.
    public var tokens, positions: Embedding
    /// The blocks.
    public var blocks: [Block]
    /// After the last block.
    public var norm: LayerNorm
    /// What the features are compared with, `[V, D]`; nil: the token vectors.
    public var outputWeight: Tensor?

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let (V, D) = (configuration.vocabularySize, configuration.width)
        let deviation = configuration.initializerRange
        tokens = Embedding(vocabularySize: V, size: D, deviation: deviation, using: &random)
        positions = Embedding(
            vocabularySize: configuration.positions, size: D, deviation: deviation, using: &random)
        blocks = (0..<configuration.layers).map { _ in Block(configuration, using: &random) }
        norm = LayerNorm(size: D, epsilon: configuration.epsilon)
        outputWeight =
            configuration.isTied ? nil : random.normal([V, D], standardDeviation: deviation)
    }

    /// `transformer.`
    public var basePrefix: String { "transformer." }

    /// Masks, which older versions saved.
    public static func isTable(_ name: String) -> Bool {
        name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
    }

    /// Visits the parameters by Hugging Face's names.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try tokens.forEachParameter(in: "transformer.wte", visit)
        try positions.forEachParameter(in: "transformer.wpe", visit)
        for layer in blocks.indices {
            try blocks[layer].forEachParameter(in: "transformer.h.\(layer)", visit)
        }
        try norm.forEachParameter(in: "transformer.ln_f", visit)
        try outputWeight.visit("lm_head.weight", visit)
    }

    /// Nothing read.
    public func emptyState(batch: Int) -> AttentionState {
        let (N, D) = (configuration.heads, configuration.width)
        return AttentionState(
            blocks.map { _ in
                KeyValueCache(batch: batch, heads: N, width: D / N, dtype: norm.weight!.dtype)
            })
    }

    /// What the scores are products of, `[B, T, D]`.
    public func features(
        _ tokens: Tensor, mask: TokenMask = .all, state: inout AttentionState?,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        var pass = AttentionPass(
            length: tokens.shape[1], state: state.take(), mask: mask, dropout: random)
        var x = pass.dropout(
            self.tokens(tokens) + positions(pass.positions), configuration.embeddingDropout)
        for (layer, block) in blocks.enumerated() { x = block(x, layer: layer, &pass) }
        (state, random) = (pass.finished, pass.random)
        return norm(x)
    }
}

public import MartletNN
public import MartletTensor

/// Gemma 2 and the text part of Gemma 3: Llama's shape with a norm before and after each part, and windows.
///
/// ```text
/// x = embed_tokens[token] · √D                                     [B, T, D]
/// x = x + norm(attention(norm(x)));   x = x + norm(mlp(norm(x)))
/// scores = norm(x) embed_tokensᵀ                                   [B, T, V]
/// ```
///
/// Gemma Team 2024, 2025. Norms scale by 1 + weight. In Gemma 3 queries and keys are normalised, five of six layers see a
/// window, and those turn positions with a base of their own; in Gemma 2 scores are capped. Weights are Hugging Face's.
public struct Gemma: HuggingFaceDecoder {
    /// The keys of `config.json`.
    public struct Configuration: HuggingFaceConfiguration {
        /// `gemma3_text`, `gemma2`.
        public static let modelTypes = ["gemma3_text", "gemma2"]

        /// Whether it is Gemma 3.
        public var isThird: Bool
        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width D.
        public var width: Int
        /// The width within the mlp.
        public var innerWidth: Int
        /// How many blocks stand on top of each other.
        public var layers: Int
        /// The number of heads N of queries.
        public var heads: Int
        /// The number of heads G of keys and values, of which N is a multiple.
        public var keyHeads: Int
        /// The width K of a head.
        public var headWidth: Int
        /// The mlp's function.
        public var activation: Activation
        /// The most positions that it was trained for.
        public var positions: Int
        /// What is added to mean squares.
        public var epsilon: Double
        /// The deviation of fresh weights.
        public var initializerRange: Double
        /// Whether scores are products with the vectors that are read.
        public var isTied: Bool
        /// Whether attention's matrices have offsets.
        public var attentionBias: Bool
        /// The probability of dropping a weight of attention.
        public var attentionDropout: Double
        /// Scores of attention are products divided by the square root of this.
        public var queryScalar: Double
        /// How far a position sees where a layer has a window.
        public var window: Int
        /// Whether each layer has a window.
        public var windowed: [Bool]
        /// The largest scores, of attention and of tokens; nil: none.
        public var attentionCap, outputCap: Double?
        /// The tokens that begin a text.
        public var beginning: Int?
        /// The token, or tokens, that end a text.
        public var end: TokenList?
        /// Of layers without and with a window.
        var rope, localRope: RopeConfiguration

        enum CodingKeys: String, CodingKey {
            case family = "model_type"
            case vocabularySize = "vocab_size"
            case width = "hidden_size"
            case innerWidth = "intermediate_size"
            case layers = "num_hidden_layers"
            case heads = "num_attention_heads"
            case keyHeads = "num_key_value_heads"
            case headWidth = "head_dim"
            case activation = "hidden_activation"
            case positions = "max_position_embeddings"
            case epsilon = "rms_norm_eps"
            case initializerRange = "initializer_range"
            case isTied = "tie_word_embeddings"
            case attentionBias = "attention_bias"
            case attentionDropout = "attention_dropout"
            case queryScalar = "query_pre_attn_scalar"
            case window = "sliding_window"
            case pattern = "sliding_window_pattern"
            case layerTypes = "layer_types"
            case attentionCap = "attn_logit_softcapping"
            case outputCap = "final_logit_softcapping"
            case ropeBase = "rope_theta"
            case localRopeBase = "rope_local_base_freq"
            case ropeScaling = "rope_scaling"
            case rope = "rope_parameters"
            case beginning = "bos_token_id"
            case end = "eos_token_id"
        }

        private struct Ropes: Codable {
            var full: RopeConfiguration
            var sliding: RopeConfiguration

            enum CodingKeys: String, CodingKey {
                case full = "full_attention"
                case sliding = "sliding_attention"
            }
        }

        /// Reads the keys; those that Hugging Face has defaults for may be missing.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            isThird = try values.decode(String.self, forKey: .family) != "gemma2"
            vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
            width = try values.decode(Int.self, forKey: .width)
            innerWidth = try values.decode(Int.self, forKey: .innerWidth)
            layers = try values.decode(Int.self, forKey: .layers)
            heads = try values.decode(Int.self, forKey: .heads)
            keyHeads = try values.decode(Int.self, forKey: .keyHeads)
            headWidth = try values.value(.headWidth, or: 256)
            activation = try values.value(.activation, or: .geluTanh)
            positions = try values.value(.positions, or: isThird ? 131_072 : 8192)
            epsilon = try values.value(.epsilon, or: 1e-6)
            initializerRange = try values.value(.initializerRange, or: 0.02)
            isTied = try values.value(.isTied, or: true)
            attentionBias = try values.value(.attentionBias, or: false)
            attentionDropout = try values.value(.attentionDropout, or: 0)
            queryScalar = try values.value(.queryScalar, or: 256)
            window = try values.value(.window, or: 4096)
            attentionCap = try values.decodeIfPresent(Double.self, forKey: .attentionCap)
            outputCap = try values.decodeIfPresent(Double.self, forKey: .outputCap)
            if let types = try values.decodeIfPresent([String].self, forKey: .layerTypes) {
                windowed = types.map { $0 == "sliding_attention" }
            } else {
                let pattern = max(try values.value(.pattern, or: isThird ? 6 : 2), 1)
                windowed = (0..<min(max(layers, 0), 1024)).map { ($0 + 1) % pattern != 0 }
            }
            let base: Double = try values.value(.ropeBase, or: isThird ? 1_000_000 : 10_000)
            let localBase: Double = try values.value(.localRopeBase, or: 10_000)
            if let both = try? values.decodeIfPresent(Ropes.self, forKey: .rope) {
                (rope, localRope) = (both.full, both.sliding)
            } else {
                rope =
                    try values.decodeIfPresent(RopeConfiguration.self, forKey: .rope)
                    ?? values.value(.ropeScaling, or: RopeConfiguration())
                localRope = RopeConfiguration(base: isThird ? localBase : rope.base)
            }
            rope.base = rope.base ?? base
            localRope.base = localRope.base ?? (isThird ? localBase : rope.base)
            beginning = try values.decodeIfPresent(Int.self, forKey: .beginning)
            end = try values.decodeIfPresent(TokenList.self, forKey: .end)
        }

        /// Writes the keys as Hugging Face reads them.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(vocabularySize, forKey: .vocabularySize)
            try values.encode(width, forKey: .width)
            try values.encode(innerWidth, forKey: .innerWidth)
            try values.encode(layers, forKey: .layers)
            try values.encode(heads, forKey: .heads)
            try values.encode(keyHeads, forKey: .keyHeads)
            try values.encode(headWidth, forKey: .headWidth)
            try values.encode(activation, forKey: .activation)
            try values.encode(positions, forKey: .positions)
            try values.encode(epsilon, forKey: .epsilon)
            try values.encode(initializerRange, forKey: .initializerRange)
            try values.encode(isTied, forKey: .isTied)
            try values.encode(attentionBias, forKey: .attentionBias)
            try values.encode(attentionDropout, forKey: .attentionDropout)
            try values.encode(queryScalar, forKey: .queryScalar)
            try values.encode(window, forKey: .window)
            try values.encode(
                windowed.map { $0 ? "sliding_attention" : "full_attention" }, forKey: .layerTypes)
            try values.encode(attentionCap, forKey: .attentionCap)
            try values.encode(outputCap, forKey: .outputCap)
            try values.encode(rope.base, forKey: .ropeBase)
            if rope.type != "default" { try values.encode(rope, forKey: .ropeScaling) }
            if isThird {
                try values.encode(localRope.base, forKey: .localRopeBase)
                try values.encode(
                    Ropes(full: rope, sliding: localRope), forKey: .rope)
            } else {
                try values.encode(rope, forKey: .rope)
            }
            try values.encodeIfPresent(beginning, forKey: .beginning)
            try values.encodeIfPresent(end, forKey: .end)
        }

        /// The family's name.
        public var modelType: String { isThird ? "gemma3_text" : "gemma2" }
        /// `Gemma3ForCausalLM`, or `Gemma2ForCausalLM`.
        public var classes: [String] { [isThird ? "Gemma3ForCausalLM" : "Gemma2ForCausalLM"] }
        /// The most positions.
        public var contextLength: Int? { positions }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if windowed.count != layers, (1...1024).contains(layers) {
                return
                    "layer_types lists \(windowed.count) layers, num_hidden_layers is \(layers)"
            }
            if headWidth % 2 != 0 { return "head_dim is \(headWidth): expected an even number" }
            if !(queryScalar > 0) {
                return "query_pre_attn_scalar is \(queryScalar): expected a number above 0"
            }
            return Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "hidden_size": width,
                    "intermediate_size": innerWidth, "head_dim": headWidth,
                    "max_position_embeddings": positions, "sliding_window": window,
                ], layers: ("num_hidden_layers", layers), heads: heads, keyHeads: keyHeads)
                ?? rope.problem(width: headWidth) ?? localRope.problem(width: headWidth)
                ?? Self.problem(probabilities: ["attention_dropout": attentionDropout])
        }
    }

    /// Attention and mlp, each normalised before and after, and added to what comes in.
    public struct Block: Module {
        /// Attention.
        public var attention: RotaryAttention
        /// The mlp.
        public var feedForward: GatedFeedForward
        /// Before and after attention, before and after the mlp.
        public var norms: [RMSNorm]

        init(_ configuration: Configuration, layer: Int, using random: inout RandomGenerator) {
            attention = RotaryAttention(
                size: configuration.width, heads: configuration.heads,
                keyHeads: configuration.keyHeads, headWidth: configuration.headWidth,
                bias: configuration.attentionBias, outputBias: configuration.attentionBias,
                headNorm: configuration.isThird
                    ? configuration.norm(size: configuration.headWidth) : nil,
                rule: AttentionRule(
                    isCausal: true,
                    window: configuration.windowed[layer] ? configuration.window : nil,
                    scale: 1 / configuration.queryScalar.squareRoot(),
                    logitCap: configuration.attentionCap,
                    dropout: configuration.attentionDropout),
                deviation: configuration.initializerRange, using: &random)
            feedForward = GatedFeedForward(
                size: configuration.width, innerSize: configuration.innerWidth,
                activation: configuration.activation,
                deviation: configuration.initializerRange, using: &random)
            norms = (0..<4).map { _ in configuration.norm(size: configuration.width) }
        }

        func callAsFunction(
            _ x: Tensor, layer: Int, _ turn: (Tensor) -> Tensor, _ pass: inout AttentionPass
        ) -> Tensor {
            let x = x + norms[1](attention(norms[0](x), layer: layer, turn, &pass))
            return x + norms[3](feedForward(norms[2](x)))
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try attention.forEachParameter(in: "self_attn", visit)
            try feedForward.forEachParameter(in: "mlp", visit)
            let names = [
                "input_layernorm", "post_attention_layernorm", "pre_feedforward_layernorm",
                "post_feedforward_layernorm",
            ]
            for (place, name) in names.enumerated() {
                try norms[place].forEachParameter(in: name, visit)
            }
        }
    }

    /// The sizes.
    public let configuration: Configuration
    /// The token vectors.
    public var tokens: Embedding
    /// The blocks.
    public var blocks: [Block]
    /// After the last block.
    public var norm: RMSNorm
    /// What the features are compared with, `[V, D]`; nil: the token vectors.
    public var outputWeight: Tensor?
    /// Of layers without and with a window.
    private let rotary, localRotary: RotaryPositions

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let (V, D) = (configuration.vocabularySize, configuration.width)
        let deviation = configuration.initializerRange
        tokens = Embedding(vocabularySize: V, size: D, deviation: deviation, using: &random)
        blocks = (0..<configuration.layers).map {
            Block(configuration, layer: $0, using: &random)
        }
        norm = configuration.norm(size: D)
        outputWeight =
            configuration.isTied ? nil : random.normal([V, D], standardDeviation: deviation)
        let (K, context) = (configuration.headWidth, configuration.positions)
        rotary = configuration.rope.positions(width: K, context: context, base: 10_000)
        localRotary = configuration.localRope.positions(width: K, context: context, base: 10_000)
    }

    /// `model.`
    public var basePrefix: String { "model." }

    /// Visits the parameters by Hugging Face's names.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try tokens.forEachParameter(in: "model.embed_tokens", visit)
        for layer in blocks.indices {
            try blocks[layer].forEachParameter(in: "model.layers.\(layer)", visit)
        }
        try norm.forEachParameter(in: "model.norm", visit)
        try outputWeight.visit("lm_head.weight", visit)
    }

    /// Nothing read.
    public func emptyState(batch: Int) -> AttentionState {
        AttentionState(
            configuration.windowed.map {
                KeyValueCache(
                    batch: batch, heads: configuration.keyHeads, width: configuration.headWidth,
                    window: $0 ? configuration.window : nil, dtype: norm.weight.dtype)
            })
    }

    /// What the scores are products of, `[B, T, D]`.
    public func features(
        _ tokens: Tensor, mask: TokenMask = .all, state: inout AttentionState?,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        var pass = AttentionPass(
            length: tokens.shape[1], state: state.take(), mask: mask, dropout: random)
        let (positions, length) = (pass.positions, pass.start + pass.length)
        let (rotary, localRotary) = (rotary, localRotary)
        var x = self.tokens(tokens) * Double(configuration.width).squareRoot()
        for (layer, block) in blocks.enumerated() {
            let turns = configuration.windowed[layer] ? localRotary : rotary
            x = block(
                x, layer: layer, { turns($0, positions: positions, length: length) }, &pass)
        }
        (state, random) = (pass.finished, pass.random)
        return norm(x)
    }

    /// The scores of the token after each, `[B, T, V]`, capped in Gemma 2.
    public func scores(of features: Tensor) -> Tensor {
        let scores = features.linear(weight: outputWeight ?? tokens.weight)
        guard let cap = configuration.outputCap else { return scores }
        return (scores / cap).tanh() * cap
    }

    /// The mean cross-entropy of the tokens that really come next.
    public func loss(of features: Tensor, next: Tensor) -> Tensor {
        if configuration.outputCap != nil { return scores(of: features).softmaxCrossEntropy(next) }
        return features.linearCrossEntropy(weight: outputWeight ?? tokens.weight, labels: next)
    }
}

extension Gemma.Configuration {
    /// A norm that scales by 1 + weight.
    fileprivate func norm(size: Int) -> RMSNorm {
        RMSNorm(size: size, epsilon: epsilon, weightOffset: 1)
    }
}

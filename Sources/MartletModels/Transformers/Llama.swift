public import MartletNN
public import MartletTensor

/// Llama and the families of its shape: Llama 1–3 and SmolLM2, Mistral, Qwen 2 and 2.5, Qwen 3.
///
/// ```text
/// x = embed_tokens[token]                                          [B, T, D]
/// x = x + attention(input_layernorm(x))                            queries of N heads, keys of G, turned by position
/// x = x + down(silu(gate(n)) · up(n)),  n = post_attention_layernorm(x)
/// scores = norm(x) lm_headᵀ                                        [B, T, V]
/// ```
///
/// Touvron et al. 2023; Grattafiori et al. 2024; Jiang et al. 2023; Yang et al. 2024. The families differ in offsets (Qwen 2),
/// windows (Mistral), and norms of queries and keys (Qwen 3). Weights are Hugging Face's (`model.layers.0.self_attn.q_proj.weight` …).
public struct Llama: HuggingFaceDecoder {
    /// The keys of `config.json`.
    public struct Configuration: HuggingFaceConfiguration {
        /// `llama`, `mistral`, `qwen2`, `qwen3`.
        public static let modelTypes = Family.allCases.map(\.rawValue)

        /// The families, by their `model_type`.
        public enum Family: String, Codable, Sendable, CaseIterable {
            /// Llama 1–3, SmolLM2 and many others.
            case llama
            /// Mistral 7B: windows.
            case mistral
            /// Qwen 2 and 2.5: queries, keys and values have offsets.
            case qwen2
            /// Qwen 3: queries and keys are normalised.
            case qwen3
        }

        /// The family.
        public var family: Family
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
        /// Whether attention's and the mlp's matrices have offsets.
        public var attentionBias, innerBias: Bool
        /// The probability of dropping a weight of attention.
        public var attentionDropout: Double
        /// How far a position sees, in each layer; nil: without limit.
        public var windows: [Int?]
        /// The tokens that begin a text.
        public var beginning: Int?
        /// The token, or tokens, that end a text.
        public var end: TokenList?
        var rope: RopeConfiguration

        /// A configuration of the given sizes.
        public init(
            family: Family = .llama, vocabularySize: Int, positions: Int, width: Int,
            innerWidth: Int, layers: Int, heads: Int, keyHeads: Int? = nil,
            ropeBase: Double = 10_000, isTied: Bool = true
        ) {
            self.family = family
            self.vocabularySize = vocabularySize
            self.width = width
            self.innerWidth = innerWidth
            self.layers = layers
            self.heads = heads
            self.keyHeads = keyHeads ?? heads
            headWidth = width / max(heads, 1)
            activation = .silu
            self.positions = positions
            epsilon = 1e-5
            initializerRange = 0.02
            self.isTied = isTied
            (attentionBias, innerBias) = (family == .qwen2, false)
            attentionDropout = 0
            windows = [Int?](repeating: nil, count: max(layers, 0))
            rope = RopeConfiguration(base: ropeBase)
        }

        enum CodingKeys: String, CodingKey {
            case family = "model_type"
            case vocabularySize = "vocab_size"
            case width = "hidden_size"
            case innerWidth = "intermediate_size"
            case layers = "num_hidden_layers"
            case heads = "num_attention_heads"
            case keyHeads = "num_key_value_heads"
            case headWidth = "head_dim"
            case activation = "hidden_act"
            case positions = "max_position_embeddings"
            case epsilon = "rms_norm_eps"
            case initializerRange = "initializer_range"
            case isTied = "tie_word_embeddings"
            case attentionBias = "attention_bias"
            case innerBias = "mlp_bias"
            case attentionDropout = "attention_dropout"
            case window = "sliding_window"
            case usesWindow = "use_sliding_window"
            case firstWindowed = "max_window_layers"
            case layerTypes = "layer_types"
            case ropeBase = "rope_theta"
            case ropeScaling = "rope_scaling"
            case rope = "rope_parameters"
            case beginning = "bos_token_id"
            case end = "eos_token_id"
        }

        /// Reads the keys; those that Hugging Face has defaults for may be missing.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            family = try values.decode(Family.self, forKey: .family)
            vocabularySize = try values.decode(Int.self, forKey: .vocabularySize)
            width = try values.decode(Int.self, forKey: .width)
            innerWidth = try values.decode(Int.self, forKey: .innerWidth)
            layers = try values.decode(Int.self, forKey: .layers)
            heads = try values.decode(Int.self, forKey: .heads)
            keyHeads = try values.value(.keyHeads, or: heads)
            headWidth = try values.value(
                .headWidth, or: family == .qwen3 ? 128 : width / max(heads, 1))
            activation = try values.value(.activation, or: .silu)
            positions = try values.value(
                .positions,
                or: [.llama: 2048, .mistral: 131_072][family] ?? 32_768)
            epsilon = try values.value(.epsilon, or: 1e-6)
            initializerRange = try values.value(.initializerRange, or: 0.02)
            isTied = try values.value(.isTied, or: false)
            attentionBias = try values.value(.attentionBias, or: family == .qwen2)
            innerBias = try values.value(.innerBias, or: false)
            attentionDropout = try values.value(.attentionDropout, or: 0)
            windows = try Self.windows(values, family, layers)
            rope =
                try values.decodeIfPresent(RopeConfiguration.self, forKey: .rope)
                ?? values.value(.ropeScaling, or: RopeConfiguration())
            if rope.base == nil {
                rope.base = try values.value(.ropeBase, or: 10_000)
            }
            beginning = try values.decodeIfPresent(Int.self, forKey: .beginning)
            end = try values.decodeIfPresent(TokenList.self, forKey: .end)
        }

        private static func windows(
            _ values: KeyedDecodingContainer<CodingKeys>, _ family: Family, _ layers: Int
        ) throws -> [Int?] {
            let count = min(max(layers, 0), 1024)
            let none = [Int?](repeating: nil, count: count)
            guard family != .llama,
                let window = try values.decodeIfPresent(Int.self, forKey: .window)
            else { return none }
            if family == .mistral { return [Int?](repeating: window, count: count) }
            guard try values.value(.usesWindow, or: false) else { return none }
            if let types = try values.decodeIfPresent([String].self, forKey: .layerTypes) {
                return types.map { $0 == "sliding_attention" ? window : nil }
            }
            let first = try values.value(.firstWindowed, or: 28)
            return (0..<count).map { $0 >= first ? window : nil }
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
            if family == .llama || family == .qwen3 {
                try values.encode(attentionBias, forKey: .attentionBias)
            }
            if family == .llama { try values.encode(innerBias, forKey: .innerBias) }
            try values.encode(attentionDropout, forKey: .attentionDropout)
            let window = windows.compactMap { $0 }.first
            if family != .llama { try values.encode(window, forKey: .window) }
            if family == .qwen2 || family == .qwen3 {
                try values.encode(window != nil, forKey: .usesWindow)
                if window != nil {
                    try values.encode(
                        windows.map { $0 == nil ? "full_attention" : "sliding_attention" },
                        forKey: .layerTypes)
                }
            }
            // Both spellings, for older and newer versions.
            try values.encode(rope.base ?? 10_000, forKey: .ropeBase)
            if rope.type != "default" { try values.encode(rope, forKey: .ropeScaling) }
            try values.encode(rope, forKey: .rope)
            try values.encodeIfPresent(beginning, forKey: .beginning)
            try values.encodeIfPresent(end, forKey: .end)
        }

        /// The family's name.
        public var modelType: String { family.rawValue }
        /// Such as `LlamaForCausalLM`.
        public var classes: [String] {
            switch family {
            case .llama: ["LlamaForCausalLM"]
            case .mistral: ["MistralForCausalLM"]
            case .qwen2: ["Qwen2ForCausalLM"]
            case .qwen3: ["Qwen3ForCausalLM"]
            }
        }
        /// The most positions, where nothing reaches further.
        public var contextLength: Int? {
            rope.type == "dynamic" || rope.type == "linear"
                ? Int(Double(positions) * (rope.factor ?? 1)) : positions
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if windows.count != layers, (1...1024).contains(layers) {
                return
                    "layer_types lists \(windows.count) layers, num_hidden_layers is \(layers)"
            }
            if headWidth % 2 != 0 { return "head_dim is \(headWidth): expected an even number" }
            if let window = windows.compactMap({ $0 }).first(where: { $0 < 1 }) {
                return "sliding_window is \(window): expected at least 1"
            }
            return Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "hidden_size": width,
                    "intermediate_size": innerWidth, "head_dim": headWidth,
                    "max_position_embeddings": positions,
                ], layers: ("num_hidden_layers", layers), heads: heads, keyHeads: keyHeads)
                ?? rope.problem(width: headWidth)
                ?? Self.problem(probabilities: ["attention_dropout": attentionDropout])
        }
    }

    /// Attention and mlp, each added to what comes in.
    public struct Block: Module {
        /// Before attention, and before the mlp.
        public var firstNorm, secondNorm: RMSNorm
        /// Attention.
        public var attention: RotaryAttention
        /// The mlp.
        public var feedForward: GatedFeedForward

        init(_ configuration: Configuration, layer: Int, using random: inout RandomGenerator) {
            let size = configuration.width
            firstNorm = RMSNorm(size: size, epsilon: configuration.epsilon)
            secondNorm = RMSNorm(size: size, epsilon: configuration.epsilon)
            attention = RotaryAttention(
                size: size, heads: configuration.heads, keyHeads: configuration.keyHeads,
                headWidth: configuration.headWidth, bias: configuration.attentionBias,
                outputBias: configuration.attentionBias && configuration.family != .qwen2,
                headNorm: configuration.family == .qwen3
                    ? RMSNorm(size: configuration.headWidth, epsilon: configuration.epsilon) : nil,
                rule: AttentionRule(
                    isCausal: true, window: configuration.windows[layer],
                    dropout: configuration.attentionDropout),
                deviation: configuration.initializerRange, using: &random)
            feedForward = GatedFeedForward(
                size: size, innerSize: configuration.innerWidth,
                activation: configuration.activation,
                bias: configuration.innerBias, deviation: configuration.initializerRange,
                using: &random)
        }

        func callAsFunction(
            _ x: Tensor, layer: Int, _ turn: (Tensor) -> Tensor, _ pass: inout AttentionPass
        ) -> Tensor {
            let x = x + attention(firstNorm(x), layer: layer, turn, &pass)
            return x + feedForward(secondNorm(x))
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try attention.forEachParameter(in: "self_attn", visit)
            try feedForward.forEachParameter(in: "mlp", visit)
            try firstNorm.forEachParameter(in: "input_layernorm", visit)
            try secondNorm.forEachParameter(in: "post_attention_layernorm", visit)
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
    private let rotary: RotaryPositions

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let (V, D) = (configuration.vocabularySize, configuration.width)
        let deviation = configuration.initializerRange
        tokens = Embedding(vocabularySize: V, size: D, deviation: deviation, using: &random)
        blocks = (0..<configuration.layers).map {
            Block(configuration, layer: $0, using: &random)
        }
        norm = RMSNorm(size: D, epsilon: configuration.epsilon)
        outputWeight =
            configuration.isTied ? nil : random.normal([V, D], standardDeviation: deviation)
        rotary = configuration.rope.positions(
            width: configuration.headWidth, context: configuration.positions, base: 10_000)
    }

    /// `model.`
    public var basePrefix: String { "model." }

    /// Frequencies, which older versions saved.
    public static func isTable(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }

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
            configuration.windows.map {
                KeyValueCache(
                    batch: batch, heads: configuration.keyHeads, width: configuration.headWidth,
                    window: $0, dtype: norm.weight.dtype)
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
        let rotary = rotary
        let turn = { (x: Tensor) in rotary(x, positions: positions, length: length) }
        var x = self.tokens(tokens)
        for (layer, block) in blocks.enumerated() { x = block(x, layer: layer, turn, &pass) }
        (state, random) = (pass.finished, pass.random)
        return norm(x)
    }
}

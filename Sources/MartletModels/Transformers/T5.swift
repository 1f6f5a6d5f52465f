public import MartletNN
public import MartletTensor

/// T5: an encoder and a decoder whose scores depend on distances (Raffel et al. 2020), version 1.0 and 1.1.
///
/// ```text
/// x = shared[token]                                                          [B, S, D], no positions
/// x = x + attention(norm(x), bias of distances);   x = x + mlp(norm(x))      the encoder's layers
/// y = y + attention(norm(y), …);  y = y + attention(norm(y), to x);  y = y + mlp(norm(y))      the decoder's
/// scores = norm(y) Wᵀ                                                        [B, T, V]; tied: of norm(y) / √D
/// ```
///
/// Products of queries and keys are not scaled. The bias of a distance is looked up in the first layer's table, by buckets
/// that grow with it. Weights are Hugging Face's (`encoder.block.0.layer.0.SelfAttention.q.weight` …).
public struct T5: HuggingFaceModel {
    /// The keys of `config.json`.
    public struct Configuration: HuggingFaceConfiguration {
        /// `t5`.
        public static let modelTypes = ["t5"]

        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width D.
        public var width: Int
        /// The width K of a head.
        public var headWidth: Int
        /// The width within the mlp.
        public var innerWidth: Int
        /// How many layers the encoder and the decoder have.
        public var layers, decoderLayers: Int
        /// The number of heads N.
        public var heads: Int
        /// How many biases there are for distances, and the distance from which all have the last.
        public var buckets, farthest: Int
        /// The probability of dropping an element.
        public var dropout: Double
        /// What is added to mean squares.
        public var epsilon: Double
        /// The mlp: `relu`, or `gated-gelu` in version 1.1.
        public var feedForward: String
        /// Whether scores are products with the vectors that are read.
        public var isTied: Bool
        /// The tokens that pad, end, and begin the decoder.
        public var padding, end, beginning: Int
        /// The factor of the deviations of fresh weights.
        public var initializerFactor: Double

        /// A configuration of the given sizes.
        public init(
            vocabularySize: Int, width: Int, headWidth: Int, innerWidth: Int, layers: Int,
            heads: Int, dropout: Double = 0.1
        ) {
            self.vocabularySize = vocabularySize
            self.width = width
            self.headWidth = headWidth
            self.innerWidth = innerWidth
            self.layers = layers
            decoderLayers = layers
            self.heads = heads
            (buckets, farthest) = (32, 128)
            self.dropout = dropout
            epsilon = 1e-6
            feedForward = "gated-gelu"
            isTied = false
            (padding, end, beginning) = (0, 1, 0)
            initializerFactor = 1
        }

        enum CodingKeys: String, CodingKey {
            case vocabularySize = "vocab_size"
            case width = "d_model"
            case headWidth = "d_kv"
            case innerWidth = "d_ff"
            case layers = "num_layers"
            case decoderLayers = "num_decoder_layers"
            case heads = "num_heads"
            case buckets = "relative_attention_num_buckets"
            case farthest = "relative_attention_max_distance"
            case dropout = "dropout_rate"
            case epsilon = "layer_norm_epsilon"
            case feedForward = "feed_forward_proj"
            case isTied = "tie_word_embeddings"
            case padding = "pad_token_id"
            case end = "eos_token_id"
            case beginning = "decoder_start_token_id"
            case initializerFactor = "initializer_factor"
            case isEncoderDecoder = "is_encoder_decoder"
            case scalesOutputs = "scale_decoder_outputs"
        }

        /// Reads the keys; those that Hugging Face has defaults for may be missing.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            vocabularySize = try values.value(.vocabularySize, or: 32_128)
            width = try values.value(.width, or: 512)
            headWidth = try values.value(.headWidth, or: 64)
            innerWidth = try values.value(.innerWidth, or: 2048)
            layers = try values.value(.layers, or: 6)
            decoderLayers = try values.value(.decoderLayers, or: layers)
            heads = try values.value(.heads, or: 8)
            buckets = try values.value(.buckets, or: 32)
            farthest = try values.value(.farthest, or: 128)
            dropout = try values.value(.dropout, or: 0.1)
            epsilon = try values.value(.epsilon, or: 1e-6)
            feedForward = try values.value(.feedForward, or: "relu")
            // Newer files call the encoder's and the decoder's vectors tied, and say so of the scores by this key alone.
            isTied = try values.value(
                .scalesOutputs, or: values.value(.isTied, or: true))
            padding = try values.value(.padding, or: 0)
            end = try values.value(.end, or: 1)
            beginning = try values.value(.beginning, or: padding)
            initializerFactor = try values.value(.initializerFactor, or: 1)
        }

        /// Writes the keys as Hugging Face reads them.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(vocabularySize, forKey: .vocabularySize)
            try values.encode(width, forKey: .width)
            try values.encode(headWidth, forKey: .headWidth)
            try values.encode(innerWidth, forKey: .innerWidth)
            try values.encode(layers, forKey: .layers)
            try values.encode(decoderLayers, forKey: .decoderLayers)
            try values.encode(heads, forKey: .heads)
            try values.encode(buckets, forKey: .buckets)
            try values.encode(farthest, forKey: .farthest)
            try values.encode(dropout, forKey: .dropout)
            try values.encode(epsilon, forKey: .epsilon)
            try values.encode(feedForward, forKey: .feedForward)
            try values.encode(isTied, forKey: .isTied)
            try values.encode(isTied, forKey: .scalesOutputs)
            try values.encode(padding, forKey: .padding)
            try values.encode(end, forKey: .end)
            try values.encode(beginning, forKey: .beginning)
            try values.encode(initializerFactor, forKey: .initializerFactor)
            try values.encode(true, forKey: .isEncoderDecoder)
        }

        /// `t5`.
        public var modelType: String { Self.modelTypes[0] }
        /// `T5ForConditionalGeneration`.
        public var classes: [String] { ["T5ForConditionalGeneration"] }
        /// Any length.
        public var contextLength: Int? { nil }

        /// Whether the mlp is gated, and its function.
        var gate: (isGated: Bool, activation: Activation?) {
            let parts = feedForward.split(separator: "-").map(String.init)
            // As in the published models, the gate's gelu is the approximation.
            let name = feedForward == "gated-gelu" ? "gelu_new" : parts.last ?? ""
            return (parts.count == 2 && parts[0] == "gated", Activation(rawValue: name))
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if gate.activation == nil {
                return
                    "feed_forward_proj is \"\(feedForward)\": expected one of \(Activation.allCases.map(\.rawValue).joined(separator: ", ")), or gated- before it"
            }
            if buckets < 4 || buckets % 2 != 0 || farthest <= buckets / 2 {
                return
                    "relative_attention_num_buckets is \(buckets) and relative_attention_max_distance \(farthest): expected an even number of at least 4, and a distance of more than half of it"
            }
            if !(1...1024).contains(decoderLayers) {
                return "num_decoder_layers is \(decoderLayers): expected 1 … 1024"
            }
            return Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "d_model": width, "d_kv": headWidth,
                    "d_ff": innerWidth,
                ], layers: ("num_layers", layers), heads: heads, keyHeads: heads)
                ?? Self.problem(probabilities: ["dropout_rate": dropout])
        }

        fileprivate var norm: RMSNorm { RMSNorm(size: width, epsilon: epsilon) }
    }

    /// Attention, to the same sequence or another.
    public struct Attention: Module {
        /// Before it.
        public var norm: RMSNorm
        /// To queries, keys and values, and back.
        public var query, key, value, output: Linear
        /// The biases of distances, `[buckets, N]`, in the first layer.
        public var distances: Embedding?
        let name: String
        let heads: Int
        let rule: AttentionRule

        init(
            _ configuration: Configuration, name: String, isCausal: Bool, hasDistances: Bool,
            using random: inout RandomGenerator
        ) {
            let (D, K, N) = (configuration.width, configuration.headWidth, configuration.heads)
            func projection(_ from: Int, _ to: Int, _ size: Int) -> Linear {
                Linear(
                    from, to, bias: false,
                    deviation: configuration.initializerFactor / Double(size).squareRoot(),
                    using: &random)
            }
            norm = configuration.norm
            // Scores are not scaled, so queries begin small.
            query = projection(D, N * K, D * K)
            key = projection(D, N * K, D)
            value = projection(D, N * K, D)
            output = projection(N * K, D, N * K)
            if hasDistances {
                distances = Embedding(
                    vocabularySize: configuration.buckets, size: N,
                    deviation: configuration.initializerFactor / Double(D).squareRoot(),
                    using: &random)
            }
            self.name = name
            heads = N
            rule = AttentionRule(isCausal: isCausal, scale: 1, dropout: configuration.dropout)
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try query.forEachParameter(in: name + ".q", visit)
            try key.forEachParameter(in: name + ".k", visit)
            try value.forEachParameter(in: name + ".v", visit)
            try output.forEachParameter(in: name + ".o", visit)
            try distances.forEachParameter(in: name + ".relative_attention_bias", visit)
            try norm.forEachParameter(in: "layer_norm", visit)
        }
    }

    /// The mlp.
    public struct FeedForward: Module {
        /// Before it.
        public var norm: RMSNorm
        /// To the inner width; gated: the gate.
        public var up: Linear
        /// Gated: what is gated.
        public var gated: Linear?
        /// Back.
        public var down: Linear
        let activation: Activation
        let dropout: Double

        init(_ configuration: Configuration, using random: inout RandomGenerator) {
            let (D, inner) = (configuration.width, configuration.innerWidth)
            func projection(_ from: Int, _ to: Int) -> Linear {
                Linear(
                    from, to, bias: false,
                    deviation: configuration.initializerFactor / Double(from).squareRoot(),
                    using: &random)
            }
            norm = configuration.norm
            up = projection(D, inner)
            gated = configuration.gate.isGated ? projection(D, inner) : nil
            down = projection(inner, D)
            activation = configuration.gate.activation ?? .relu
            dropout = configuration.dropout
        }

        func callAsFunction(_ x: Tensor, _ random: inout RandomGenerator?) -> Tensor {
            let n = norm(x)
            let inner = gated.map { activation.gating(up(n), $0(n)) } ?? activation(up(n))
            let drop = Dropout(dropout)
            return x + drop(down(drop(inner, using: &random)), using: &random)
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            let scope = "DenseReluDense."
            try up.forEachParameter(in: scope + (gated == nil ? "wi" : "wi_0"), visit)
            try gated.forEachParameter(in: scope + "wi_1", visit)
            try down.forEachParameter(in: scope + "wo", visit)
            try norm.forEachParameter(in: "layer_norm", visit)
        }
    }

    /// A layer of the encoder, or with ``cross`` of the decoder.
    public struct Block: Module {
        /// Attention to the same sequence.
        public var attention: Attention
        /// Attention to the encoder's states.
        public var cross: Attention?
        /// The mlp.
        public var feedForward: FeedForward

        init(
            _ configuration: Configuration, layer: Int, isDecoder: Bool,
            using random: inout RandomGenerator
        ) {
            attention = Attention(
                configuration, name: "SelfAttention", isCausal: isDecoder,
                hasDistances: layer == 0, using: &random)
            if isDecoder {
                cross = Attention(
                    configuration, name: "EncDecAttention", isCausal: false, hasDistances: false,
                    using: &random)
            }
            feedForward = FeedForward(configuration, using: &random)
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try attention.forEachParameter(in: "layer.0", visit)
            try cross.forEachParameter(in: "layer.1", visit)
            try feedForward.forEachParameter(in: cross == nil ? "layer.1" : "layer.2", visit)
        }
    }

    /// The sizes.
    public let configuration: Configuration
    /// The token vectors of both sides.
    public var tokens: Embedding
    /// The encoder's and the decoder's layers.
    public var encoder, decoder: [Block]
    /// After the last layers.
    public var encoderNorm, decoderNorm: RMSNorm
    /// What the decoder's outputs are compared with, `[V, D]`; nil: the token vectors.
    public var outputWeight: Tensor?

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let (V, D) = (configuration.vocabularySize, configuration.width)
        tokens = Embedding(
            vocabularySize: V, size: D, deviation: configuration.initializerFactor, using: &random)
        encoder = (0..<configuration.layers).map {
            Block(configuration, layer: $0, isDecoder: false, using: &random)
        }
        decoder = (0..<configuration.decoderLayers).map {
            Block(configuration, layer: $0, isDecoder: true, using: &random)
        }
        (encoderNorm, decoderNorm) = (configuration.norm, configuration.norm)
        outputWeight =
            configuration.isTied
            ? nil : random.normal([V, D], standardDeviation: configuration.initializerFactor)
    }

    /// Nothing.
    public var basePrefix: String { "" }

    /// The token vectors by their other names.
    public var sharedNames: Set<String> {
        let other: Set = ["encoder.embed_tokens.weight", "decoder.embed_tokens.weight"]
        return configuration.isTied ? other.union(["lm_head.weight"]) : other
    }

    /// Visits the parameters by Hugging Face's names.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try tokens.forEachParameter(in: "shared", visit)
        for layer in encoder.indices {
            try encoder[layer].forEachParameter(in: "encoder.block.\(layer)", visit)
        }
        try encoderNorm.forEachParameter(in: "encoder.final_layer_norm", visit)
        for layer in decoder.indices {
            try decoder[layer].forEachParameter(in: "decoder.block.\(layer)", visit)
        }
        try decoderNorm.forEachParameter(in: "decoder.final_layer_norm", visit)
        try outputWeight.visit("lm_head.weight", visit)
    }
}

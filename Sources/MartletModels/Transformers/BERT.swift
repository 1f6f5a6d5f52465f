public import MartletNN
public import MartletTensor

/// BERT and RoBERTa: an encoder that looks both ways, normalised after each part (Devlin et al. 2018; Liu et al. 2019).
///
/// ```text
/// x = norm(word[token] + position[place] + type[segment])                  [B, T, D]
/// x = norm(x + attention(x));   x = norm(x + mlp(x))                       for each layer
/// ```
///
/// With the head that `architectures` names: none (and a pooler, tanh of the first token), masked tokens, or classes of the
/// whole sequence. Padding costs nothing: real tokens are worked on side by side, whatever the lengths.
/// Weights are Hugging Face's (`bert.encoder.layer.0.attention.self.query.weight` …). MiniLM sentence encoders are BERTs.
public struct BERT: HuggingFaceModel {
    /// The keys of `config.json`.
    public struct Configuration: HuggingFaceConfiguration {
        /// `bert`, `roberta`.
        public static let modelTypes = ["bert", "roberta"]

        /// What stands on top.
        public enum Head: String, Sendable, Equatable, CaseIterable {
            /// Nothing: hidden states, and what a pooler makes of the first.
            case none = "Model"
            /// Scores of tokens, to fill in masked ones.
            case maskedLanguageModel = "ForMaskedLM"
            /// Scores of classes.
            case classes = "ForSequenceClassification"
        }

        /// Whether it is RoBERTa: places begin after the padding token's number, and heads are called otherwise.
        public var isRoBERTa: Bool
        /// What stands on top.
        public var head: Head
        /// The number of tokens V.
        public var vocabularySize: Int
        /// The width D.
        public var width: Int
        /// How many layers stand on top of each other.
        public var layers: Int
        /// The number of heads N.
        public var heads: Int
        /// The width within the mlp.
        public var innerWidth: Int
        /// The mlp's function.
        public var activation: Activation
        /// The most places, RoBERTa's first ones included.
        public var positions: Int
        /// How many segments there can be.
        public var types: Int
        /// What is added to variances.
        public var epsilon: Double
        /// The deviation of fresh weights.
        public var initializerRange: Double
        /// The probabilities of dropping elements of sums, and weights of attention.
        public var dropout, attentionDropout: Double
        /// The token that pads.
        public var padding: Int
        /// The names of the classes, in their order; empty: none.
        public var classNames: [String]
        /// Whether a pooler stands on the first token, where there is no other head.
        public var hasPooler = true
        /// How the matrices of the layers are kept, if in fewer bits: `int8`.
        public var quantization: QuantizedType?

        /// A configuration of the given sizes.
        public init(
            head: Head, vocabularySize: Int, positions: Int = 512, width: Int, innerWidth: Int,
            layers: Int, heads: Int, dropout: Double = 0.1, classNames: [String] = []
        ) {
            isRoBERTa = false
            self.head = head
            self.vocabularySize = vocabularySize
            self.width = width
            self.layers = layers
            self.heads = heads
            self.innerWidth = innerWidth
            activation = .gelu
            self.positions = positions
            types = 2
            epsilon = 1e-12
            initializerRange = 0.02
            self.dropout = dropout
            attentionDropout = dropout
            padding = 0
            self.classNames = classNames
        }

        enum CodingKeys: String, CodingKey {
            case family = "model_type"
            case architectures
            case vocabularySize = "vocab_size"
            case width = "hidden_size"
            case layers = "num_hidden_layers"
            case heads = "num_attention_heads"
            case innerWidth = "intermediate_size"
            case activation = "hidden_act"
            case positions = "max_position_embeddings"
            case types = "type_vocab_size"
            case epsilon = "layer_norm_eps"
            case initializerRange = "initializer_range"
            case dropout = "hidden_dropout_prob"
            case attentionDropout = "attention_probs_dropout_prob"
            case padding = "pad_token_id"
            case positionKind = "position_embedding_type"
            case classNames = "id2label"
            case classNumbers = "label2id"
            case hasPooler = "add_pooling_layer"
            case quantization
        }

        /// Reads the keys; those that Hugging Face has defaults for may be missing.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            isRoBERTa = try values.value(.family, or: "bert") == "roberta"
            let prefix = isRoBERTa ? "Roberta" : "Bert"
            let classes = try values.value(.architectures, or: [prefix + "Model"])
            guard let known = Head.allCases.first(where: { classes == [prefix + $0.rawValue] })
            else {
                throw DecodingError.dataCorruptedError(
                    forKey: .architectures, in: values,
                    debugDescription:
                        "architectures is \(classes): this version knows \(Head.allCases.map { prefix + $0.rawValue }.joined(separator: ", "))"
                )
            }
            head = known
            let kind = try values.value(.positionKind, or: "absolute")
            guard kind == "absolute" else {
                throw DecodingError.dataCorruptedError(
                    forKey: .positionKind, in: values,
                    debugDescription:
                        "position_embedding_type is \"\(kind)\": this version knows absolute")
            }
            vocabularySize = try values.value(.vocabularySize, or: isRoBERTa ? 50_265 : 30_522)
            width = try values.value(.width, or: 768)
            layers = try values.value(.layers, or: 12)
            heads = try values.value(.heads, or: 12)
            innerWidth = try values.value(.innerWidth, or: 3072)
            activation = try values.value(.activation, or: .gelu)
            positions = try values.value(.positions, or: 512)
            types = try values.value(.types, or: 2)
            epsilon = try values.value(.epsilon, or: 1e-12)
            initializerRange = try values.value(.initializerRange, or: 0.02)
            dropout = try values.value(.dropout, or: 0.1)
            attentionDropout = try values.value(.attentionDropout, or: 0.1)
            padding = try values.value(.padding, or: isRoBERTa ? 1 : 0)
            let names = try values.value(
                .classNames, or: ["0": "LABEL_0", "1": "LABEL_1"])
            classNames =
                head == .classes
                ? names.sorted { (Int($0.key) ?? 0) < (Int($1.key) ?? 0) }.map(\.value) : []
            hasPooler = try values.value(.hasPooler, or: true)
            quantization = try values.decodeIfPresent(QuantizedType.self, forKey: .quantization)
        }

        /// Writes the keys as Hugging Face reads them.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(vocabularySize, forKey: .vocabularySize)
            try values.encode(width, forKey: .width)
            try values.encode(layers, forKey: .layers)
            try values.encode(heads, forKey: .heads)
            try values.encode(innerWidth, forKey: .innerWidth)
            try values.encode(activation, forKey: .activation)
            try values.encode(positions, forKey: .positions)
            try values.encode(types, forKey: .types)
            try values.encode(epsilon, forKey: .epsilon)
            try values.encode(initializerRange, forKey: .initializerRange)
            try values.encode(dropout, forKey: .dropout)
            try values.encode(attentionDropout, forKey: .attentionDropout)
            try values.encode(padding, forKey: .padding)
            try values.encode("absolute", forKey: .positionKind)
            if !classNames.isEmpty {
                let pairs = classNames.enumerated().map { ("\($0)", $1) }
                try values.encode(
                    Dictionary(uniqueKeysWithValues: pairs), forKey: .classNames)
                try values.encode(
                    Dictionary(classNames.enumerated().map { ($1, $0) }) { first, _ in first },
                    forKey: .classNumbers)
            }
            if !hasPooler { try values.encode(false, forKey: .hasPooler) }
            try values.encodeIfPresent(quantization, forKey: .quantization)
        }

        /// The family's name.
        public var modelType: String { isRoBERTa ? "roberta" : "bert" }
        /// Such as `BertForMaskedLM`.
        public var classes: [String] { [(isRoBERTa ? "Roberta" : "Bert") + head.rawValue] }
        /// The longest sequence.
        public var contextLength: Int? { isRoBERTa ? positions - padding - 1 : positions }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if width % max(heads, 1) != 0 {
                return
                    "hidden_size is \(width) and num_attention_heads \(heads): expected a multiple of it"
            }
            if head == .classes, classNames.isEmpty { return "id2label names no class" }
            if let quantization, quantization != .int8 {
                return "quantization is \(quantization.rawValue): expected int8"
            }
            if contextLength! < 1 {
                return
                    "max_position_embeddings is \(positions) and pad_token_id \(padding): no place is left"
            }
            return Self.problem(
                sizes: [
                    "vocab_size": vocabularySize, "hidden_size": width,
                    "intermediate_size": innerWidth, "max_position_embeddings": positions,
                    "type_vocab_size": types,
                ], layers: ("num_hidden_layers", layers), heads: heads, keyHeads: heads)
                ?? Self.problem(probabilities: [
                    "hidden_dropout_prob": dropout,
                    "attention_probs_dropout_prob": attentionDropout,
                ])
        }

        fileprivate func linear(
            _ from: Int, _ to: Int, using random: inout RandomGenerator
        ) -> Linear {
            Linear(from, to, bias: true, deviation: initializerRange, using: &random)
        }
        fileprivate func table(_ rows: Int, using random: inout RandomGenerator) -> Embedding {
            Embedding(
                vocabularySize: rows, size: width, deviation: initializerRange, using: &random)
        }
        fileprivate var norm: LayerNorm { LayerNorm(size: width, epsilon: epsilon) }
    }

    /// Attention and mlp, each added to what comes in and then normalised.
    public struct Layer: Module {
        /// To queries, keys and values, and back, `[D, D]` each.
        public var query, key, value, output: Linear
        /// After attention, and after the mlp.
        public var attentionNorm, norm: LayerNorm
        /// The mlp.
        public var up, down: Linear
        let heads: Int
        let activation: Activation
        let dropout: Double
        let rule: AttentionRule

        init(_ configuration: Configuration, using random: inout RandomGenerator) {
            let (D, inner) = (configuration.width, configuration.innerWidth)
            query = configuration.linear(D, D, using: &random)
            key = configuration.linear(D, D, using: &random)
            value = configuration.linear(D, D, using: &random)
            output = configuration.linear(D, D, using: &random)
            attentionNorm = configuration.norm
            up = configuration.linear(D, inner, using: &random)
            down = configuration.linear(inner, D, using: &random)
            norm = configuration.norm
            heads = configuration.heads
            activation = configuration.activation
            dropout = configuration.dropout
            rule = AttentionRule(dropout: configuration.attentionDropout)
        }

        /// Changes all matrices.
        mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
            for matrix in [\Layer.query, \.key, \.value, \.output, \.up, \.down] {
                change(&self[keyPath: matrix])
            }
        }

        /// - Parameter x: `[B, T, D]`, or `[tokens, D]` of sequences of these counts.
        func callAsFunction(
            _ x: Tensor, counts: [Int]?, mask: TokenMask, dropout random: inout RandomGenerator?
        ) -> Tensor {
            let (q, k, v) = (
                query(x).splitIntoHeads(heads), key(x).splitIntoHeads(heads),
                value(x).splitIntoHeads(heads)
            )
            let attended =
                counts.map {
                    rule.attend(
                        packedQuery: q, key: k, value: v, queryCounts: $0, keyCounts: $0,
                        dropout: &random)
                } ?? rule.attend(query: q, key: k, value: v, mask: mask, dropout: &random)
            let drop = Dropout(dropout)
            let x = attentionNorm(x + drop(output(attended), using: &random))
            return norm(x + drop(down(up(x), after: activation), using: &random))
        }

        /// Visits the parameters by Hugging Face's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try query.forEachParameter(in: "attention.self.query", visit)
            try key.forEachParameter(in: "attention.self.key", visit)
            try value.forEachParameter(in: "attention.self.value", visit)
            try output.forEachParameter(in: "attention.output.dense", visit)
            try attentionNorm.forEachParameter(in: "attention.output.LayerNorm", visit)
            try up.forEachParameter(in: "intermediate.dense", visit)
            try down.forEachParameter(in: "output.dense", visit)
            try norm.forEachParameter(in: "output.LayerNorm", visit)
        }
    }

    /// The sizes.
    public internal(set) var configuration: Configuration
    /// Vectors of tokens, places and segments.
    public var tokens, places, types: Embedding
    /// After their sum.
    public var norm: LayerNorm
    /// The layers.
    public var layers: [Layer] { didSet { packing = nil } }
    /// The layers' weights packed for inference, if they are; see ``prepared(_:)``.
    var packing: PackedEncoder?
    /// On the first token.
    public var pooler: Linear?
    /// Before scores of tokens.
    public var transform: Linear?
    /// After ``transform``.
    public var transformNorm: LayerNorm?
    /// How common each token is, `[V]`; the scores are products with the token vectors.
    public var tokenBias: Tensor?
    /// From the pooled vector, or in RoBERTa from another of its own, to scores of classes.
    public var classifierDense, classifier: Linear?

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let size = configuration.width
        tokens = configuration.table(configuration.vocabularySize, using: &random)
        places = configuration.table(configuration.positions, using: &random)
        types = configuration.table(configuration.types, using: &random)
        norm = configuration.norm
        layers = (0..<configuration.layers).map { _ in Layer(configuration, using: &random) }
        if configuration.quantization != nil {
            let isPlaceholder = random.isPlaceholder
            for layer in layers.indices {
                layers[layer].forEachMatrix {
                    $0 = isPlaceholder ? $0.quantizedPlaceholder : $0.quantized
                }
            }
        }
        switch configuration.head {
        case .none:
            if configuration.hasPooler { pooler = configuration.linear(size, size, using: &random) }
        case .maskedLanguageModel:
            transform = configuration.linear(size, size, using: &random)
            transformNorm = configuration.norm
            tokenBias = .zeros([configuration.vocabularySize])
        case .classes:
            let dense = configuration.linear(size, size, using: &random)
            if configuration.isRoBERTa { classifierDense = dense } else { pooler = dense }
            classifier = configuration.linear(
                size, configuration.classNames.count, using: &random)
        }
    }

    /// The same encoder with a fresh head; a pooler stays where the new head has one.
    public func with(
        head: Configuration.Head, classNames: [String] = [], hasPooler: Bool = true,
        using random: inout RandomGenerator
    ) -> BERT {
        var configuration = configuration
        configuration.head = head
        configuration.classNames = classNames
        configuration.hasPooler = hasPooler
        var result = BERT(configuration, using: &random)
        (result.tokens, result.places, result.types) = (tokens, places, types)
        (result.norm, result.layers) = (norm, layers)
        if pooler != nil, result.pooler != nil { result.pooler = pooler }
        return result
    }

    /// `bert.`, or `roberta.`
    public var basePrefix: String { configuration.isRoBERTa ? "roberta." : "bert." }

    /// The numbers of places, which older versions saved.
    public static func isTable(_ name: String) -> Bool {
        name.hasSuffix("embeddings.position_ids") || name.hasSuffix("embeddings.token_type_ids")
    }

    /// The scores' weights, which are the token vectors, and a pooler or heads that this one does without.
    public var sharedNames: Set<String> {
        var names: Set<String> = [
            "cls.predictions.decoder.weight", "cls.predictions.decoder.bias",
            "lm_head.decoder.weight", "lm_head.decoder.bias",
        ]
        if configuration.head == .maskedLanguageModel || !configuration.hasPooler {
            for prefix in ["", basePrefix] {
                names.formUnion([prefix + "pooler.dense.weight", prefix + "pooler.dense.bias"])
            }
        }
        return names
    }

    /// Visits the parameters by Hugging Face's names.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        let isRoBERTa = configuration.isRoBERTa
        let prefix = configuration.head == .none ? "" : basePrefix
        let embeddings = prefix + "embeddings."
        try tokens.forEachParameter(in: embeddings + "word_embeddings", visit)
        try places.forEachParameter(in: embeddings + "position_embeddings", visit)
        try types.forEachParameter(in: embeddings + "token_type_embeddings", visit)
        try norm.forEachParameter(in: embeddings + "LayerNorm", visit)
        for layer in layers.indices {
            try layers[layer].forEachParameter(in: "\(prefix)encoder.layer.\(layer)", visit)
        }
        try pooler.forEachParameter(in: prefix + "pooler.dense", visit)
        let transformName = isRoBERTa ? "lm_head.dense" : "cls.predictions.transform.dense"
        let normName =
            isRoBERTa ? "lm_head.layer_norm" : "cls.predictions.transform.LayerNorm"
        try transform.forEachParameter(in: transformName, visit)
        try transformNorm.forEachParameter(in: normName, visit)
        try tokenBias.visit(isRoBERTa ? "lm_head.bias" : "cls.predictions.bias", visit)
        try classifierDense.forEachParameter(in: "classifier.dense", visit)
        try classifier.forEachParameter(
            in: isRoBERTa ? "classifier.out_proj" : "classifier", visit)
    }
}

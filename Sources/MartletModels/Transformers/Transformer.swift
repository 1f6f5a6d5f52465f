import Foundation
public import MartletNN
public import MartletTensor

/// The Transformer: an encoder and a decoder with attention alone (Vaswani et al. 2017).
///
/// ```text
/// x = source[token] · √D + position                                        [B, S, D]
/// x = norm(x + attention(x));   x = norm(x + mlp(x))                       the encoder's layers
/// y = norm(y + attention(y));   y = norm(y + attention(y, to x));   y = norm(y + mlp(y))        the decoder's
/// scores = norm(y) Wᵀ                                                      [B, T, V]
/// ```
///
/// Or normalised before each part, `norm_first`. Positions are sines and cosines: for pair i of D/2, of p / 10000^(2i/D).
/// Weights are those of PyTorch's `nn.Transformer` (`encoder.layers.0.self_attn.in_proj_weight` …), with `source.weight`,
/// `target.weight` (if it is another) and `output.weight` (if it is not tied), `output.bias`.
public struct Transformer: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `transformer`.
        public static let architecture = "transformer"

        /// The number of tokens that are read.
        public var sourceVocabularySize: Int
        /// The number of tokens V that are written.
        public var vocabularySize: Int
        /// Whether both sides have the same token vectors.
        public var sharesTokens: Bool
        /// Whether scores are products with the vectors of the tokens that are written.
        public var isTied: Bool
        /// The width D.
        public var width: Int
        /// The width within the mlp.
        public var innerWidth: Int
        /// The number of heads N.
        public var heads: Int
        /// How many layers the encoder and the decoder have.
        public var layers, decoderLayers: Int
        /// The mlp's function.
        public var activation: Activation
        /// Whether parts are normalised before, not after.
        public var normFirst: Bool
        /// The probability of dropping an element of sums and of weights of attention.
        public var dropout: Double
        /// What is added to variances.
        public var epsilon: Double
        /// How the matrices of the layers are kept, if in fewer bits: `int8`.
        public var quantization: QuantizedType?

        /// A configuration of the given sizes.
        public init(
            sourceVocabularySize: Int, vocabularySize: Int, width: Int, innerWidth: Int,
            heads: Int, layers: Int, decoderLayers: Int? = nil, sharesTokens: Bool = false,
            isTied: Bool = true, normFirst: Bool = true, dropout: Double = 0.1
        ) {
            self.sourceVocabularySize = sourceVocabularySize
            self.vocabularySize = vocabularySize
            self.width = width
            self.innerWidth = innerWidth
            self.heads = heads
            self.layers = layers
            self.decoderLayers = decoderLayers ?? layers
            self.sharesTokens = sharesTokens
            self.isTied = isTied
            activation = .relu
            self.normFirst = normFirst
            self.dropout = dropout
            epsilon = 1e-5
        }

        enum CodingKeys: String, CodingKey {
            case sourceVocabularySize = "source_vocab_size"
            case vocabularySize = "vocab_size"
            case sharesTokens = "share_embeddings"
            case isTied = "tie_word_embeddings"
            case width = "d_model"
            case innerWidth = "dim_feedforward"
            case heads = "nhead"
            case layers = "num_encoder_layers"
            case decoderLayers = "num_decoder_layers"
            case activation, dropout, quantization
            case normFirst = "norm_first"
            case epsilon = "layer_norm_eps"
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if heads < 1 || width % max(heads, 1) != 0 || width % 2 != 0 {
                return
                    "d_model is \(width) and nhead \(heads): expected an even number, and a multiple of it"
            }
            if sharesTokens, sourceVocabularySize != vocabularySize {
                return
                    "share_embeddings, but source_vocab_size is \(sourceVocabularySize) and vocab_size \(vocabularySize)"
            }
            if let quantization, quantization != .int8 {
                return "quantization is \(quantization.rawValue): expected int8"
            }
            if !(1...1024).contains(decoderLayers) {
                return "num_decoder_layers is \(decoderLayers): expected 1 … 1024"
            }
            return Self.problem(
                sizes: [
                    "source_vocab_size": sourceVocabularySize, "vocab_size": vocabularySize,
                    "d_model": width, "dim_feedforward": innerWidth,
                ], layers: layers) ?? Self.problem(probabilities: ["dropout": dropout])
        }

        fileprivate var norm: LayerNorm { LayerNorm(size: width, epsilon: epsilon) }
    }

    /// PyTorch's `nn.MultiheadAttention`: one matrix makes queries, keys and values.
    public struct Attention: Module {
        /// From x to queries, keys and values, `[3 D, D]`.
        public var input: Linear { didSet { packing = [:] } }
        /// Back, `[D, D]`.
        public var output: Linear
        /// Parts of ``input``, from each to the next of three, as the kernels read them.
        private var packing: [Range<Int>: PackedLinear] = [:]
        let heads: Int
        let rule: AttentionRule

        init(_ configuration: Configuration, isCausal: Bool, using random: inout RandomGenerator) {
            let size = configuration.width
            // Xavier's, of the whole matrix, as PyTorch has it.
            let bound = (6.0 / Double(4 * size)).squareRoot()
            input = Linear(
                weight: random.uniform([3 * size, size], in: -bound...bound),
                bias: .zeros([3 * size]))
            output = Linear(inputSize: size, outputSize: size, using: &random)
            if !random.isPlaceholder { output.bias = .zeros([size]) }
            heads = configuration.heads
            rule = AttentionRule(isCausal: isCausal, dropout: configuration.dropout)
        }

        /// The parts `range` of queries, keys and values of x, `[…, N, K]` each.
        func parts(_ range: Range<Int>, of x: Tensor) -> [Tensor] {
            let together = packing[range].map { $0(x) } ?? input.rows(range, of: 3)(x)
            return together.splitIntoHeads(range.count * heads)
                .split(axis: -2, sizes: [Int](repeating: heads, count: range.count))
        }

        /// The same with its matrices packed: the parts that are asked for.
        func prepared(_ type: InferenceType, _ parts: [Range<Int>]) -> Attention {
            var result = self
            result.output = output.prepared(type)
            for range in parts {
                result.packing[range] = input.rows(range, of: 3).prepared(type).packing
            }
            return result
        }

        /// Changes both matrices.
        mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
            change(&input)
            change(&output)
        }

        /// Visits the parameters by PyTorch's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try input.forEachParameter { try visit("in_proj_" + $0, &$1) }
            try output.forEachParameter(in: "out_proj", visit)
        }
    }

    /// A layer of the encoder, or with ``cross`` of the decoder.
    public struct Layer: Module {
        /// Attention to the same sequence.
        public var attention: Attention
        /// Attention to the encoder's states.
        public var cross: Attention?
        /// The mlp.
        public var up, down: Linear
        /// Of each part, in their order.
        public var norms: [LayerNorm]
        let activation: Activation
        let dropout: Double
        let normFirst: Bool

        init(_ configuration: Configuration, isDecoder: Bool, using random: inout RandomGenerator) {
            let (D, inner) = (configuration.width, configuration.innerWidth)
            attention = Attention(configuration, isCausal: isDecoder, using: &random)
            cross =
                isDecoder ? Attention(configuration, isCausal: false, using: &random) : nil
            up = Linear(inputSize: D, outputSize: inner, using: &random)
            down = Linear(inputSize: inner, outputSize: D, using: &random)
            norms = (0..<(isDecoder ? 3 : 2)).map { _ in configuration.norm }
            activation = configuration.activation
            dropout = configuration.dropout
            normFirst = configuration.normFirst
        }

        func callAsFunction(
            _ input: Tensor, layer: Int, _ pass: inout AttentionPass,
            memory: (key: Tensor, value: Tensor)?, memoryMask: TokenMask,
            memoryCounts: [Int]? = nil, watch: inout AttentionWatch
        ) -> Tensor {
            var x = input
            func add(_ place: Int, _ part: (Tensor) -> Tensor) {
                let norm = norms[place]
                x =
                    normFirst
                    ? x + pass.dropout(part(norm(x)), dropout)
                    : norm(x + pass.dropout(part(x), dropout))
            }
            add(0) { x in
                let qkv = attention.parts(0..<3, of: x)
                return attention.output(
                    pass.attend(
                        query: qkv[0], key: qkv[1], value: qkv[2], layer: layer,
                        rule: attention.rule))
            }
            if let cross, let memory {
                add(1) { x in
                    let query = cross.parts(0..<1, of: x)[0]
                    if watch.isWanted {
                        watch.weights = cross.rule.weights(
                            query: query, toMemory: memory.key, mask: memoryMask)
                    }
                    if let counts = pass.counts, let memoryCounts {
                        return cross.output(
                            cross.rule.attend(
                                packedQuery: query, key: memory.key, value: memory.value,
                                queryCounts: counts, keyCounts: memoryCounts,
                                dropout: &pass.random))
                    }
                    return cross.output(
                        cross.rule.attend(
                            query: query, toMemory: memory.key, memory.value, mask: memoryMask,
                            dropout: &pass.random))
                }
            }
            add(norms.count - 1) { x in
                pass.random == nil ? mlp(x) : down(pass.dropout(activation(up(x)), dropout))
            }
            return x
        }

        /// The mlp without dropout; packed, both of its products on some rows at a time.
        private func mlp(_ x: Tensor) -> Tensor {
            guard let first = up.packing, let second = down.packing, let f = activation.fused else {
                return down(activation(up(x)))
            }
            return x.running([
                LinearStep(first, activation: f, isKept: false), LinearStep(second),
            ])[0]
        }

        /// The same with its matrices packed.
        func prepared(_ type: InferenceType) -> Layer {
            var result = self
            result.attention = attention.prepared(type, [0..<3])
            result.cross = cross?.prepared(type, [0..<1, 1..<3])
            (result.up, result.down) = (up.prepared(type), down.prepared(type))
            return result
        }

        /// Changes all matrices.
        mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
            attention.forEachMatrix(change)
            cross?.forEachMatrix(change)
            change(&up)
            change(&down)
        }

        /// Visits the parameters by PyTorch's names.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try attention.forEachParameter(in: "self_attn", visit)
            try cross.forEachParameter(in: "multihead_attn", visit)
            try up.forEachParameter(in: "linear1", visit)
            try down.forEachParameter(in: "linear2", visit)
            for place in norms.indices {
                try norms[place].forEachParameter(in: "norm\(place + 1)", visit)
            }
        }
    }

    /// The sizes.
    public private(set) var configuration: Configuration
    /// The vectors of the tokens that are read.
    public var source: Embedding { didSet { scoring = nil } }
    /// The vectors of the tokens that are written; nil: the same.
    public var target: Embedding? { didSet { scoring = nil } }
    /// The encoder's and the decoder's layers.
    public var encoder, decoder: [Layer]
    /// After the last layers.
    public var encoderNorm, decoderNorm: LayerNorm
    /// What the decoder's outputs are compared with, `[V, D]`; nil: the vectors of the tokens that are written.
    public var outputWeight: Tensor? { didSet { scoring = nil } }
    /// How common each token is, `[V]`.
    public var outputBias: Tensor { didSet { scoring = nil } }
    /// The last two as the kernels read them; see ``prepared(_:)``.
    private var scoring: PackedLinear?
    /// The vectors of the first positions, for many steps; see ``prepared(_:)``.
    private var places: Tensor?

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        let (V, D) = (configuration.vocabularySize, configuration.width)
        let deviation = 1 / Double(D).squareRoot()
        source = Embedding(
            vocabularySize: configuration.sourceVocabularySize, size: D, deviation: deviation,
            using: &random)
        target =
            configuration.sharesTokens
            ? nil
            : Embedding(vocabularySize: V, size: D, deviation: deviation, using: &random)
        encoder = (0..<configuration.layers).map { _ in
            Layer(configuration, isDecoder: false, using: &random)
        }
        decoder = (0..<configuration.decoderLayers).map { _ in
            Layer(configuration, isDecoder: true, using: &random)
        }
        (encoderNorm, decoderNorm) = (configuration.norm, configuration.norm)
        outputWeight =
            configuration.isTied ? nil : random.normal([V, D], standardDeviation: deviation)
        outputBias = .zeros([V])
        if configuration.quantization != nil {
            forEachMatrix { $0 = random.isPlaceholder ? $0.quantizedPlaceholder : $0.quantized }
        }
    }

    /// Changes the matrices of all layers.
    private mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
        for layer in encoder.indices { encoder[layer].forEachMatrix(change) }
        for layer in decoder.indices { decoder[layer].forEachMatrix(change) }
    }

    /// The same model with its matrices also packed as the kernels read them, for many steps; without gradients.
    ///
    /// In float32 results are the same, bit for bit. Up to twice the memory. A change of a parameter undoes it.
    ///
    /// - Parameter type: what they are packed in; of a model that is ``quantized(to:)`` they are in 8 bits, and so are then those that
    ///   scores are products with.
    public func prepared(_ type: InferenceType = .float32) -> Transformer {
        let type = quantization == nil ? type : .int8
        var result = self
        result.encoder = encoder.map { $0.prepared(type) }
        result.decoder = decoder.map { $0.prepared(type) }
        result.scoring = Linear(weight: scoreWeight, bias: outputBias).prepared(type).packing
        result.places = vectors(of: Tensor((0..<1024).map { Int32($0) }), .float32)
        return result
    }

    /// Visits the parameters by PyTorch's names.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try source.forEachParameter(in: "source", visit)
        try target.forEachParameter(in: "target", visit)
        for layer in encoder.indices {
            try encoder[layer].forEachParameter(in: "encoder.layers.\(layer)", visit)
        }
        try encoderNorm.forEachParameter(in: "encoder.norm", visit)
        for layer in decoder.indices {
            try decoder[layer].forEachParameter(in: "decoder.layers.\(layer)", visit)
        }
        try decoderNorm.forEachParameter(in: "decoder.norm", visit)
        try outputWeight.visit("output.weight", visit)
        try visit("output.bias", &outputBias)
    }
}

extension Transformer: EncoderDecoderModel {
    /// The number of tokens that are read.
    public var sourceVocabularySize: Int { configuration.sourceVocabularySize }
    /// The number of tokens V that are written.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// Any length.
    public var contextLength: Int? { nil }

    /// Vectors with their positions, `[B, T, D]`, or of sequences one after another `[T₁ + … + T_B, D]`.
    private func embedded(
        _ tokens: Tensor, by table: Embedding, _ pass: inout AttentionPass
    ) -> Tensor {
        let x = table(tokens) * Double(configuration.width).squareRoot()
        // Sequences one after another, or that began at different times, have the same positions many times.
        let positions = pass.positions
        let end = (positions.scalars(as: Int32.self).max() ?? 0) + 1
        let vectors =
            if let places, end <= places.shape[0], x.dtype == places.dtype {
                places.gathered(axis: 0, at: positions)
            } else if Int(end) < positions.count {
                vectors(of: Tensor((0..<end).map { $0 }), x.dtype)
                    .gathered(axis: 0, at: positions)
            } else {
                vectors(of: positions, x.dtype).reshaped(
                    positions.shape + [configuration.width])
            }
        return pass.dropout(x + vectors, configuration.dropout)
    }

    /// The vectors of int32 positions, `[T, D]`.
    private func vectors(of positions: Tensor, _ dtype: DType) -> Tensor {
        let width = configuration.width
        let angles =
            positions.cast(to: .float64).reshaped([-1, 1])
            * Tensor((0..<width / 2).map { pow(10_000, -2 * Double($0) / Double(width)) })
        return Tensor.stack([angles.sin(), angles.cos()], axis: 2)
            .reshaped([positions.count, width]).cast(to: dtype)
    }

    /// The encoder's states, `[B, S, D]`, of int32 tokens `[B, S]`.
    public func encode(
        _ tokens: Tensor, mask: TokenMask = .all, dropout random: inout RandomGenerator?
    ) -> Tensor {
        var pass = AttentionPass(length: tokens.shape[1], mask: mask, dropout: random)
        defer { random = pass.random }
        return encode(tokens, &pass)
    }

    private func encode(_ tokens: Tensor, _ pass: inout AttentionPass) -> Tensor {
        var x = embedded(tokens, by: source, &pass)
        for (number, layer) in encoder.enumerated() {
            var unwatched = AttentionWatch()
            x = layer(
                x, layer: number, &pass, memory: nil, memoryMask: .all, watch: &unwatched)
        }
        return encoderNorm(x)
    }

    /// Positions are each sequence's own.
    public var canReplace: Bool { configuration.decoderLayers > 0 }

    /// Makes sequences, all those of a source, what those of a source of another batch are, while the rest goes on.
    public func replace(
        _ rows: [Int], in progress: inout EncoderDecoderState, with other: EncoderDecoderState,
        _ others: [Int]
    ) {
        progress.replace(rows, with: other, others)
    }

    private func keysAndValues(_ layer: Layer, _ memory: Tensor) -> (key: Tensor, value: Tensor) {
        let parts = layer.cross!.parts(1..<3, of: memory)
        return (parts[0], parts[1])
    }

    /// What the decoder knows before it has written anything.
    public func state(reading memory: Tensor, mask: TokenMask = .all) -> EncoderDecoderState {
        let (B, N, D) = (memory.shape[0], configuration.heads, configuration.width)
        return EncoderDecoderState(
            own: AttentionState(
                decoder.map { _ in
                    KeyValueCache(batch: B, heads: N, width: D / N, dtype: memory.dtype)
                }),
            cross: decoder.map {
                let (key, value) = keysAndValues($0, memory)
                return KeyValueCache(key: key, value: value)
            }, mask: mask)
    }

    /// What the decoder's scores are products of, `[B, T, D]`; see ``EncoderDecoderModel``.
    public func decode(
        _ tokens: Tensor, memory: Tensor?, memoryMask: TokenMask = .all, mask: TokenMask = .all,
        state: inout EncoderDecoderState?, dropout random: inout RandomGenerator?
    ) -> Tensor {
        var known = state.take()
        var pass = AttentionPass(
            length: tokens.shape[1], state: known?.takeOwn(), mask: mask, dropout: random)
        var x = embedded(tokens, by: target ?? source, &pass)
        for (number, layer) in decoder.enumerated() {
            let read =
                known.map { ($0.cross[number].key, $0.cross[number].value) }
                ?? keysAndValues(layer, memory!)
            var watch = AttentionWatch(
                isWanted: number == decoder.count - 1 && known?.watch.isWanted == true)
            x = layer(
                x, layer: number, &pass, memory: read, memoryMask: known?.mask ?? memoryMask,
                watch: &watch)
            if watch.isWanted { known?.watch = watch }
        }
        random = pass.random
        known?.own = pass.finished!
        state = known
        return decoderNorm(x)
    }

    private var scoreWeight: Tensor { outputWeight ?? (target ?? source).weight }

    /// The scores of the token after each, `[B, T, V]`.
    public func scores(of features: Tensor) -> Tensor {
        scoring.map { $0(features) } ?? features.linear(weight: scoreWeight, bias: outputBias)
    }

    /// The mean cross-entropy of the tokens that really come next.
    public func loss(of features: Tensor, next: Tensor) -> Tensor {
        loss(of: features, next: next, labelSmoothing: 0)
    }

    /// The mean cross-entropy of the tokens that really come next, with a share of probability spread over all tokens
    /// (Szegedy et al. 2016).
    public func loss(of features: Tensor, next: Tensor, labelSmoothing: Double) -> Tensor {
        features.linearCrossEntropy(
            weight: scoreWeight, bias: outputBias, labels: next, labelSmoothing: labelSmoothing)
    }

    /// The mean cross-entropy of the tokens that really come next; see ``loss(of:next:labelSmoothing:)``.
    ///
    /// Padding at the ends costs nothing: what is real of the sequences is read one after another.
    ///
    /// - Parameters:
    ///   - source: what is read, int32 `[B, S]`.
    ///   - mask: which of it is real.
    ///   - target: what was written before each, int32 `[B, T]`.
    ///   - next: what comes next, int32 `[B, T]`; −100 where it does not count.
    public func loss(
        source: Tensor, mask: TokenMask, target: Tensor, next: Tensor, labelSmoothing: Double = 0,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        guard let read = mask.counts(of: source) else {
            var state: EncoderDecoderState?
            let memory = encode(source, mask: mask, dropout: &random)
            let features = decode(
                target, memory: memory, memoryMask: mask, state: &state, dropout: &random)
            return loss(of: features, next: next, labelSmoothing: labelSmoothing)
        }
        // What comes after the last token that counts is not needed for it.
        let labels = next.scalars(as: Int32.self)
        let width = next.shape[1]
        let written = (0..<next.shape[0]).map { row in
            let last = labels[row * width..<(row + 1) * width].lastIndex { $0 != -100 }
            return last.map { $0 - row * width + 1 } ?? 0
        }
        var pass = AttentionPass(packed: read, dropout: random)
        let memory = encode(source.packed(read), &pass)
        var writing = AttentionPass(packed: written, dropout: pass.random)
        var x = embedded(target.packed(written), by: self.target ?? self.source, &writing)
        for (number, layer) in decoder.enumerated() {
            var unwatched = AttentionWatch()
            x = layer(
                x, layer: number, &writing, memory: keysAndValues(layer, memory),
                memoryMask: .all, memoryCounts: read, watch: &unwatched)
        }
        random = writing.random
        return loss(
            of: decoderNorm(x), next: next.packed(written), labelSmoothing: labelSmoothing)
    }
}

extension Transformer: QuantizableModel {
    /// How the layers' matrices are kept, if in fewer bits.
    public var quantization: QuantizedType? { configuration.quantization }
    /// 8 bits alone.
    public static var quantizedTypes: [QuantizedType] { [.int8] }

    /// The same model with its layers' matrices in 8 bits; the vectors of tokens, norms and offsets stay as they are.
    public func quantized(to type: QuantizedType) -> Transformer {
        precondition(type == .int8, "a Transformer in \(type)")
        var result = self
        result.configuration.quantization = type
        result.forEachMatrix { $0 = $0.quantized }
        return result
    }
}

extension TokenMask {
    /// How many tokens of `[B, S]` are real, where those are the first of each sequence; nil: they are not.
    fileprivate func counts(of tokens: Tensor) -> [Int]? {
        switch self {
        case .all: [Int](repeating: tokens.shape[1], count: tokens.shape[0])
        case .lengths(let lengths): lengths
        case .real: nil
        }
    }
}

extension Tensor {
    /// The first tokens of each row of an int32 matrix, one row after another.
    fileprivate func packed(_ counts: [Int]) -> Tensor {
        let (all, width) = (scalars(as: Int32.self), shape[1])
        return Tensor(
            counts.enumerated().flatMap { row, count in all[row * width..<row * width + count] })
    }
}

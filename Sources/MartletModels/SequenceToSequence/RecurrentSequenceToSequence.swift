public import MartletNN
public import MartletTensor

/// A recurrent network that reads one sequence and writes another (Sutskever et al. 2014; Cho et al. 2014).
///
/// ```text
/// h = encoder(source[token])                                            [B, S, E]
/// s_0 = the encoder's last state; if E ≠ H: tanh(W_s h + b), and of an LSTM's cells W_c c + b'
///
/// none:      s_t = decoder(target[y_{t−1}], s_{t−1})                     y_t = s_t
/// luong:     s_t as above;  c_t = attention(s_t, h)                      y_t = tanh(W [c_t; s_t])
/// bahdanau:  c_t = attention(s_{t−1}, h);  s_t = decoder([target[y_{t−1}]; c_t], s_{t−1})
///                                                                        y_t = tanh(W [c_t; s_t])
/// scores of the token t = W_o y_t + b_o                                  [B, T, V]
/// ```
///
/// Luong et al. (2015) without input feeding: what was attended to does not go into the next step, so in training the decoder
/// runs over the whole target at once. With `input_feeding` the decoder reads [target[y_{t−1}]; y_{t−1}'s features], step by step.
/// In Bahdanau et al. (2015) the context does so; in place of the paper's maxout y is as above. With `coverage` attention knows
/// the sum of its weights of before; see ``DecoderAttention``. Padding of the source is never read and never attended to.
///
/// With `copying` the weights of attention are also a distribution over what was read, mixed with that of the vocabulary by
/// g_t = w [c_t; s_t; target[y_{t−1}]] + b; see ``CopyMixture``. Tokens from V on are then words of a source that the vocabulary
/// does not have, each source's own; they are read as the unknown token.
///
/// An LSTM's or GRU's layer l of the decoder begins with the last state of the encoder's layer that is as far from the top.
/// Tied (Press & Wolf 2017), W_o are the vectors of the tokens that are written, and y is of their width.
///
/// Weights: `source.weight`, `target.weight`; `encoder.weight_ih_l0` … and `decoder.weight_ih_l0` …, as PyTorch names them;
/// `bridge.hidden.weight`, `bridge.cell.weight` … if E ≠ H; `attention.query.weight` … and `combine.weight` with attention;
/// `projection.weight` if tied without attention and H ≠ D; `pointer.weight` and `pointer.bias` with copying; `output.weight` (if not
/// tied), `output.bias`.
public struct RecurrentSequenceToSequence: Model {
    /// From the encoder's last states to the decoder's first.
    public struct Bridge: Module {
        /// Of the hidden states.
        public var hidden: Linear
        /// Of an LSTM's cell states.
        public var cell: Linear?

        /// Changes both matrices.
        fileprivate mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
            change(&hidden)
            if cell != nil { change(&cell!) }
        }

        /// Visits `hidden.…` and, if there is one, `cell.…`.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try hidden.forEachParameter(in: "hidden", visit)
            try cell.forEachParameter(in: "cell", visit)
        }
    }

    /// The sizes.
    public private(set) var configuration: Configuration
    /// The vectors of the tokens that are read.
    public var source: Embedding
    /// The vectors of the tokens that are written.
    public var target: Embedding { didSet { scoring = nil } }
    /// Reads.
    public var encoder: RecurrentStack
    /// Writes.
    public var decoder: RecurrentStack
    /// Between them, where their states are of different widths.
    public var bridge: Bridge?
    /// How the decoder looks at what was read, if it does.
    public var attention: DecoderAttention?
    /// From a context and a state to what scores are products of, with attention.
    public var combine: Linear?
    /// From the states to the width of the vectors, where they are tied, of another width, and without attention.
    public var projection: Linear?
    /// How much is written and not copied, where copying is possible.
    public var pointer: Linear?
    /// What the outputs are compared with, `[V, H]`; nil: the vectors of the tokens that are written.
    public var outputWeight: Tensor? { didSet { scoring = nil } }
    /// How common each token is, `[V]`.
    public var outputBias: Tensor { didSet { scoring = nil } }
    /// The last two as the kernels read them; see ``prepared(_:)``.
    private(set) var scoring: PackedLinear?

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        let (V, D, H) = (
            configuration.vocabularySize, configuration.embeddingSize, configuration.hiddenSize
        )
        let (E, features) = (configuration.stateSize, configuration.featureSize)
        self.configuration = configuration
        source = Embedding(
            vocabularySize: configuration.sourceVocabularySize, size: D, deviation: 0.1,
            using: &random)
        target = Embedding(vocabularySize: V, size: D, deviation: 0.1, using: &random)
        encoder = RecurrentStack(
            cell: configuration.cell, inputSize: D, hiddenSize: H,
            layers: configuration.encoderLayers, bidirectional: configuration.isBidirectional,
            dropout: configuration.dropout, using: &random)
        decoder = RecurrentStack(
            cell: configuration.cell, inputSize: D + configuration.besideSize,
            hiddenSize: H, layers: configuration.decoderLayers, dropout: configuration.dropout,
            using: &random)
        if E != H {
            bridge = Bridge(
                hidden: Linear(inputSize: E, outputSize: H, using: &random),
                cell: configuration.cell == .lstm
                    ? Linear(inputSize: E, outputSize: H, using: &random) : nil)
        }
        if let kind = configuration.attention {
            attention = DecoderAttention(
                kind, querySize: H, stateSize: E, size: configuration.attentionSize,
                covering: configuration.covers, using: &random)
            combine = Linear(inputSize: E + H, outputSize: features, bias: false, using: &random)
        } else if features != H {
            projection = Linear(inputSize: H, outputSize: D, bias: false, using: &random)
        }
        if configuration.copies {
            pointer = Linear(inputSize: E + H + D, outputSize: 1, using: &random)
        }
        if !configuration.isTied {
            outputWeight = Linear(inputSize: H, outputSize: V, bias: false, using: &random).weight
        }
        outputBias = .zeros([V])
        if let type = configuration.quantization {
            if random.isPlaceholder {
                encoder = encoder.quantizedPlaceholder(type)
                decoder = decoder.quantizedPlaceholder(type)
                forEachMatrix { $0 = $0.quantizedPlaceholder }
            } else {
                self = quantized(to: type)
            }
        }
    }

    /// Changes the matrices beside the recurrent layers'.
    private mutating func forEachMatrix(_ change: (inout Linear) -> Void) {
        bridge?.forEachMatrix(change)
        attention?.forEachMatrix(change)
        if combine != nil { change(&combine!) }
        if projection != nil { change(&projection!) }
    }

    /// The same model with its matrices also packed as the kernels read them, for many steps; see
    /// ``MartletNN/RecurrentStack/prepared`` and ``MartletNN/Linear/prepared(_:)``.
    ///
    /// - Parameter type: what those beside the recurrent layers' are packed in; of a model that is ``quantized(to:)`` all are in 8
    ///   bits, and so are then those that scores are products with.
    public func prepared(_ type: InferenceType = .float32) -> RecurrentSequenceToSequence {
        let type = quantization == nil ? type : .int8
        var result = self
        result.encoder = encoder.prepared
        result.decoder = decoder.prepared
        result.forEachMatrix { $0 = $0.prepared(type) }
        let scores = Linear(weight: outputWeight ?? target.weight, bias: outputBias)
        result.scoring = scores.prepared(type).packing
        return result
    }

    /// Visits the parameters by the names above.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try source.forEachParameter(in: "source", visit)
        try target.forEachParameter(in: "target", visit)
        try encoder.forEachParameter(in: "encoder", visit)
        try decoder.forEachParameter(in: "decoder", visit)
        try bridge.forEachParameter(in: "bridge", visit)
        try attention.forEachParameter(in: "attention", visit)
        try combine.forEachParameter(in: "combine", visit)
        try projection.forEachParameter(in: "projection", visit)
        try pointer.forEachParameter(in: "pointer", visit)
        try outputWeight.visit("output.weight", visit)
        try visit("output.bias", &outputBias)
    }
}

extension RecurrentSequenceToSequence: QuantizableModel {
    /// How the matrices are kept, if in fewer bits.
    public var quantization: QuantizedType? { configuration.quantization }
    /// 8 bits alone.
    public static var quantizedTypes: [QuantizedType] { [.int8] }

    /// The same model with its matrices in 8 bits; the vectors of tokens, offsets, and what makes a single number stay as they are.
    public func quantized(to type: QuantizedType) -> RecurrentSequenceToSequence {
        precondition(type == .int8, "an encoder-decoder in \(type)")
        var result = self
        result.configuration.quantization = type
        result.encoder = encoder.quantized(to: type)
        result.decoder = decoder.quantized(to: type)
        result.forEachMatrix { $0 = $0.quantized }
        return result
    }
}

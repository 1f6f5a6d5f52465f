public import MartletNN
public import MartletTensor

/// A model that reads one sequence and writes another.
public protocol EncoderDecoderModel: SequenceToSequenceModel
where Progress == EncoderDecoderState {
    /// The encoder's states, `[B, S, D]`, of int32 tokens `[B, S]`.
    func encode(
        _ tokens: Tensor, mask: TokenMask, dropout random: inout RandomGenerator?
    ) -> Tensor

    /// What the decoder knows before it has written anything.
    func state(reading memory: Tensor, mask: TokenMask) -> EncoderDecoderState

    /// What the decoder's scores are products of, `[B, T, D]`.
    ///
    /// - Parameters:
    ///   - tokens: what was written, int32 `[B, T]`.
    ///   - memory: the encoder's states, `[B, S, D]`; with a state, which has them, it may be nil.
    ///   - memoryMask: which of them are of real tokens.
    ///   - mask: which of the written tokens are real.
    ///   - state: what was written before, to which this is added; nil: nothing was, and nothing is kept.
    func decode(
        _ tokens: Tensor, memory: Tensor?, memoryMask: TokenMask, mask: TokenMask,
        state: inout EncoderDecoderState?, dropout random: inout RandomGenerator?
    ) -> Tensor

    /// The scores of the token after each, `[B, T, V]`, of ``decode(_:memory:memoryMask:mask:state:dropout:)``.
    func scores(of features: Tensor) -> Tensor

    /// The mean cross-entropy, in nats, of the tokens that really come next; −100 where it does not count.
    func loss(of features: Tensor, next: Tensor) -> Tensor
}

extension EncoderDecoderModel {
    /// The scores of the token after each of `target`, `[B, T, V]`.
    public func callAsFunction(
        source: Tensor, sourceMask: TokenMask = .all, target: Tensor, targetMask: TokenMask = .all
    ) -> Tensor {
        var (state, none): (EncoderDecoderState?, RandomGenerator?) = (nil, nil)
        let memory = encode(source, mask: sourceMask, dropout: &none)
        return scores(
            of: decode(
                target, memory: memory, memoryMask: sourceMask, mask: targetMask, state: &state,
                dropout: &none))
    }

    /// What the decoder knows when the encoder has read a batch, and it has written nothing itself.
    public func begin(reading source: Tensor, mask: TokenMask) -> EncoderDecoderState {
        var none: RandomGenerator?
        return state(reading: encode(source, mask: mask, dropout: &none), mask: mask)
    }

    /// One step of each sequence: of tokens `[B]`, the scores of the next, `[B, V]`, and what the decoder's last layer looked at,
    /// `[B, S]`: the mean over its heads.
    public func step(
        _ tokens: Tensor, _ progress: inout EncoderDecoderState, tellsAttention: Bool
    ) -> (scores: Tensor, attention: Tensor?) {
        var (state, none): (EncoderDecoderState?, RandomGenerator?) = (progress, nil)
        // Held by nobody else, so that it grows in place.
        _ = progress.takeOwn()
        state!.watch = AttentionWatch(isWanted: tellsAttention)
        let features = decode(
            tokens.expandingDimension(at: 1), memory: nil, memoryMask: .all, mask: .all,
            state: &state, dropout: &none)
        progress = state!
        progress.watch = AttentionWatch()
        return (scores(of: features).squeezed(axis: 1), state!.watch.weights?.squeezed(axis: 1))
    }

    /// The mean cross-entropy of the tokens that really come next.
    ///
    /// - Parameters:
    ///   - source: what is read, int32 `[B, S]`.
    ///   - target: what was written before each, int32 `[B, T]`.
    ///   - next: what comes next, int32 `[B, T]`; −100 where it does not count.
    public func loss(
        source: Tensor, sourceMask: TokenMask, target: Tensor, next: Tensor,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        var state: EncoderDecoderState?
        let memory = encode(source, mask: sourceMask, dropout: &random)
        return loss(
            of: decode(
                target, memory: memory, memoryMask: sourceMask, mask: .all, state: &state,
                dropout: &random), next: next)
    }

    /// Scores of named tensors: `input_ids [B, S]`, `decoder_input_ids [B, T]` (int32 or int64) and, if given,
    /// `attention_mask [B, S]` give `logits [B, T, V]` and `encoder_last_hidden_state [B, S, D]`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, a token outside of the
    ///   vocabulary, or a sequence longer than the context.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let source = try reader.takeNumbers(
            "input_ids", below: sourceVocabularySize, shape: [nil, nil])
        let target = try reader.takeNumbers(
            "decoder_input_ids", below: vocabularySize, shape: [source.shape[0], nil])
        let mask = try reader.takeMask(like: source, context: contextLength)
        let targetMask = try reader.takeMask(
            like: target, context: contextLength, name: "decoder_attention_mask",
            of: "decoder_input_ids")
        try reader.finish()
        var (state, none): (EncoderDecoderState?, RandomGenerator?) = (nil, nil)
        let memory = encode(source, mask: mask, dropout: &none)
        let features = decode(
            target, memory: memory, memoryMask: mask, mask: targetMask, state: &state,
            dropout: &none)
        return ["logits": scores(of: features), "encoder_last_hidden_state": memory]
    }
}

public import MartletNN
public import MartletTensor

/// What a recurrent decoder knows between two steps.
public struct RecurrentWritingProgress: WritingProgress {
    /// The decoder's state.
    public var state: RecurrentState
    /// The encoder's states, if they are attended to.
    public var memory: AttendedStates?
    /// With input feeding, what scores were products of last, `[B, 1, …]`.
    public var fed: Tensor?
    /// With coverage, how much was looked at each state, `[B, 1, S]`.
    public var covered: Tensor?
    /// With copying, what was read, int32 `[B, S]`; −1 where nothing was.
    public var read: Tensor?

    /// The same of some of the sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> RecurrentWritingProgress {
        RecurrentWritingProgress(
            state: state.selecting(rows), memory: memory?.selecting(rows),
            fed: fed?.selectingRows(rows), covered: covered?.selectingRows(rows),
            read: read?.selectingRows(rows))
    }
}

extension RecurrentSequenceToSequence {
    private var dropout: Dropout { Dropout(configuration.dropout) }
    private var scoreWeight: Tensor { outputWeight ?? target.weight }

    /// Tokens as they are read: what the vocabulary does not have as the unknown one.
    private func known(_ tokens: Tensor) -> Tensor {
        guard configuration.copies else { return tokens }
        let (V, unknown) = (Int32(vocabularySize), Int32(configuration.unknown ?? 0))
        return Tensor(
            tokens.scalars(as: Int32.self).map { $0 < V ? $0 : unknown }, shape: tokens.shape)
    }

    /// Tokens that can be copied, −1 where there is none.
    private func copyable(_ tokens: Tensor, _ real: Tensor?) -> Tensor {
        guard let real else { return tokens }
        let all = zip(tokens.scalars(as: Int32.self), real.scalars(as: Bool.self))
        return Tensor(all.map { $1 ? $0 : -1 }, shape: tokens.shape)
    }

    /// What the decoder knows when the source has been read.
    private func progress(
        reading tokens: Tensor, mask: TokenMask, dropout random: inout RandomGenerator?
    ) -> RecurrentWritingProgress {
        var real: Tensor?
        if case .real(let flags) = mask { real = flags }
        let (states, last) = encoder(
            dropout(source(known(tokens)), using: &random), lengths: mask.lengths, mask: real,
            dropout: &random)
        let (B, S, dtype) = (states.shape[0], states.shape[1], states.dtype)
        let memory = attention?.attending(to: states, mask: mask)
        return RecurrentWritingProgress(
            state: beginning(after: last), memory: memory,
            fed: configuration.feedsInput
                ? .zeros([B, 1, configuration.featureSize], dtype: dtype) : nil,
            covered: configuration.covers ? .zeros([B, 1, S], dtype: dtype) : nil,
            read: configuration.copies ? copyable(tokens, memory?.real) : nil)
    }

    /// The decoder's first state.
    private func beginning(after last: RecurrentState) -> RecurrentState {
        let directions = encoder.directionCount
        let parts = (0..<decoder.layerCount).map { layer in
            // As far from the top; where the encoder has no such layer, its first.
            let below = max(encoder.layerCount - decoder.layerCount + layer, 0)
            let read = last.directions[below * directions..<(below + 1) * directions]
            let hidden = Tensor.concatenate(read.map(\.hidden), axis: 1)
            let cells = read.compactMap(\.cell)
            let cell = cells.isEmpty ? nil : Tensor.concatenate(cells, axis: 1)
            guard let bridge else { return DirectionState(hidden: hidden, cell: cell) }
            return DirectionState(
                hidden: bridge.hidden(hidden).tanh(), cell: cell.map { bridge.cell!($0) })
        }
        return RecurrentState(parts)
    }

    /// What a decoder made of some tokens.
    private struct Decoded {
        /// What scores are products of, `[B, T, …]`.
        var features: Tensor
        /// The weights of attention where they are made anyway: with copying of all steps, `[B, T, S]`, else of the last one,
        /// `[B, 1, S]`.
        var weights: Tensor?
        /// With copying, how much is written and not copied; see ``CopyMixture/gate``.
        var gate: Tensor?
        /// With coverage, how much of each step's attention went where it had been before, `[B, T]`.
        var repeated: Tensor?
    }

    /// What follows from vectors of what was written, `[B, T, D]`.
    private func decoded(
        _ vectors: Tensor, _ progress: inout RecurrentWritingProgress,
        dropout random: inout RandomGenerator?
    ) -> Decoded {
        guard let attention, let combine, let memory = progress.memory else {
            let (states, last) = decoder(vectors, state: progress.state, dropout: &random)
            progress.state = last
            return Decoded(features: projection.map { $0(states) } ?? states)
        }
        if attention.kind == .luong, !configuration.feedsInput {
            let (states, last) = decoder(vectors, state: progress.state, dropout: &random)
            progress.state = last
            let looked = pointer.map { _ in attention.looking(states, memory) }
            let context = looked?.context ?? attention(states, memory)
            let together = Tensor.concatenate([context, states], axis: 2)
            return Decoded(
                features: combine(together).tanh(), weights: looked?.weights,
                gate: gate(together, vectors))
        }
        let decoder = decoder.prepared
        let steps = vectors.split(axis: 1, sizes: [Int](repeating: 1, count: vectors.shape[1]))
        var parts: [Tensor] = []  // [c; s] of each step, [B, 1, E + H]
        var features: [Tensor] = []  // of luong, each step's
        var weights: [Tensor] = []
        var repeated: [Tensor] = []
        for vector in steps {
            var beside = progress.fed
            var looked: (context: Tensor, weights: Tensor)?
            if attention.kind == .bahdanau {
                looked = attention.looking(
                    progress.query.expandingDimension(at: 1), memory, covered: progress.covered)
                beside = looked!.context
            }
            let (output, next) = decoder(
                .concatenate([vector, beside!], axis: 2), state: progress.state, dropout: &random)
            progress.state = next
            let found = looked ?? attention.looking(output, memory)
            if pointer == nil { weights = [] }
            weights.append(found.weights)
            let together = Tensor.concatenate([found.context, output], axis: 2)
            parts.append(together)
            if let covered = progress.covered {
                repeated.append(Tensor.minimum(covered, found.weights).sum(axis: 2))
                progress.covered = covered + found.weights
            }
            if attention.kind == .luong {
                progress.fed = combine(together).tanh()
                features.append(progress.fed!)
            }
        }
        func joined(_ parts: [Tensor]) -> Tensor {
            parts.count == 1 ? parts[0] : .concatenate(parts, axis: 1)
        }
        let isNeeded = attention.kind == .bahdanau || pointer != nil
        let together = isNeeded ? joined(parts) : nil
        return Decoded(
            features: features.isEmpty ? combine(together!).tanh() : joined(features),
            weights: joined(weights), gate: together.flatMap { gate($0, vectors) },
            repeated: repeated.isEmpty ? nil : joined(repeated))
    }

    /// How much is written and not copied, `[B, T]`, of `[c; s]` and the vectors of what was written; nil: nothing is copied.
    private func gate(_ together: Tensor, _ vectors: Tensor) -> Tensor? {
        pointer.map { $0(.concatenate([together, vectors], axis: 2)).squeezed(axis: 2) }
    }

    /// What may be written or copied; nil: nothing is copied.
    private func mixture(_ decoded: Decoded, _ read: Tensor?) -> CopyMixture? {
        guard let gate = decoded.gate, let weights = decoded.weights, let read else { return nil }
        return CopyMixture(
            scores: scores(of: decoded.features), gate: gate, weights: weights, source: read)
    }

    /// What follows from a source and what was written, with dropout; and what may be copied.
    private func decoded(
        source: Tensor, mask: TokenMask, target: Tensor, dropout random: inout RandomGenerator?
    ) -> (Decoded, read: Tensor?) {
        var progress = progress(reading: source, mask: mask, dropout: &random)
        let vectors = dropout(self.target(known(target)), using: &random)
        var result = decoded(vectors, &progress, dropout: &random)
        result.features = dropout(result.features, using: &random)
        return (result, progress.read)
    }

    /// What the scores of the token after each are products of, `[B, T, D or H]`.
    ///
    /// - Parameters:
    ///   - source: what is read, int32 `[B, S]`.
    ///   - mask: which of it is real.
    ///   - target: what was written before each token that is to be written, int32 `[B, T]`.
    ///   - random: random numbers for dropout; nil when not training.
    public func features(
        source: Tensor, mask: TokenMask = .all, target: Tensor,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        decoded(source: source, mask: mask, target: target, dropout: &random).0.features
    }

    /// The scores of the vocabulary, `[B, T, V]`, of what ``features(source:mask:target:dropout:)`` gave.
    public func scores(of features: Tensor) -> Tensor {
        scoring.map { $0(features) } ?? features.linear(weight: scoreWeight, bias: outputBias)
    }

    /// The mean cross-entropy, in nats, of the tokens that really come next, without ever holding all scores.
    ///
    /// - Parameters:
    ///   - features: what ``features(source:mask:target:dropout:)`` gave.
    ///   - next: int32 `[B, T]`; −100 where it does not count.
    ///   - labelSmoothing: the share of probability that is spread over all tokens (Szegedy et al. 2016).
    public func loss(of features: Tensor, next: Tensor, labelSmoothing: Double = 0) -> Tensor {
        features.linearCrossEntropy(
            weight: scoreWeight, bias: outputBias, labels: next, labelSmoothing: labelSmoothing)
    }

    /// The mean cross-entropy of the tokens that really come next, copied or not; see ``loss(of:next:labelSmoothing:)`` and
    /// ``MartletNN/CopyMixture/loss(next:labelSmoothing:)``.
    public func loss(
        source: Tensor, mask: TokenMask = .all, target: Tensor, next: Tensor,
        labelSmoothing: Double = 0, dropout random: inout RandomGenerator?
    ) -> Tensor {
        let (found, read) = decoded(source: source, mask: mask, target: target, dropout: &random)
        return loss(of: found, read, next: next, labelSmoothing: labelSmoothing)
    }

    private func loss(
        of decoded: Decoded, _ read: Tensor?, next: Tensor, labelSmoothing: Double
    ) -> Tensor {
        mixture(decoded, read)?.loss(next: next, labelSmoothing: labelSmoothing)
            ?? loss(of: decoded.features, next: next, labelSmoothing: labelSmoothing)
    }

    /// The mean cross-entropy, and with coverage what is to be as small: the mean over the written tokens of how much of their
    /// attention went where it had been before, Σ_j min(α_j, Σ α_j of before) (See et al. 2017, with λ = 1).
    public func penalisedLoss(
        source: Tensor, mask: TokenMask = .all, target: Tensor, next: Tensor,
        labelSmoothing: Double = 0, dropout random: inout RandomGenerator?
    ) -> Tensor {
        let (found, read) = decoded(source: source, mask: mask, target: target, dropout: &random)
        let loss = loss(of: found, read, next: next, labelSmoothing: labelSmoothing)
        guard let repeated = found.repeated else { return loss }
        let counts = next.scalars(as: Int32.self).map { $0 == -100 ? 0.0 : 1.0 }
        let share = Tensor(counts.map { $0 / max(counts.reduce(0, +), 1) }, shape: next.shape)
        return loss + (repeated * share.cast(to: repeated.dtype)).sum()
    }

    /// The scores of the token after each of `target`, `[B, T, V]`; with copying the logarithms of their probabilities, `[B, T,
    /// V + X]`, which have no gradient.
    public func callAsFunction(
        source: Tensor, mask: TokenMask = .all, target: Tensor
    ) -> Tensor {
        var none: RandomGenerator?
        let (found, read) = decoded(source: source, mask: mask, target: target, dropout: &none)
        return mixture(found, read)?.logProbabilities ?? scores(of: found.features)
    }

    /// Scores of named tensors: `input_ids [B, S]`, `decoder_input_ids [B, T]` (int32 or int64) and, if given,
    /// `attention_mask [B, S]` give `logits [B, T, V]`. With copying, tokens from V on are words of the source that are not known,
    /// and the logits are ``callAsFunction(source:mask:target:)``'s.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, or a token outside of
    ///   the vocabulary.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let own = copies ? inputs["input_ids"]?.shape.last ?? 0 : 0
        let source = try reader.takeNumbers(
            "input_ids", below: sourceVocabularySize + own, shape: [nil, nil])
        let target = try reader.takeNumbers(
            "decoder_input_ids", below: vocabularySize + own, shape: [source.shape[0], nil])
        let mask = try reader.takeMask(like: source, context: contextLength)
        try reader.finish()
        return ["logits": self(source: source, mask: mask, target: target)]
    }
}

extension RecurrentWritingProgress {
    /// The state of the decoder's last layer, `[B, H]`.
    fileprivate var query: Tensor { state.directions[state.directions.count - 1].hidden }
}

extension RecurrentSequenceToSequence: SequenceToSequenceModel {
    /// The number of tokens that are read.
    public var sourceVocabularySize: Int { configuration.sourceVocabularySize }
    /// The number of tokens V that are written.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// Any length.
    public var contextLength: Int? { nil }
    /// Whether words of the source that the vocabulary does not have may be written.
    public var copies: Bool { configuration.copies }

    /// What it knows when it has read a batch, int32 `[B, S]`, and written nothing.
    public func begin(reading source: Tensor, mask: TokenMask) -> RecurrentWritingProgress {
        var none: RandomGenerator?
        return progress(reading: source, mask: mask, dropout: &none)
    }

    /// The scores of what comes next, `[B, V]`, and with attention its weights, `[B, S]`.
    public func step(
        _ tokens: Tensor, _ progress: inout RecurrentWritingProgress, tellsAttention: Bool
    ) -> (scores: Tensor, attention: Tensor?) {
        var none: RandomGenerator?
        let vectors = target(known(tokens)).expandingDimension(at: 1)
        let found = decoded(vectors, &progress, dropout: &none)
        let scores =
            (mixture(found, progress.read)?.logProbabilities ?? scores(of: found.features))
            .squeezed(axis: 1)
        guard tellsAttention, let attention, let memory = progress.memory else {
            return (scores, nil)
        }
        let weights =
            found.weights ?? attention.weights(progress.query.expandingDimension(at: 1), memory)
        return (scores, weights.squeezed(axis: 1))
    }
}

public import MartletNN
public import MartletTensor

extension BERT {
    /// The hidden states of sequences lying one after another, without any padding.
    ///
    /// - Parameters:
    ///   - sequences: the tokens of each, each 0 ..< V, at most as many as the context has.
    ///   - types: the segment of each token; nil: all 0.
    ///   - random: random numbers for dropout; nil when not training.
    /// - Returns: `[tokens, D]`, row by row as the sequences.
    public func encode(
        packed sequences: [[Int32]], types: [[Int32]]? = nil,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let tokens = Tensor(sequences.flatMap { $0 })
        let segments =
            types.map { Tensor($0.flatMap { $0 }) } ?? .zeros([tokens.count], dtype: .int32)
        return run(
            tokens, places: Tensor(sequences.flatMap(placeNumbers)), types: segments,
            counts: sequences.map(\.count), mask: .all, dropout: &random)
    }

    /// The hidden states of a batch, `[B, T, D]`.
    ///
    /// Where lengths say which tokens are real, only those are worked on, and rows of padding are 0.
    ///
    /// - Parameters:
    ///   - tokens: int32 `[B, T]`.
    ///   - types: the segment of each, int32 `[B, T]`; nil: all 0.
    ///   - mask: which tokens are real.
    ///   - random: random numbers for dropout; nil when not training.
    public func encode(
        _ tokens: Tensor, types: Tensor? = nil, mask: TokenMask = .all,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let (B, T) = (tokens.shape[0], tokens.shape[1])
        let rows = tokens.scalars(as: Int32.self).split(into: B)
        if let lengths = mask.lengths {
            let segments = types?.scalars(as: Int32.self).split(into: B)
            func cut(_ rows: [[Int32]]) -> [[Int32]] {
                zip(rows, lengths).map { Array($0.prefix($1)) }
            }
            let packed = encode(
                packed: cut(rows), types: segments.map(cut), dropout: &random)
            return packed.unpacked(lengths: lengths, time: T)
        }
        let places = Tensor(rows.flatMap(placeNumbers), shape: [B, T])
        return run(
            tokens, places: places, types: types ?? .zeros([B, T], dtype: .int32), counts: nil,
            mask: mask, dropout: &random)
    }

    /// The places of a sequence's tokens: 0, 1 …; in RoBERTa those after the padding token's number.
    private func placeNumbers(_ sequence: [Int32]) -> [Int32] {
        guard configuration.isRoBERTa else { return (0..<Int32(sequence.count)).map { $0 } }
        let padding = Int32(configuration.padding)
        var place = padding
        return sequence.map { token in
            if token == padding { return padding }
            place += 1
            return place
        }
    }

    private func run(
        _ tokens: Tensor, places: Tensor, types: Tensor, counts: [Int]?, mask: TokenMask,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let sum = self.tokens(tokens) + self.types(types) + self.places(places)
        var x = Dropout(configuration.dropout)(norm(sum), using: &random)
        if let packing, random == nil { return packing(x, counts: counts, mask: mask) }
        for layer in layers { x = layer(x, counts: counts, mask: mask, dropout: &random) }
        return x
    }

    /// What the pooler makes of each sequence's first token, `[B, D]`, of hidden states `[B, T, D]`.
    public func pooled(_ hidden: Tensor) -> Tensor {
        pooler!(hidden.select(axis: 1, 0)).tanh()
    }

    /// What scores of tokens are products of, of hidden states of the same shape.
    public func tokenFeatures(_ hidden: Tensor) -> Tensor {
        transformNorm!(configuration.activation(transform!(hidden)))
    }

    /// The scores of the classes, `[B, C]`, of the sequences' first hidden states `[B, D]`.
    public func classScores(
        ofFirst first: Tensor, dropout random: inout RandomGenerator?
    ) -> Tensor {
        let drop = Dropout(configuration.dropout)
        if let classifierDense {
            let inner = classifierDense(drop(first, using: &random)).tanh()
            return classifier!(drop(inner, using: &random))
        }
        return classifier!(drop(pooler!(first).tanh(), using: &random))
    }

    /// Scores of named tensors: `input_ids [B, T]` (int32 or int64) and, if given, `attention_mask` and `token_type_ids`
    /// give `last_hidden_state [B, T, D]` and `pooler_output [B, D]`, or `logits`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, a token outside of the
    ///   vocabulary, or a sequence longer than the context.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let tokens = try reader.takeNumbers(
            "input_ids", below: configuration.vocabularySize, shape: [nil, nil])
        let mask = try reader.takeMask(like: tokens, context: configuration.contextLength)
        let types = try reader.takeNumbersIfPresent(
            "token_type_ids", below: configuration.types, shape: [tokens.shape[0], tokens.shape[1]])
        try reader.finish()
        guard tokens.shape[1] > 0 else {
            throw ModelError("input tensor \"input_ids\" is \(tokens.shape): it has no token")
        }
        var none: RandomGenerator?
        let hidden = encode(tokens, types: types, mask: mask, dropout: &none)
        switch configuration.head {
        case .none:
            var outputs = ["last_hidden_state": hidden]
            if pooler != nil { outputs["pooler_output"] = pooled(hidden) }
            return outputs
        case .maskedLanguageModel:
            return [
                "logits": tokenFeatures(hidden).linear(weight: self.tokens.weight, bias: tokenBias)
            ]
        case .classes:
            return [
                "logits": classScores(ofFirst: hidden.select(axis: 1, 0), dropout: &none)
            ]
        }
    }
}

extension Array {
    /// Parts of one size, so many.
    func split(into parts: Int) -> [[Element]] {
        let size = parts == 0 ? 0 : count / parts
        return (0..<parts).map { Array(self[$0 * size..<($0 + 1) * size]) }
    }
}

extension Tensor {
    /// Rows `[rows, D]` that lie one after another, `lengths` of them each, as `[B, time, D]` with 0 after each.
    func unpacked(lengths: [Int], time: Int) -> Tensor {
        if lengths.allSatisfy({ $0 == time }) { return reshaped([lengths.count, time, shape[1]]) }
        var start: Int32 = 0
        let empty = Int32(shape[0])
        let numbers = lengths.flatMap { length in
            defer { start += Int32(length) }
            return (0..<time).map { $0 < length ? start + Int32($0) : empty }
        }
        return padded(axis: 0, after: 1).embedding(Tensor(numbers, shape: [lengths.count, time]))
    }
}

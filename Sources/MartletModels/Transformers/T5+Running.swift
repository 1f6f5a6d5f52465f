import Foundation
public import MartletNN
public import MartletTensor

extension T5: EncoderDecoderModel {
    /// The number of tokens V.
    public var vocabularySize: Int { configuration.vocabularySize }
    /// The same.
    public var sourceVocabularySize: Int { configuration.vocabularySize }
    /// Any length.
    public var contextLength: Int? { nil }

    /// The encoder's states, `[B, S, D]`, of int32 tokens `[B, S]`.
    public func encode(
        _ tokens: Tensor, mask: TokenMask = .all, dropout random: inout RandomGenerator?
    ) -> Tensor {
        let time = tokens.shape[1]
        var pass = AttentionPass(length: time, mask: mask, dropout: random)
        let bias = encoder[0].attention.bias(
            queries: time, keys: time, configuration, isDecoder: false)
        var x = pass.dropout(self.tokens(tokens), configuration.dropout)
        for (layer, block) in encoder.enumerated() {
            x = block.attention(x, layer: layer, bias, &pass)
            x = block.feedForward(x, &pass.random)
        }
        x = pass.dropout(encoderNorm(x), configuration.dropout)
        random = pass.random
        return x
    }

    /// What the decoder knows before it has written anything.
    public func state(reading memory: Tensor, mask: TokenMask = .all) -> EncoderDecoderState {
        let (B, N, K) = (memory.shape[0], configuration.heads, configuration.headWidth)
        return EncoderDecoderState(
            own: AttentionState(
                decoder.map { _ in
                    KeyValueCache(batch: B, heads: N, width: K, dtype: memory.dtype)
                }),
            cross: decoder.map { block in
                let (key, value) = block.cross!.keysAndValues(of: memory)
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
        let bias = decoder[0].attention.bias(
            queries: pass.length, keys: pass.start + pass.length, configuration, isDecoder: true)
        var x = pass.dropout(self.tokens(tokens), configuration.dropout)
        for (layer, block) in decoder.enumerated() {
            x = block.attention(x, layer: layer, bias, &pass)
            let (key, value) =
                known.map { ($0.cross[layer].key, $0.cross[layer].value) }
                ?? block.cross!.keysAndValues(of: memory!)
            var watch = AttentionWatch(
                isWanted: layer == decoder.count - 1 && known?.watch.isWanted == true)
            x = block.cross!(
                x, key: key, value: value, mask: known?.mask ?? memoryMask, &pass.random,
                watch: &watch)
            if watch.isWanted { known?.watch = watch }
            x = block.feedForward(x, &pass.random)
        }
        x = pass.dropout(decoderNorm(x), configuration.dropout)
        random = pass.random
        known?.own = pass.finished!
        state = known
        // Tied, the vectors are long for outputs of size 1 (Raffel et al. 2020, in the published code).
        return configuration.isTied ? x * (1 / Double(configuration.width).squareRoot()) : x
    }

    /// The scores of the token after each, `[B, T, V]`.
    public func scores(of features: Tensor) -> Tensor {
        features.linear(weight: outputWeight ?? tokens.weight)
    }

    /// The mean cross-entropy of the tokens that really come next.
    public func loss(of features: Tensor, next: Tensor) -> Tensor {
        features.linearCrossEntropy(weight: outputWeight ?? tokens.weight, labels: next)
    }

    /// The bias that a distance, from a query to a key, belongs to.
    ///
    /// - Parameter isDecoder: whether keys after the query have none of their own.
    public static func bucket(
        of distance: Int, buckets: Int, farthest: Int, isDecoder: Bool
    ) -> Int {
        let count = isDecoder ? buckets : buckets / 2
        let first = !isDecoder && distance > 0 ? count : 0
        let size = isDecoder ? max(-distance, 0) : abs(distance)
        let exact = count / 2
        if size < exact { return first + size }
        // In single precision, as the reference: at the edges it matters.
        let share =
            log(Float(size) / Float(exact)) / Float(log(Double(farthest) / Double(exact)))
        return first + min(exact + Int(share * Float(count - exact)), count - 1)
    }
}

extension T5.Attention {
    /// The biases of all distances of some last queries and all keys, `[N, S + T − 1]`.
    fileprivate func bias(
        queries: Int, keys: Int, _ configuration: T5.Configuration, isDecoder: Bool
    ) -> Tensor? {
        guard let distances, queries + keys > 1 else { return nil }
        let numbers = (0..<keys + queries - 1).map { place in
            Int32(
                T5.bucket(
                    of: place - (keys - 1), buckets: configuration.buckets,
                    farthest: configuration.farthest, isDecoder: isDecoder))
        }
        return distances(Tensor(numbers)).transposed()
    }

    /// Attention to the same sequence, added to what comes in.
    fileprivate func callAsFunction(
        _ x: Tensor, layer: Int, _ bias: Tensor?, _ pass: inout AttentionPass
    ) -> Tensor {
        let n = norm(x)
        let attended = pass.attend(
            query: query(n).splitIntoHeads(heads), key: key(n).splitIntoHeads(heads),
            value: value(n).splitIntoHeads(heads), layer: layer, rule: rule, distanceBias: bias)
        return x + pass.dropout(output(attended), rule.dropout)
    }

    /// Keys and values of the encoder's states, `[B, S, N, K]`.
    fileprivate func keysAndValues(of memory: Tensor) -> (key: Tensor, value: Tensor) {
        (key(memory).splitIntoHeads(heads), value(memory).splitIntoHeads(heads))
    }

    /// Attention to the encoder's states, added to what comes in.
    fileprivate func callAsFunction(
        _ x: Tensor, key: Tensor, value: Tensor, mask: TokenMask,
        _ random: inout RandomGenerator?, watch: inout AttentionWatch
    ) -> Tensor {
        let query = query(norm(x)).splitIntoHeads(heads)
        if watch.isWanted {
            watch.weights = rule.weights(query: query, toMemory: key, mask: mask)
        }
        let attended = rule.attend(
            query: query, toMemory: key, value, mask: mask, dropout: &random)
        return x + Dropout(rule.dropout)(output(attended), using: &random)
    }
}

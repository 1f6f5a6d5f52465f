import MartletNN
public import MartletTensor

extension BERT {
    /// The same encoder with the weights of its layers also packed as the kernels read them: for inference, on many texts.
    ///
    /// In float32 the states are the same, bit for bit; in the other types they are close, and faster. The weights themselves stay,
    /// so it takes up to twice the memory. A change of a parameter undoes it. Encoders whose `hidden_act` is tanh stay as they are.
    public func prepared(_ type: InferenceType = .float32) -> BERT {
        var result = self
        result.packing = PackedEncoder(self, type)
        return result
    }
}

/// The layers of an encoder, packed.
struct PackedEncoder: Sendable {
    private struct Layer: Sendable {
        var queryKeyValue: PackedLinear
        /// From what was attended to the layer's output: added to its input and normalised, then the mlp.
        var output, up, down: LinearStep
        var rule: AttentionRule
    }

    private var layers: [Layer]
    private let heads: Int

    /// Nil where the mlp's function is not one that can follow a product.
    init?(_ model: BERT, _ type: InferenceType) {
        guard let activation = model.configuration.activation.fused else { return nil }
        func packed(_ linear: Linear) -> PackedLinear {
            PackedLinear(weight: linear.weight.detached, bias: linear.bias?.detached, type: type)
        }
        func step(_ linear: Linear, norm: LayerNorm) -> LinearStep {
            LinearStep(
                packed(linear),
                norm: .init(
                    weight: norm.weight?.detached, bias: norm.bias?.detached, epsilon: norm.epsilon)
            )
        }
        heads = model.configuration.heads
        layers = model.layers.map { layer in
            let parts = [layer.query, layer.key, layer.value]
            return Layer(
                queryKeyValue: packed(
                    Linear(
                        weight: .concatenate(parts.map(\.weight.detached), axis: 0),
                        bias: .concatenate(parts.map { $0.bias!.detached }, axis: 0))),
                output: step(layer.output, norm: layer.attentionNorm),
                up: LinearStep(packed(layer.up), activation: activation, isKept: false),
                down: step(layer.down, norm: layer.norm), rule: layer.rule)
        }
    }

    /// The hidden states of what the layers begin with, as ``BERT/Layer`` gives them one after another.
    func callAsFunction(_ input: Tensor, counts: [Int]?, mask: TokenMask) -> Tensor {
        guard let first = layers.first else { return input }
        var (x, parts) = (input, first.queryKeyValue(input))
        for (number, layer) in layers.enumerated() {
            // Attention, and then everything up to the next layer's.
            var (output, down) = (layer.output, layer.down)
            (output.addend, output.isKept, down.addend) = (.rows(x), false, .step(0))
            let next =
                number + 1 < layers.count ? [LinearStep(layers[number + 1].queryKeyValue)] : []
            let results = attend(parts, layer.rule, counts, mask).running(
                [output, layer.up, down] + next)
            x = results[0]
            if let last = results.dropFirst().first { parts = last }
        }
        return x
    }

    /// Attention of queries, keys and values side by side, `[…, 3 · D]`: `[…, D]`.
    private func attend(_ parts: Tensor, _ rule: AttentionRule, _ counts: [Int]?, _ mask: TokenMask)
        -> Tensor
    {
        let views = parts.headViews(parts: 3, heads: heads)
        var none: RandomGenerator?
        guard let counts else {
            return rule.attend(
                query: views[0], key: views[1], value: views[2], mask: mask, dropout: &none)
        }
        return rule.attend(
            packedQuery: views[0], key: views[1], value: views[2], queryCounts: counts,
            keyCounts: counts, dropout: &none)
    }
}

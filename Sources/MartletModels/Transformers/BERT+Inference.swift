import MartletNN
public import MartletTensor

extension BERT {
    /// The same encoder with the weights of its layers also packed as the kernels read them: for inference, on many texts.
    ///
    /// In float32 the states are the same, bit for bit; in the other types they are close, and faster. The weights themselves stay,
    /// so it takes up to twice the memory. A change of a parameter undoes it. Encoders whose `hidden_act` is tanh stay as they are,
    /// and what is in 8 bits already (``quantized(to:)``) stays so, whatever type is asked for.
    public func prepared(_ type: InferenceType = .float32) -> BERT {
        var result = self
        result.packing = PackedEncoder(self, type)
        return result
    }
}

extension BERT: QuantizableModel {
    /// How the matrices of the layers are kept, if in fewer bits.
    public var quantization: QuantizedType? { configuration.quantization }
    /// In 8 bits.
    public static var quantizedTypes: [QuantizedType] { [.int8] }

    /// The same with the matrices of its layers in 8 bits; vectors of tokens, norms and heads stay as they are.
    public func quantized(to type: QuantizedType) -> BERT {
        precondition(Self.quantizedTypes.contains(type), "an encoder in \(type.rawValue)")
        var result = self
        result.configuration.quantization = type
        for layer in result.layers.indices {
            result.layers[layer].forEachMatrix { $0 = $0.quantized }
        }
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
    /// Of attention's products.
    private let precision: ProductPrecision

    /// Nil where the mlp's function is not one that can follow a product.
    init?(_ model: BERT, _ type: InferenceType) {
        guard let activation = model.configuration.activation.fused else { return nil }
        func packed(_ linears: Linear...) -> PackedLinear {
            func together(_ part: (Linear) -> Tensor?) -> Tensor? {
                let parts = linears.compactMap { part($0)?.detached }
                return parts.isEmpty ? nil : .concatenate(parts, axis: 0)
            }
            let (weight, bias) = (together(\.weight)!, together(\.bias))
            if let scales = together(\.scale) {
                return PackedLinear(quantized: weight, scales: scales, bias: bias)
            }
            return PackedLinear(weight: weight, bias: bias, type: type)
        }
        func step(_ linear: Linear, norm: LayerNorm) -> LinearStep {
            LinearStep(
                packed(linear),
                norm: .init(
                    weight: norm.weight?.detached, bias: norm.bias?.detached, epsilon: norm.epsilon)
            )
        }
        heads = model.configuration.heads
        precision = type == .bfloat16 && model.quantization == nil ? .bfloat16 : .float32
        layers = model.layers.map { layer in
            Layer(
                queryKeyValue: packed(layer.query, layer.key, layer.value),
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
            let attended = precision.applied { attend(parts, layer.rule, counts, mask) }
            let results = attended.running(
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

import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Encoders whose weights are packed for inference.
@Suite struct PreparedEncoderTests {
    /// Three sequences of different lengths.
    private let sequences: [[Int32]] = [[3, 1, 4, 1, 5], [9, 2], [6, 5, 3, 5, 8, 9, 7, 9]]

    private func states(_ model: BERT) -> Tensor {
        var none: RandomGenerator?
        return model.encode(packed: sequences, dropout: &none)
    }

    @Test func float32HasTheSameBitsHoweverItIsCalled() throws {
        let model = try TinyTransformers.bert()
        let prepared = model.prepared()
        #expect(largestDifference(states(prepared), states(model)) == 0)
        let tokens = Tensor((0..<30).map { Int32($0 % 23) }, shape: [3, 10])
        let real = Tensor((0..<30).map { $0 % 4 != 1 }, shape: [3, 10])
        for mask in [.all, .lengths([10, 1, 7]), TokenMask.real(real)] {
            var none: RandomGenerator?
            let expected = model.encode(tokens, mask: mask, dropout: &none)
            let found = prepared.encode(tokens, mask: mask, dropout: &none)
            #expect(largestDifference(found, expected) == 0)
        }
    }

    @Test func aChangeOfAParameterCounts() throws {
        let model = try TinyTransformers.bert()
        for type in InferenceType.allCases.filter(\.isHere) {
            var prepared = model.prepared(type)
            prepared.layers[1].down.weight = prepared.layers[1].down.weight * 2
            var changed = model
            changed.layers[1].down.weight = changed.layers[1].down.weight * 2
            #expect(largestDifference(states(prepared), states(changed)) == 0)
            let mapped = model.prepared(type).mapParameters { $1 * 0.5 }
            #expect(
                largestDifference(states(mapped), states(model.mapParameters { $1 * 0.5 })) == 0)
        }
    }

    @Test func trainingGoesThroughTheWeightsThemselves() throws {
        let model = try TinyTransformers.bert()
        func learned(_ model: BERT) -> [Tensor] {
            let (loss, gradient) = valueAndGradient(at: model) { states($0).squared().sum() }
            return [loss] + gradient.parameters.map(\.tensor)
        }
        for (found, expected) in zip(learned(model.prepared(.int8)), learned(model)) {
            #expect(largestDifference(found, expected) == 0)
        }
    }

    /// How close the states of tokens are to float32's: the smallest cosine.
    private func smallestCosine(_ type: InferenceType) -> Double {
        var random = RandomGenerator(seed: 3)
        let model = BERT(
            .init(
                head: .none, vocabularySize: 100, positions: 64, width: 64, innerWidth: 256,
                layers: 3, heads: 4),
            using: &random
        ).mapParameters { $0.contains("LayerNorm") ? $1 : $1 * 3 }
        let lengths = (0..<8).map { 8 * $0 + 4 }
        let sequences = lengths.map { length -> [Int32] in
            (0..<length).map { Int32(($0 * 7 + length) % 100) }
        }
        func rows(_ model: BERT) -> [[Float]] {
            var none: RandomGenerator?
            let states = model.encode(packed: sequences, dropout: &none)
            return (0..<states.shape[0]).map { states.select(axis: 0, $0).scalars(as: Float.self) }
        }
        func product(_ a: [Float], _ b: [Float]) -> Double {
            zip(a, b).reduce(0.0) { sum, pair in sum + Double(pair.0) * Double(pair.1) }
        }
        var smallest = 1.0
        for (a, b) in zip(rows(model), rows(model.prepared(type))) {
            let lengths = product(a, a) * product(b, b)
            smallest = min(smallest, product(a, b) / lengths.squareRoot())
        }
        return smallest
    }

    @Test func fewerBitsAreCloseAndNotTheSame() {
        #expect((0.998..<0.9999999).contains(smallestCosine(.int8)))
        if InferenceType.bfloat16.isHere {
            #expect((0.998..<0.9999999).contains(smallestCosine(.bfloat16)))
        }
    }
}

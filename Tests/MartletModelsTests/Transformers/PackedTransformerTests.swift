import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// The training of an encoder-decoder on sequences without their padding.
@Suite struct PackedTransformerTests {
    private let source = Tensor(
        [3, 9, 4, 1, 0, 0, 7, 2, 5, 6, 8, 1, 5, 0, 0, 0, 0, 0] as [Int32], shape: [3, 6])
    private let target = Tensor([1, 5, 6, 0, 1, 8, 7, 2, 1, 3, 0, 0] as [Int32], shape: [3, 4])
    /// One in the middle does not count, and of the last row nothing at its end.
    private let next = Tensor(
        [5, 6, 1, -100, 8, -100, 2, 1, 3, 1, -100, -100] as [Int32], shape: [3, 4])

    /// Which tokens are real, told so that nothing can be packed, and so that it can.
    private func masks() -> (plain: TokenMask, packed: TokenMask) {
        let lengths = [4, 6, 1]
        let real = lengths.flatMap { length in (0..<6).map { $0 < length } }
        return (.real(Tensor(real, shape: [3, 6])), .lengths(lengths))
    }

    @Test(arguments: [true, false])
    func lossAndGradientsAreThoseWithPadding(normFirst: Bool) throws {
        let model = try TinyTransformers.transformer(normFirst: normFirst)
            .mapParameters { $1.cast(to: .float64) }
        func find(_ mask: TokenMask) -> (value: Tensor, gradient: Gradient<Transformer>) {
            valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                return model.loss(
                    source: source, mask: mask, target: target, next: next, labelSmoothing: 0.1,
                    dropout: &none)
            }
        }
        let (plain, packed) = (find(masks().plain), find(masks().packed))
        #expect(abs(plain.value.item - packed.value.item) < 1e-12)
        #expect(plain.value.item > 1)
        for ((name, a), (_, b)) in zip(plain.gradient.tensors, packed.gradient.tensors) {
            #expect(largestDifference(a, b) < 1e-12, "\(name)")
        }
        // All sequences as long as the longest.
        let whole = (find(.all).value.item, find(.lengths([6, 6, 6])).value.item)
        #expect(whole.0 == whole.1 && abs(whole.0 - plain.value.item) > 1e-3)
    }

    @Test func dropoutIsOfTheTrainingAlone() throws {
        let model = try TinyTransformers.transformer()
        #expect(model.configuration.dropout > 0)
        func loss(_ seed: UInt64?) -> Double {
            var random = seed.map { RandomGenerator(seed: $0) }
            return model.loss(
                source: source, mask: masks().packed, target: target, next: next, dropout: &random
            ).item
        }
        #expect(loss(1) == loss(1) && loss(nil) == loss(nil))
        #expect(loss(1) != loss(2) && loss(1) != loss(nil))
    }

    @Test func aTargetOfNothingCountsForNothing() throws {
        let model = try TinyTransformers.transformer()
        var none: RandomGenerator?
        let labels = next.scalars(as: Int32.self)
        let without = Tensor(
            Array(labels[..<4]) + [-100, -100, -100, -100] + Array(labels[8...]), shape: [3, 4])
        let found = model.loss(
            source: source, mask: masks().packed, target: target, next: without, dropout: &none)
        let expected = model.loss(
            source: source, mask: masks().plain, target: target, next: without, dropout: &none)
        #expect(found.item.isFinite && abs(found.item - expected.item) < 1e-5)
    }
}

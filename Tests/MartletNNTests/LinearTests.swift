import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Linear layers whose matrices are packed, or kept in 8 bits.
@Suite struct LinearTests {
    private func layer(bias: Bool, seed: UInt64 = 1) -> (Linear, Tensor) {
        var random = RandomGenerator(seed: seed)
        return (
            Linear(inputSize: 37, outputSize: 51, bias: bias, using: &random),
            random.normal([3, 5, 37])
        )
    }

    @Test(arguments: [true, false])
    func packedInFloat32HasTheSameBits(bias: Bool) {
        let (linear, x) = layer(bias: bias)
        let prepared = linear.prepared()
        #expect(prepared.packing != nil)
        #expect(largestDifference(prepared(x), linear(x)) == 0)
        #expect(largestDifference(prepared(x, after: .gelu), linear(x.gelu())) == 0)
        var changed = prepared
        changed.weight = changed.weight * 2
        #expect(changed.packing == nil)
        let doubled = Linear(weight: linear.weight * 2, bias: linear.bias)
        #expect(largestDifference(changed(x), doubled(x)) == 0)
        // Learning goes through the weights themselves.
        let (_, gradient) = valueAndGradient(at: prepared) { $0(x).squared().sum() }
        let (_, expected) = valueAndGradient(at: linear) { $0(x).squared().sum() }
        for (a, b) in zip(gradient.tensors, expected.tensors) {
            #expect(largestDifference(a.tensor, b.tensor) == 0 && a.name == b.name)
        }
        let double = linear.mapParameters { $1.cast(to: .float64) }
        #expect(double.prepared().packing == nil)
    }

    @Test(arguments: [true, false])
    func eightBitsAreCloseAndTheSamePackedOrNot(bias: Bool) {
        let (linear, x) = layer(bias: bias)
        let small = linear.quantized
        #expect(
            small.parameters.map(\.name)
                == ["weight", "weight_scale"] + (bias ? ["bias"] : []))
        #expect(small.weight.dtype == .int8 && small.parameters[1].tensor.shape == [51])
        let (expected, found) = (linear(x), small(x))
        let error = (found - expected).squared().sum().item / expected.squared().sum().item
        #expect(error > 0 && error.squareRoot() < 0.015)
        #expect(largestDifference(small.prepared()(x), found) == 0)
        #expect(largestDifference(small.prepared(.float32)(x), found) == 0)
        #expect(largestDifference(small(x, after: .relu), small(x.relu())) == 0)
        // Row by row the same bits.
        let row = x.select(axis: 0, 1).slice(axis: 0, 2..<3)
        #expect(
            largestDifference(small(row), found.select(axis: 0, 1).slice(axis: 0, 2..<3)) == 0)
    }
}

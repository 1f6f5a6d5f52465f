import MartletTestSupport
import Testing

@testable import MartletTensor

/// Products whose factors are rounded to bfloat16.
@Suite(.serialized, .enabled(if: ProductPrecision.bfloat16.isHere)) struct ProductPrecisionTests {
    private func random(_ shape: Shape, seed: UInt64) -> Tensor {
        var random = RandomGenerator(seed: seed)
        return random.uniform(shape, in: -1...1)
    }

    /// The numbers that the factors become, as doubles.
    private func rounded(_ tensor: Tensor) -> Tensor {
        tensor.cast(to: .bfloat16).cast(to: .float64)
    }

    /// Of all kinds of edges: fewer rows, columns and numbers than a block has, some more, and several blocks of each.
    @Test(arguments: [
        [3, 200, 300], [16, 100, 64], [17, 101, 65], [31, 48, 513], [64, 64, 1024], [65, 2100, 40],
        [200, 33, 777], [300, 257, 96],
    ])
    func aProductIsThatOfTheRoundedNumbers(_ sizes: [Int]) {
        let (m, n, k) = (sizes[0], sizes[1], sizes[2])
        let (a, b, bias) = (
            random([m, k], seed: 1), random([k, n], seed: 2), random([n], seed: 3)
        )
        let expected = rounded(a).matmul(rounded(b)) + bias.cast(to: .float64)
        // Sums of k products of up to 1, in single precision.
        let bound = 1e-6 * Double(k).squareRoot() * 4
        let cases: [(Tensor, Tensor)] = [
            (a, b), (a.transposed().contiguous().transposed(), b),
            (a, b.transposed().contiguous().transposed()),
        ]
        for (left, right) in cases {
            let found = ProductPrecision.bfloat16.applied {
                Tensor.product(left, right, bias: bias)
            }
            #expect(largestDifference(found, expected) < bound)
            #expect(largestDifference(found, left.matmul(right) + bias) > bound)
        }
    }

    @Test func bitsDependNeitherOnThreadsNorOnTheRowsBeside() {
        let (a, b) = (random([300, 700], seed: 1), random([700, 130], seed: 2))
        let before = Machine.current.threads
        defer { Machine.current.threads = before }
        ProductPrecision.bfloat16.applied {
            Machine.current.threads = 1
            let one = a.matmul(b)
            Machine.current.threads = 3
            #expect(largestDifference(a.matmul(b), one) == 0)
            let some = a.slice(axis: 0, 37..<70).matmul(b)
            #expect(largestDifference(some, one.slice(axis: 0, 37..<70)) == 0)
        }
    }

    @Test func itHoldsWhereItIsAppliedAndNowhereElse() {
        let (a, b) = (random([40, 80], seed: 1), random([80, 90], seed: 2))
        let exact = a.matmul(b)
        ProductPrecision.bfloat16.applied {
            #expect(largestDifference(a.matmul(b), exact) > 1e-4)
            ProductPrecision.float32.applied {
                #expect(largestDifference(a.matmul(b), exact) == 0)
            }
            #expect(largestDifference(a.matmul(b), exact) > 1e-4)
            // Two rows, and doubles, stay as they are.
            let (two, doubles) = (a.slice(axis: 0, 0..<2), a.cast(to: .float64))
            #expect(largestDifference(two.matmul(b), exact.slice(axis: 0, 0..<2)) == 0)
            #expect(largestDifference(doubles.matmul(b.cast(to: .float64)), exact) < 1e-5)
        }
        #expect(largestDifference(a.matmul(b), exact) == 0)
    }

    @Test func gradientsAreRoundedProductsToo() {
        let (x, w) = (random([64, 96], seed: 1), random([50, 96], seed: 2))
        let (_, exact) = valueAndGradients(at: [x, w]) { $0[0].linear(weight: $0[1]).tanh().sum() }
        let (_, found) = ProductPrecision.bfloat16.applied {
            valueAndGradients(at: [x, w]) { $0[0].linear(weight: $0[1]).tanh().sum() }
        }
        for (a, b) in zip(found, exact) {
            let size = b.squared().mean().squareRoot().item
            let error = largestDifference(a, b) / size
            #expect(error < 0.1 && error > 1e-4, "\(error)")
        }
    }

    /// A layer's outputs and gradients are near float32's, whatever the cell, lengths and widths; and have the same bits for all
    /// numbers of threads.
    @Test(arguments: CellKind.allCases, [33, 64])
    func recurrentLayersAreNearFloat32(_ kind: CellKind, _ units: Int) {
        let (B, T, D) = (19, 9, 40)
        let rows = kind.gateCount * units
        let inputs = [
            random([B, T, D], seed: 1), random([rows, D], seed: 2) * 0.2,
            random([rows, units], seed: 3) * 0.1, random([rows], seed: 4) * 0.1,
            random([rows], seed: 5) * 0.1,
        ]
        let lengths = (0..<B).map { 1 + $0 * T / B }
        func results() -> [Tensor] {
            var output = Tensor.zeros([])
            let (_, gradients) = valueAndGradients(at: inputs) { tensors in
                output =
                    tensors[0].recurrent(
                        kind,
                        weights: [
                            RecurrentArguments(
                                inputHidden: tensors[1], hiddenHidden: tensors[2],
                                inputBias: tensors[3], hiddenBias: tensors[4])
                        ], steps: RealSteps(lengths: lengths)
                    ).output
                return (output * output).sum()
            }
            return [output.detached] + gradients
        }
        let exact = results()
        let before = Machine.current.threads
        defer { Machine.current.threads = before }
        ProductPrecision.bfloat16.applied {
            let found = results()
            for (place, (a, b)) in zip(found, exact).enumerated() {
                let size = b.squared().mean().squareRoot().item
                let error = largestDifference(a, b) / size
                #expect(error < 0.2 && error > 1e-6, "\(place): \(error)")
            }
            Machine.current.threads = before == 1 ? 2 : 1
            for (a, b) in zip(results(), found) { #expect(largestDifference(a, b) == 0) }
        }
    }

    @Test func aProjectionAndAMaskAreNearFloat32() {
        let (B, T, D, H, P) = (5, 6, 20, 48, 24)
        let weights = RecurrentArguments(
            inputHidden: random([4 * H, D], seed: 2) * 0.2,
            hiddenHidden: random([4 * H, P], seed: 3) * 0.2,
            projection: random([P, H], seed: 4) * 0.3,
            stateMask: random([B, P], seed: 5))
        let x = random([B, T, D], seed: 1)
        func output() -> Tensor { x.recurrent(.lstm, weights: [weights]).output }
        let exact = output()
        let found = ProductPrecision.bfloat16.applied { output() }
        let error = largestDifference(found, exact)
        #expect(error < 0.01 && error > 1e-6, "\(error)")
    }
}

import MartletTestSupport
import Testing

@testable import MartletTensor

@Suite struct OperationTests {
    private func inputs(_ operation: OperationCase, _ dtype: DType = .float64) -> [Tensor] {
        var random = RandomGenerator(seed: 7)
        return operation.shapes.map { random.uniform($0, in: operation.range, dtype: dtype) }
    }

    @Test(arguments: operationCases)
    func gradientEqualsCentralDifferences(operation: OperationCase) {
        let error = gradientError(at: inputs(operation), of: operation.function)
        #expect(error < 1e-6, "\(operation.testDescription): \(error)")
    }

    /// Each instruction set's kernels against plain C in double precision.
    @Test(arguments: operationCases.filter { $0.name != "binaryCrossEntropyWithLogits" })
    func singlePrecisionIsNearDouble(operation: OperationCase) {
        let double = operation.function(inputs(operation))
        let single = operation.function(inputs(operation).map { $0.cast(to: .float32) })
        #expect(largestDifference(double, single) < 2e-5)
    }

    @Test(arguments: operationCases.filter { $0.name != "contiguous" })
    func stridedInputsGiveTheSame(operation: OperationCase) {
        let plain = inputs(operation)
        let strided = plain.map { tensor -> Tensor in
            let order = Array((0..<tensor.rank).reversed())
            return tensor.permuted(order).contiguous().permuted(order)
        }
        #expect(largestDifference(operation.function(plain), operation.function(strided)) == 0)
    }

    /// A conversion cannot be checked by differences: single precision is too coarse for them.
    @Test func castHandsTheGradientBackInTheFirstType() {
        let x = Tensor([1, 2, 3] as [Float])
        let (_, gradients) = valueAndGradients(at: [x]) { ($0[0].cast(to: .float64) * 2.0).sum() }
        #expect(gradients[0].scalars(as: Float.self) == [2, 2, 2])
    }

    @Test func everyRecordedOperationHasAGradientCheck() {
        let listed = Set(operationCases.map(\.name))
        var recorded: Set<String> = []
        for operation in operationCases {
            let tape = Tape()
            let leaves = inputs(operation).map { tape.leaf($0) }
            _ = Tape.$current.withValue(tape) { operation.function(leaves) }
            recorded.formUnion(tape.operationNames)
        }
        #expect(recorded.subtracting(listed) == [])
        #expect(listed.subtracting(recorded) == [])
    }

    @Test(arguments: [0, 1, 7, 8, 9, 31, 1000])
    func sizes(count: Int) {
        var random = RandomGenerator(seed: UInt64(count))
        let x = random.uniform([count], in: 0.1...2)
        let values = x.scalars(as: Float.self)
        #expect((x + x).scalars(as: Float.self) == values.map { $0 + $0 })
        #expect((x * x).scalars(as: Float.self) == values.map { $0 * $0 })
        #expect(abs(x.sum().item - values.reduce(0) { $0 + Double($1) }) < 1e-3)
        let exact = x.cast(to: .float64)
        for (fast, reference) in [
            (x.exp(), exact.exp()), (x.tanh(), exact.tanh()), (x.sigmoid(), exact.sigmoid()),
            (x.log(), exact.log()),
        ] {
            #expect(largestDifference(fast, reference) < 4e-6)
        }
    }

    @Test func aLongChainOfOperationsIsFreed() {
        let (value, gradients) = valueAndGradients(at: [Tensor(1.0)]) { x in
            var y = x[0]
            for _ in 0..<200_000 { y = y + x[0] }
            return y
        }
        #expect(value.item == 200_001 && gradients[0].item == 200_001)
    }

    @Test(arguments: [1, 2, 3, 5, 8, 13, 33, 100], [1, 16, 47, 48, 49, 130])
    func matrixProducts(m: Int, n: Int) {
        var random = RandomGenerator(seed: 1)
        for k in [0, 1, 5, 64, 513, 1100] {
            let (a, b) = (random.normal([m, k]), random.normal([k, n]))
            let exact = a.cast(to: .float64).matmul(b.cast(to: .float64))
            let product = a.matmul(b)
            #expect(largestDifference(product, exact) < 2e-4)
            // Each row alone has the same bits; so has every layout of the operands.
            let row = a.slice(axis: 0, m - 1..<m).matmul(b)
            #expect(largestDifference(row, product.slice(axis: 0, m - 1..<m)) == 0)
            let transposed = a.transposed().contiguous().transposed()
                .matmul(b.transposed().contiguous().transposed())
            #expect(largestDifference(transposed, product) == 0)
        }
    }

    /// One row reads B where it lies, several workers share its columns, and yet the bits are those of many rows.
    @Test(arguments: [16, 47, 100, 1024, 2050])
    func aSingleRowIsLikeOneOfMany(n: Int) {
        var random = RandomGenerator(seed: 2)
        for k in [1, 128, 700, 1300] {
            let (a, b) = (random.normal([40, k]), random.normal([k, n]))
            let all = a.matmul(b)
            let row = a.slice(axis: 0, 7..<8)
            #expect(largestDifference(row.matmul(b), all.slice(axis: 0, 7..<8)) == 0)
            let transposed = a.transposed().contiguous().transposed().slice(axis: 0, 7..<8)
            #expect(largestDifference(transposed.matmul(b), all.slice(axis: 0, 7..<8)) == 0)
            let biased = Tensor.product(row, b, bias: all.slice(axis: 0, 0..<1).reshaped([n]))
            let sum = all.slice(axis: 0, 7..<8) + all.slice(axis: 0, 0..<1)
            #expect(largestDifference(biased, sum) == 0)
            #expect(Machine.alone { largestDifference(a.matmul(b), all) } == 0)
        }
    }

    @Test func recurrentRowsDoNotDependOnTheBatch() {
        var random = RandomGenerator(seed: 5)
        let (B, T, D, H, P) = (9, 6, 5, 20, 7)
        let x = random.normal([B, T, D])
        var weights = RecurrentArguments(
            inputHidden: random.normal([4 * H, D]), hiddenHidden: random.normal([4 * H, H]),
            inputBias: random.normal([4 * H]), hiddenBias: nil)
        var projected = weights
        projected.hiddenHidden = random.normal([4 * H, P])
        projected.projection = random.normal([P, H])
        weights.peephole = random.normal([3 * H])
        let lengths = [6, 1, 3, 0, 5, 6, 2, 2, 4]
        for weights in [weights, projected] {
            let all = x.recurrent(.lstm, weights: [weights], steps: RealSteps(lengths: lengths))
            for row in 0..<B where lengths[row] > 0 {
                let one = x.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<lengths[row])
                    .recurrent(.lstm, weights: [weights])
                let same = all.output.slice(axis: 0, row..<row + 1)
                    .slice(axis: 1, 0..<lengths[row])
                #expect(largestDifference(one.output, same) == 0)
                let last = all.state[0].hidden.slice(axis: 0, row..<row + 1)
                #expect(largestDifference(one.state[0].hidden, last) == 0)
            }
        }
    }

    @Test(arguments: CellKind.allCases)
    func aMaskedStepIsAsIfItWereNotThere(cell: CellKind) {
        var random = RandomGenerator(seed: 6)
        let (T, D, H, G) = (7, 3, 18, cell.gateCount)
        let x = random.normal([2, T, D])
        let weights = RecurrentArguments(
            inputHidden: random.normal([G * H, D]), hiddenHidden: random.normal([G * H, H]),
            inputBias: random.normal([G * H]), hiddenBias: random.normal([G * H]))
        let real = [1, 2, 5]
        let mask = Tensor(
            (0..<2 * T).map { $0 < T && real.contains($0) ? 1 : 0 } as [Int32], shape: [2, T])
        let masked = x.recurrent(
            cell, weights: [weights, weights], steps: RealSteps(mask: mask))
        let kept = Tensor.concatenate(
            real.map { x.slice(axis: 0, 0..<1).slice(axis: 1, $0..<$0 + 1) }, axis: 1)
        let short = kept.recurrent(cell, weights: [weights, weights])
        for (place, time) in real.enumerated() {
            let a = masked.output.slice(axis: 0, 0..<1).slice(axis: 1, time..<time + 1)
            #expect(largestDifference(a, short.output.slice(axis: 1, place..<place + 1)) == 0)
        }
        #expect(masked.output.slice(axis: 1, 3..<5).absolute().sum().item == 0)
        #expect(masked.output.slice(axis: 0, 1..<2).absolute().sum().item == 0)
        for (a, b) in zip(masked.state, short.state) {
            #expect(largestDifference(a.hidden.slice(axis: 0, 0..<1), b.hidden) == 0)
        }
    }

    @Test func randomNumbersFollowFromTheSeed() {
        var first = RandomGenerator(seed: 1)
        var again = RandomGenerator(seed: 1)
        var other = RandomGenerator(seed: 1, stream: 1)
        let x = first.normal([1000])
        #expect(largestDifference(x, again.normal([1000])) == 0)
        #expect(largestDifference(x, other.normal([1000])) > 0)
        #expect(abs(x.mean().item) < 0.15 && abs(x.variance(axis: 0).item - 1) < 0.2)
        #expect(first.permutation(50).sorted() == Array(0..<50))
    }
}

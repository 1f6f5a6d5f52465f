import MartletTestSupport
import Testing

@testable import MartletTensor

/// Shape changes, indexing and reductions against loops over positions.
@Suite struct ShapeTests {
    private let x = Tensor((0..<24).map(Double.init), shape: [2, 3, 4])

    /// The element at a position, found through the strides.
    private func element(_ tensor: Tensor, _ position: [Int]) -> Double {
        let strides = tensor.contiguous().strides
        let index = zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }
        return tensor.scalars(as: Double.self)[index]
    }

    private func check(_ tensor: Tensor, _ shape: Shape, _ expected: ([Int]) -> Double) {
        #expect(tensor.shape == shape)
        for flat in 0..<shape.elementCount {
            var position = [Int](repeating: 0, count: shape.rank)
            var rest = flat
            for axis in stride(from: shape.rank - 1, through: 0, by: -1) {
                position[axis] = rest % shape[axis]
                rest /= shape[axis]
            }
            #expect(element(tensor, position) == expected(position), "at \(position)")
        }
    }

    @Test func views() {
        func at(_ i: Int, _ j: Int, _ k: Int) -> Double { Double(i * 12 + j * 4 + k) }
        check(x.permuted([2, 0, 1]), [4, 2, 3]) { at($0[1], $0[2], $0[0]) }
        check(x.transposed(), [2, 4, 3]) { at($0[0], $0[2], $0[1]) }
        check(x.slice(axis: 1, 1..<3), [2, 2, 4]) { at($0[0], $0[1] + 1, $0[2]) }
        check(x.slice(axis: -1, 2..<2), [2, 3, 0]) { _ in 0 }
        check(x.select(axis: 1, 2), [2, 4]) { at($0[0], 2, $0[1]) }
        check(x.flipped(axis: 2), [2, 3, 4]) { at($0[0], $0[1], 3 - $0[2]) }
        check(x.transposed().flipped(axis: 0).slice(axis: 1, 1..<3), [2, 2, 3]) {
            at(1 - $0[0], $0[2], $0[1] + 1)
        }
        check(x.transposed().reshaped([8, -1]), [8, 3]) { at($0[0] / 4, $0[1], $0[0] % 4) }
        check(x.expandingDimension(at: 1).broadcast(to: [2, 5, 3, 4]), [2, 5, 3, 4]) {
            at($0[0], $0[2], $0[3])
        }
        check(x.padded(axis: 0, before: 1, after: 2, with: 7), [5, 3, 4]) {
            (1..<3).contains($0[0]) ? at($0[0] - 1, $0[1], $0[2]) : 7
        }
        let parts = x.split(axis: 2, sizes: [1, 3])
        check(parts[1], [2, 3, 3]) { at($0[0], $0[1], $0[2] + 1) }
        check(.stack([x, x.flipped(axis: 0)], axis: -1), [2, 3, 4, 2]) {
            at($0[3] == 0 ? $0[0] : 1 - $0[0], $0[1], $0[2])
        }
    }

    @Test func positions() {
        let ids = Tensor([3, 0, 3] as [Int32])
        check(x.gathered(axis: 2, at: ids), [2, 3, 3]) {
            Double($0[0] * 12 + $0[1] * 4 + [3, 0, 3][$0[2]])
        }
        check(x.gathered(axis: 0, at: Tensor([1] as [Int32], shape: [1, 1])), [1, 1, 3, 4]) {
            Double(12 + $0[2] * 4 + $0[3])
        }
        let along = Tensor([2, 0, 1, 1, 0, 2, 2, 2] as [Int32], shape: [2, 1, 4])
        let chosen = [[2, 0, 1, 1], [0, 2, 2, 2]]
        check(x.taken(along: 1, at: along), [2, 1, 4]) {
            Double($0[0] * 12 + chosen[$0[0]][$0[2]] * 4 + $0[2])
        }
        let added = Tensor.zeros([2, 3], dtype: .float64).scatterAdding(
            Tensor([1, 2, 4, 8, 16, 32] as [Double], shape: [2, 3]), along: 1,
            at: Tensor([0, 0, 2, 1, 1, 1] as [Int32], shape: [2, 3]))
        #expect(added.scalars(as: Double.self) == [3, 0, 4, 0, 56, 0])
    }

    /// Copies of every element size between layouts large enough for tiles and threads.
    @Test(arguments: DType.allCases)
    func transposedCopies(dtype: DType) {
        let (rows, columns) = (301, 257)
        let numbers = (0..<rows * columns).map { Double($0 % 101) }
        let tensor = Tensor(numbers, shape: [rows, columns]).cast(to: dtype)
        let original = tensor.cast(to: .float64).scalars(as: Double.self)
        let found = tensor.transposed().contiguous().cast(to: .float64).scalars(as: Double.self)
        let expected = (0..<columns).flatMap { c in (0..<rows).map { original[$0 * columns + c] } }
        #expect(found == expected)
    }

    @Test func conversions() {
        let x = Tensor([1.5, -1.5, 300.7, -300.7, 0, 1e20, -1e20, .nan] as [Double])
        func cast<Scalar: TensorScalar>(_ type: Scalar.Type) -> [Scalar] {
            x.cast(to: Scalar.dtype).scalars(as: type)
        }
        #expect(cast(Int32.self) == [1, -1, 300, -300, 0, .max, .min, 0])
        #expect(cast(Int64.self) == [1, -1, 300, -300, 0, .max, .min, 0])
        #expect(cast(Int8.self) == [1, -1, 127, -128, 0, 127, -128, 0])
        #expect(cast(UInt8.self) == [1, 0, 255, 0, 0, 255, 0, 0])
        #expect(cast(Bool.self) == [true, true, true, true, false, true, true, true])
        #expect(
            Tensor([300, -1] as [Int64]).cast(to: .uint8).scalars(as: UInt8.self) == [44, 255])
        // Ties to even, overflow, and a number below the normal ones.
        let halves = Tensor([1 + 0x1p-11, 1 + 0x3p-11, 65504, 65520, 0x1p-24, 0x1p-25] as [Float])
        #expect(
            halves.cast(to: .float16).cast(to: .float32).scalars(as: Float.self)
                == [1, 1 + 0x1p-9, 65504, .infinity, 0x1p-24, 0])
        let brain = Tensor([1 + 0x1p-8, 1 + 0x3p-8, .infinity, 3e38] as [Float])
        #expect(
            brain.cast(to: .bfloat16).cast(to: .float32).scalars(as: Float.self)
                == [1, 1 + 0x1p-6, .infinity, Float(bitPattern: 0x7f62_0000)])
    }
}

@Suite struct ReductionTests {
    static let shapes: [(Shape, Int)] = [
        ([0], 0), ([1], 0), ([7], 0), ([8], 0), ([9], 0), ([31], 0), ([1000], 0), ([70_001], 0),
        ([3, 0], 1), ([3, 0], 0), ([5, 1000], 1), ([1000, 5], 0), ([600, 70], 0), ([4, 300, 3], 1),
    ]

    @Test(arguments: shapes)
    func equalLoops(shape: Shape, axis: Int) {
        var random = RandomGenerator(seed: 8)
        let x = random.normal(shape)
        let values = x.scalars(as: Float.self)
        let (outer, n, inner) = shape.split(around: axis)
        let columns = (0..<outer * inner).map { item in
            (0..<n).map { Double(values[(item / inner * n + $0) * inner + item % inner]) }
        }
        onEachInstructionSet { name in
            let sums = x.sum(axis: axis).scalars(as: Float.self)
            for (sum, column) in zip(sums, columns) {
                let bound = 0x1p-22 * column.reduce(0) { $0 + abs($1) }
                #expect(abs(Double(sum) - column.reduce(0, +)) <= bound, "\(name)")
            }
            #expect(sums.count == columns.count)
            guard n > 0 else { return }
            #expect(
                x.max(axis: axis).scalars(as: Float.self).map(Double.init)
                    == columns.map { $0.max()! })
            #expect(
                x.min(axis: axis).scalars(as: Float.self).map(Double.init)
                    == columns.map { $0.min()! })
            #expect(
                x.argmax(axis: axis).scalars(as: Int32.self).map(Int.init)
                    == columns.map { $0.firstIndex(of: $0.max()!)! })
            #expect(
                x.argmin(axis: axis).scalars(as: Int32.self).map(Int.init)
                    == columns.map { $0.firstIndex(of: $0.min()!)! })
        }
        let squares = values.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(abs(x.sumOfSquares - squares) <= 1e-6 * squares)
    }

    /// A NaN anywhere shows in the result, whichever lane it is in.
    @Test func notANumberIsKept() {
        for position in 0..<40 {
            var values = (0..<40).map(Float.init)
            values[position] = .nan
            let row = Tensor(values, shape: [1, 40])
            let column = Tensor(values, shape: [40, 1]).broadcast(to: [40, 20]).contiguous()
            onEachInstructionSet { name in
                #expect(
                    row.max(axis: 1).item.isNaN && row.min(axis: 1).item.isNaN,
                    "\(name) \(position)")
                #expect(row.argmax(axis: 1).item == Double(position))
                let columns = column.max(axis: 0).scalars(as: Float.self)
                #expect(columns.count { !$0.isNaN } == 0)
                #expect(row.sum().item.isNaN)
            }
        }
    }

    @Test func equalElementsShareTheGradient() {
        let x = Tensor([3, 1, 3, 2] as [Double])
        let (_, gradients) = valueAndGradients(at: [x]) { $0[0].max(axis: 0) }
        #expect(gradients[0].scalars(as: Double.self) == [0.5, 0, 0.5, 0])
    }
}

import MartletTestSupport
import Testing

@testable import MartletTensor

/// The largest elements of rows.
@Suite struct TopKTests {
    /// By sorting: of equal elements the one in front, NaN last.
    private func expected(_ row: ArraySlice<Double>, _ k: Int) -> [Int32] {
        let values = row.map { $0.isNaN ? -Double.infinity : $0 }
        let order = values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }
        return order.prefix(k).map { Int32($0) }
    }

    @Test(arguments: [1, 7, 8, 9, 31, 64, 65, 127, 1000])
    func equalsSorting(width: Int) {
        for (rows, k) in [(1, 1), (3, 2), (130, 5), (2, width)] where k <= width {
            var random = RandomGenerator(seed: UInt64(width + k))
            // Many elements are equal.
            let x = (random.normal([rows, width]) * 4.0).rounded()
            let numbers = x.cast(to: .float64).scalars(as: Double.self)
            let wanted = (0..<rows).flatMap { expected(numbers[$0 * width..<($0 + 1) * width], k) }
            onEachInstructionSet { name in
                let (values, positions) = x.topK(k)
                #expect(positions.shape == [rows, k] && values.shape == [rows, k])
                #expect(positions.scalars(as: Int32.self) == wanted, "\(name) \(rows) x \(width)")
                #expect(
                    values.scalars() == x.taken(along: 1, at: positions).scalars(as: Float.self))
            }
            let exact = x.cast(to: .float64).topK(k)
            #expect(exact.positions.scalars(as: Int32.self) == wanted)
        }
    }

    @Test func whatIsNoNumberComesLast() {
        let (nan, inf) = (Float.nan, Float.infinity)
        var row = [Float](repeating: nan, count: 300)
        (row[3], row[140], row[141], row[299]) = (-inf, 2, 2, inf)
        onEachInstructionSet { _ in
            let positions = Tensor(row, shape: [1, 300]).topK(5).positions
            #expect(positions.scalars(as: Int32.self) == [299, 140, 141, 0, 1])
        }
    }

    @Test func anyShapeAndViews() {
        let x = Tensor((0..<24).map { Float($0 * 7 % 24) }, shape: [2, 3, 4])
        #expect(x.topK(2).positions.shape == [2, 3, 2])
        #expect(x.topK(0).values.shape == [2, 3, 0])
        let turned = x.transposed(1, 2)
        #expect(
            turned.topK(1).positions.scalars(as: Int32.self)
                == turned.contiguous().topK(1).positions.scalars(as: Int32.self))
        #expect(Tensor.zeros([0, 4]).topK(3).values.shape == [0, 3])
    }

    @Test func theGradientGoesToTheElements() {
        let x = Tensor([1, 5, 3, 4] as [Float], shape: [1, 4])
        let (_, gradients) = valueAndGradients(at: [x]) { $0[0].topK(2).values.sum() }
        #expect(gradients[0].scalars(as: Float.self) == [0, 1, 0, 1])
    }
}

import MartletTestSupport
import Testing

@testable import MartletTensor

/// Normalisations, softmax and gated units in every length of a row, and what a row may hold.
@Suite struct RowOperationTests {
    private static let operations: [OperationCase] = [
        .init("layerNorm") { $0[0].layerNorm(weight: $0[1], bias: $0[2]) },
        .init("rmsNorm") { $0[0].rmsNorm(weight: $0[1], weightOffset: 1) },
        .init("softmax") { $0[0].softmax() + 0.0 * ($0[1] + $0[2]) },
        .init("logSoftmax") { $0[0].logSoftmax() + 0.0 * ($0[1] + $0[2]) },
        .init("gated") {
            .gated(.gelu, gate: $0[0], up: $0[1].broadcast(to: $0[0].shape)) + 0.0 * $0[2]
        },
    ]

    private func results(_ operation: OperationCase, _ inputs: [Tensor], _ weight: Tensor)
        -> [Tensor]
    {
        var value: Tensor?
        let (_, gradients) = valueAndGradients(at: inputs) { tensors in
            value = operation.function(tensors)
            return (value! * weight).sum()
        }
        return [value!.detached] + gradients
    }

    @Test(arguments: operations, [0, 1, 7, 8, 9, 31, 1000])
    func everyLengthOfARow(operation: OperationCase, width: Int) {
        for rows in [0, 1, 3, 130] {
            var random = RandomGenerator(seed: UInt64(width + rows))
            let inputs = [
                random.normal([rows, width], mean: 3), random.normal([width]),
                random.normal([width]),
            ]
            let weight = random.normal([rows, width])
            let exact = results(
                operation, inputs.map { $0.cast(to: .float64) }, weight.cast(to: .float64))
            onEachInstructionSet { name in
                for (found, expected) in zip(results(operation, inputs, weight), exact) {
                    #expect(found.shape == expected.shape)
                    #expect(
                        largestDifference(found, expected) < 3e-4,
                        "\(operation.name), \(name), \(rows) x \(width)")
                }
            }
        }
    }

    /// A large mean takes nothing from the deviations, and large numbers do not overflow in the largest one's place.
    @Test func rowsFarFromZero() {
        var random = RandomGenerator(seed: 8)
        let x = random.normal([4, 100])
        let far = (x + 1000.0)
        let same = (far.cast(to: .float64) - 1000.0)  // what single precision left of x
        onEachInstructionSet { name in
            #expect(largestDifference(far.layerNorm(), same.layerNorm()) < 2e-3, "\(name)")
            #expect(
                largestDifference((x * 30.0 + 5000.0).softmax().sum(axis: 1), .ones([4])) < 1e-5)
        }
    }

    /// One NaN makes its row NaN and no other; a row of -∞ alone has no softmax, +∞ none either.
    @Test func rowsWithSpecialValues() {
        let rows: [[Float]] = [
            [1, .nan, 3, 4, 5, 6, 7, 8, 9], [.nan, -.infinity, 0, 0, 0, 0, 0, 0, 0],
            [Float](repeating: -.infinity, count: 9), [.infinity, 1, 2, 3, 4, 5, 6, 7, 8],
            [-.infinity, 0, 0, 0, 0, 0, 0, 0, -.infinity],
        ]
        let x = Tensor(rows.flatMap { $0 }, shape: [5, 9])
        onEachInstructionSet { name in
            for y in [x.softmax(), x.logSoftmax()] {
                let values = y.scalars(as: Float.self)
                #expect(values[..<36].allSatisfy { $0.isNaN }, "\(name)")
                #expect(values[36...].allSatisfy { !$0.isNaN }, "\(name)")
            }
            let last = x.softmax().scalars(as: Float.self)[36...]
            #expect(Array(last) == [0] + [Float](repeating: 1.0 / 7, count: 7) + [0], "\(name)")
            let sums = x.logSumExp().scalars(as: Float.self)
            #expect(sums[0].isNaN && sums[1].isNaN && sums[2] == -.infinity, "\(name)")
            #expect(sums[3] == .infinity && abs(sums[4] - 1.9459101) < 1e-6, "\(name)")
        }
    }
}

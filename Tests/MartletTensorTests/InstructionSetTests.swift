import MartletTestSupport
import Testing

@testable import MartletTensor

/// Every operation on every instruction set, on one thread and several.
///
/// The thread count belongs to the whole process; other tests may run meanwhile, because no result depends on it.
@Suite(.serialized) struct InstructionSetTests {
    private func results(_ operation: OperationCase) -> [Tensor] {
        var random = RandomGenerator(seed: 11)
        let inputs = operation.shapes.map { random.uniform($0, in: operation.range) }
        var value = Tensor.zeros([])
        let (_, gradients) = valueAndGradients(at: inputs) { tensors in
            value = operation.function(tensors)
            return value.sum()
        }
        return [value.detached] + gradients
    }

    @Test(arguments: operationCases.filter { $0.name != "binaryCrossEntropyWithLogits" })
    func agreeWithTheScalarOne(operation: OperationCase) {
        let reference = ForcedInstructionSet.$name.withValue("scalar") { results(operation) }
        onEachInstructionSet { name in
            for (found, expected) in zip(results(operation), reference) {
                #expect(
                    largestDifference(found, expected) < 1e-5,
                    "\(operation.testDescription), \(name)")
            }
        }
    }

    /// Work large enough to be split, in shapes that split unevenly.
    static let large: [OperationCase] = [
        .init("tanh", [300, 701]) { $0[0].tanh() },
        .init("add", [300, 701], [701]) { $0[0] + $0[1] },
        .init("sum", [210_007]) { $0[0].sum() },
        .init("sum", [5003, 43]) { $0[0].sum(axis: 0) },
        .init("sum", [43, 5003]) { $0[0].sum(axis: 1) },
        .init("sum", [7, 701, 41]) { $0[0].sum(axis: 1) },
        .init("max", [5003, 43]) { $0[0].max(axis: 0) },
        .init("permuted", [61, 53, 67]) { $0[0].permuted([2, 0, 1]).contiguous() },
        .init("matmul", [150, 300], [300, 501]) { $0[0].matmul($0[1]) },
        // Several blocks of the right side, by columns and in depth.
        .init("matmul", [203, 1301], [1301, 3203]) { $0[0].matmul($0[1]) },
        .init("linearCrossEntropy", [700, 37], [203, 37], [203]) {
            let labels = Tensor((0..<700).map { Int32($0 * $0 % 203) })
            return $0[0].linearCrossEntropy(weight: $0[1], bias: $0[2], labels: labels)
        },
        .init("linear", [703, 129], [65, 129], [65]) { $0[0].linear(weight: $0[1], bias: $0[2]) },
        .init("softmax", [997, 211]) { $0[0].softmax() },
        .init("layerNorm", [997, 211], [211], [211]) {
            $0[0].layerNorm(weight: $0[1], bias: $0[2])
        },
        .init("convolution2D", [3, 20, 41, 37], [13, 20, 3, 3], [13]) {
            $0[0].convolution2D(weight: $0[1], bias: $0[2], padding: 1)
        },
        .init("convolution2D", [3, 20, 41, 37], [13, 20, 3, 3]) {
            $0[0].convolution2D(weight: $0[1], stride: 2, padding: 1)
        },
        .init("convolution2D", [5, 24, 41, 37], [24, 1, 3, 3]) {
            $0[0].convolution2D(weight: $0[1], padding: 1, groups: 24)
        },
        .init("maximumPool2D", [5, 24, 41, 37]) { $0[0].maximumPool2D(size: 3, stride: 2) },
        .init("rmsNorm", [997, 211], [211]) { $0[0].rmsNorm(weight: $0[1], weightOffset: 1) },
        .init("gated", [300, 701], [300, 701]) { .gated(.gelu, gate: $0[0], up: $0[1]) },
        .init("embedding", [1009, 67]) { tensors in
            let ids = (0..<4001).map { Int32($0 * $0 % 1009) }
            return tensors[0].embedding(Tensor(ids), paddingIndex: 0)
        },
        .init("dropout", [300, 701]) {
            var random = RandomGenerator(seed: 3)
            return $0[0].dropout(probability: 0.4, using: &random)
        },
    ]

    @Test(arguments: large)
    func threadsDoNotChangeABit(operation: OperationCase) {
        let threads = Machine.current.threads
        defer { Machine.current.threads = threads }
        Machine.current.threads = 1
        let alone = results(operation)
        for count in [2, 3] {
            Machine.current.threads = count
            for (found, expected) in zip(results(operation), alone) {
                #expect(
                    found.scalars(as: Float.self).map(\.bitPattern)
                        == expected.scalars(as: Float.self).map(\.bitPattern))
            }
        }
    }
}

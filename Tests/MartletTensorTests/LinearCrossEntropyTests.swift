import MartletTensor
import MartletTestSupport
import Testing

/// The loss that never holds all scores, against the one that does.
@Suite struct LinearCrossEntropyTests {
    /// More rows than two pieces have where memory is short, and not a multiple.
    private let rows = 600

    private func arguments(classes: Int = 11) -> (tensors: [Tensor], labels: Tensor) {
        var random = RandomGenerator(seed: 5)
        let tensors = [
            random.normal([2, rows / 2, 7]), random.normal([classes, 7]), random.normal([classes]),
        ]
        var labels = (0..<rows).map { _ in Int32(random.integer(below: classes)) }
        for row in stride(from: 0, to: rows, by: 13) { labels[row] = -100 }
        return (tensors, Tensor(labels, shape: [2, rows / 2]))
    }

    /// Fewer classes than a vector has elements, and more.
    @Test(arguments: [(0, 11), (0.1, 11), (0, 37), (0.1, 37)], [0, 1 << 20])
    func manyRowsGiveWhatScoresGive(_ loss: (smoothing: Double, classes: Int), memory: Int) {
        let smoothing = loss.smoothing
        let (tensors, labels) = arguments(classes: loss.classes)
        let plain = valueAndGradients(at: tensors) {
            $0[0].linear(weight: $0[1], bias: $0[2]).softmaxCrossEntropy(
                labels, labelSmoothing: smoothing)
        }
        let pieces = valueAndGradients(at: tensors) {
            $0[0].linearCrossEntropy(
                weight: $0[1], bias: $0[2], labels: labels, labelSmoothing: smoothing,
                memory: memory)
        }
        #expect(abs(plain.value.item - pieces.value.item) < 1e-5)
        for (found, expected) in zip(pieces.gradients, plain.gradients) {
            #expect(found.shape == expected.shape)
            #expect(largestDifference(found, expected) < 1e-6)
        }
    }

    @Test func aFactorScalesTheGradient() {
        let (tensors, labels) = arguments()
        let once = valueAndGradients(at: tensors) {
            $0[0].linearCrossEntropy(weight: $0[1], bias: $0[2], labels: labels)
        }
        let thrice = valueAndGradients(at: tensors) {
            $0[0].linearCrossEntropy(weight: $0[1], bias: $0[2], labels: labels) * 3
        }
        for (found, expected) in zip(thrice.gradients, once.gradients) {
            #expect(largestDifference(found, expected * 3) < 1e-6)
        }
    }

    @Test func withoutATapeThereIsOnlyTheLoss() {
        let (tensors, labels) = arguments()
        let loss = tensors[0].linearCrossEntropy(
            weight: tensors[1], bias: tensors[2], labels: labels)
        let plain = tensors[0].linear(weight: tensors[1], bias: tensors[2])
            .softmaxCrossEntropy(labels)
        #expect(abs(loss.item - plain.item) < 1e-5)
    }

    @Test func nothingButIgnoredRowsIsNotANumber() {
        let (tensors, _) = arguments()
        let none = Tensor.full([2, rows / 2], -100, dtype: .int32)
        #expect(
            tensors[0].linearCrossEntropy(weight: tensors[1], labels: none.contiguous()).item.isNaN)
    }
}

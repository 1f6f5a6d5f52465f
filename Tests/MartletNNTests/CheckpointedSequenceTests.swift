import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// A run by segments that are computed again: the values and gradients of one run.
@Suite struct CheckpointedSequenceTests {
    private func check<Layer: SequenceLayer>(
        _ layer: Layer, segment: Int?, lengths: [Int]?, summed: Bool = false
    ) {
        var random = RandomGenerator(seed: 41)
        let layer = layer.mapParameters { $1.cast(to: .float64) }
        let x = random.normal([3, 11, 4], dtype: .float64)
        let width = layer.run(x, lengths: nil, from: nil).output.shape[2]
        let weights = random.normal([3, 11, width], dtype: .float64)
        func run(_ isCheckpointed: Bool) -> (values: [Tensor], gradients: [Tensor]) {
            var values: [Tensor] = []
            let (_, gradients) = valueAndGradients(at: [x] + layer.parameters.map(\.tensor)) {
                tensors in
                var index = 0
                let traced = layer.mapParameters { _, _ in
                    index += 1
                    return tensors[index]
                }
                let sum: Tensor
                let state: Layer.State
                if isCheckpointed && summed {
                    let (parts, last) = traced.checkpointed(
                        tensors[0], segment: segment, lengths: lengths
                    ) { output, steps in (output * weights.slice(axis: 1, steps)).sum() }
                    (sum, state) = (parts[1...].reduce(parts[0], +), last)
                    #expect(parts.allSatisfy { $0.shape == [] })
                } else {
                    let (output, last) =
                        isCheckpointed
                        ? traced.checkpointed(tensors[0], segment: segment, lengths: lengths)
                        : traced.run(tensors[0], lengths: lengths, from: nil)
                    (sum, state) = ((output * weights).sum(), last)
                    if !summed { values = [output.detached] }
                }
                values += state.tensors.map(\.detached)
                return state.tensors.reduce(sum) { $0 + $1.squared().sum() }
            }
            return (values, gradients)
        }
        let (plain, segments) = (run(false), run(true))
        for (a, b) in zip(plain.values, segments.values) { #expect(largestDifference(a, b) == 0) }
        for (a, b) in zip(plain.gradients, segments.gradients) {
            #expect(largestDifference(a, b) < 1e-11)
            #expect(a.sumOfSquares > 0)
        }
    }

    @Test(arguments: [nil, 1, 5, 11, 50])
    func equalsOneRun(segment: Int?) {
        var random = RandomGenerator(seed: 42)
        for cell in [CellKind.lstm, .gru] {
            let stack = RecurrentStack(
                cell: cell, inputSize: 4, hiddenSizes: [6, 3], using: &random)
            check(stack, segment: segment, lengths: nil)
            check(stack, segment: segment, lengths: [11, 7, 0])
            check(stack, segment: segment, lengths: [11, 7, 0], summed: true)
        }
        let cells = CellStack(inputSize: 4, layers: 2) {
            LayerNormLSTMCell(inputSize: $0, hiddenSize: 5, using: &random)
        }
        check(cells, segment: segment, lengths: [11, 7, 0])
        check(cells, segment: segment, lengths: nil, summed: true)
    }

    @Test func goesOnFromAState() {
        var random = RandomGenerator(seed: 43)
        let stack = RecurrentStack(cell: .lstm, inputSize: 4, hiddenSizes: [6], using: &random)
        let x = random.normal([2, 9, 4])
        let first = stack(x.slice(axis: 1, 0..<4))
        let second = stack.checkpointed(
            x.slice(axis: 1, 4..<9), segment: 2, from: first.state)
        #expect(largestDifference(second.output, stack(x).output.slice(axis: 1, 4..<9)) == 0)
    }
}

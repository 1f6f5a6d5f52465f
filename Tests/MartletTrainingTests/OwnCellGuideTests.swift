import Foundation
import MartletNN
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

// lesson: cell
/// f  = σ(W_f x + b_f + U_f h)             how much is new
/// n  = tanh(W_n x + b_n + U_n (f ⊙ h))    what is new
/// h' = (1 − f) ⊙ h + f ⊙ n
struct MinimalGatedUnit: RecurrentCell {
    var input: Linear  // W_f and W_n below one another, [2·H, D]
    var gate: Linear  // U_f, [H, H]
    var new: Linear  // U_n, [H, H]
    var inputSize: Int { input.weight.shape[1] }
    var outputSize: Int { gate.weight.shape[0] }

    init(inputSize D: Int, hiddenSize H: Int, using random: inout RandomGenerator) {
        input = Linear(inputSize: D, outputSize: 2 * H, using: &random)
        gate = Linear(inputSize: H, outputSize: H, bias: false, using: &random)
        new = Linear(inputSize: H, outputSize: H, bias: false, using: &random)
    }

    func prepared(_ x: Tensor) -> Tensor { input(x) }  // all steps at once: [N, D] -> [N, 2·H]

    func step(_ x: Tensor, _ h: Tensor) -> (output: Tensor, state: Tensor) {
        let parts = x.split(axis: 1, sizes: [outputSize, outputSize])  // two of [B, H]
        let f = (parts[0] + gate(h)).sigmoid()
        let n = (parts[1] + new(f * h)).tanh()
        let next = (1 - f) * h + f * n
        return (next, next)
    }

    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try input.forEachParameter(in: "input", visit)
        try gate.forEachParameter(in: "gate", visit)
        try new.forEachParameter(in: "new", visit)
    }
}
// lesson: end

/// The code of Documentation/Guides/your-own-cell.md, and that the guide shows just this code.
@Suite struct OwnCellGuideTests {
    private func network() -> CellStack<MinimalGatedUnit> {
        // lesson: stack
        var random = RandomGenerator(seed: 1)
        let stack = CellStack(inputSize: 8, layers: 2, bidirectional: true, dropout: 0.1) { width in
            MinimalGatedUnit(inputSize: width, hiddenSize: 16, using: &random)
        }
        // lesson: end
        return stack
    }

    private func forward() -> CellStack<MinimalGatedUnit> {
        var random = RandomGenerator(seed: 2)
        return CellStack(inputSize: 8) { width in
            MinimalGatedUnit(inputSize: width, hiddenSize: 16, using: &random)
        }
    }

    @Test func aBatchOfSequences() {
        let stack = network()
        var random = RandomGenerator(seed: 3)
        let x = random.normal([3, 7, 8])
        // lesson: call
        let (output, state) = stack(x, lengths: [7, 3, 0])  // [3, 7, 8] -> [3, 7, 32]
        // lesson: end
        #expect(output.shape == [3, 7, 32] && state.directions.count == 4)
        let alone = stack(x.slice(axis: 0, 1..<2).slice(axis: 1, 0..<3)).output
        let there = output.slice(axis: 0, 1..<2).slice(axis: 1, 0..<3)
        #expect(largestDifference(alone, there) == 0)
        #expect(output.slice(axis: 0, 1..<3).slice(axis: 1, 3..<7).sumOfSquares == 0)
    }

    @Test func theEquationsByHand() {
        let stack = forward()
        var random = RandomGenerator(seed: 4)
        let x = random.normal([2, 3, 8])
        let cell = stack.cells[0][0]
        var h = Tensor.zeros([2, 16])
        for t in 0..<3 {
            let row = x.select(axis: 1, t)
            let w = cell.input.weight.split(axis: 0, sizes: [16, 16])
            let b = cell.input.bias!.split(axis: 0, sizes: [16, 16])
            let f = (row.linear(weight: w[0], bias: b[0]) + cell.gate(h)).sigmoid()
            let n = (row.linear(weight: w[1], bias: b[1]) + cell.new(f * h)).tanh()
            h = h - f * h + f * n
        }
        #expect(largestDifference(stack(x).output.select(axis: 1, 2), h) < 1e-6)
    }

    @Test func trainingAndAStream() {
        var stack = forward()
        var random = RandomGenerator(seed: 5)
        let (x, target) = (random.normal([4, 60, 8]), random.normal([4, 60, 16]))
        let long = x
        // lesson: training
        var optimizer = AdamW(learningRate: 1e-2)
        for _ in 1...20 {
            let (_, gradient) = valueAndGradient(at: stack) { stack in
                stack(x).output.meanSquaredError(target)
            }
            optimizer.update(&stack, gradient.clipped(norm: 1))
        }
        // lesson: end
        let before = stack(x).output.meanSquaredError(target).item
        #expect(before < forward()(x).output.meanSquaredError(target).item)

        // lesson: windows
        let training = TruncatedBackpropagation(window: 20, clippingNorm: 1)
        let (losses, state) = training.train(
            &stack, with: &optimizer, on: long, targets: target
        ) { output, target in output.meanSquaredError(target) }
        // lesson: end
        #expect(losses.count == 3 && state?.batch == 4)

        let frames = (0..<5).map { x.slice(axis: 0, 0..<1).select(axis: 1, $0) }
        var last = Tensor.zeros([])
        // lesson: stream
        var stream = stack.stream()
        for frame in frames {  // each [1, 8]
            last = stream.step(frame)  // [1, 16]
        }
        // lesson: end
        let whole = stack(x.slice(axis: 0, 0..<1)).output.select(axis: 1, 4)
        #expect(largestDifference(last, whole) == 0)
    }

    @Test func theGradientIsThatOfCentralDifferences() {
        var random = RandomGenerator(seed: 6)
        // lesson: check
        let stack = CellStack(inputSize: 2, layers: 2) { width in
            MinimalGatedUnit(inputSize: width, hiddenSize: 3, using: &random)
        }
        let x = random.normal([2, 4, 2], dtype: .float64)
        let weights = stack.parameters.map { $0.tensor.cast(to: .float64) }
        let error = gradientError(at: weights) { weights in
            var rest = weights[...]
            return stack.mapParameters { _, _ in rest.removeFirst() }(x, lengths: [4, 2]).output
        }
        // lesson: end
        #expect(error < 1e-7)
    }

    @Test func theGuideShowsThisCode() throws {
        try expectShown("Documentation/Guides/your-own-cell.md", codeIn: #filePath)
    }
}

import Foundation
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletNN

/// Weights in 8 and 4 bits: against the same arithmetic in double precision, and against the network they came from.
@Suite struct QuantizedRecurrentTests {
    private static func stacks() -> [RecurrentStack] {
        var random = RandomGenerator(seed: 21)
        var all = CellKind.allCases.map {
            RecurrentStack(
                cell: $0, inputSize: 37, hiddenSizes: [50, 33], bidirectional: true, using: &random)
        }
        all.append(
            RecurrentStack(
                cell: .lstm, inputSize: 7, hiddenSizes: [70], projectionSize: 9, peephole: true,
                using: &random))
        return all
    }

    @Test(arguments: QuantizedType.allCases, [1, 2, 31, 32, 33, 100])
    func aNumberIsWithinHalfAScale(type: QuantizedType, columns: Int) {
        var random = RandomGenerator(seed: 1)
        let matrix = random.normal([5, columns])
        let (values, scales) = matrix.quantized(to: type)
        #expect(values.dtype == type.storage)
        #expect(values.shape == type.shape(rows: 5, columns: columns))
        #expect(scales.shape == type.scaleShape(rows: 5, columns: columns))
        let back = values.dequantized(type, scales: scales, columns: columns)
        let (a, b) = (matrix.scalars(as: Float.self), back.scalars(as: Float.self))
        let factors = scales.scalars(as: Float.self)
        let groups = scales.count / 5
        for place in a.indices {
            let scale = factors[
                place / columns * groups + (type == .int4 ? place % columns / 32 : 0)]
            #expect(abs(a[place] - b[place]) <= scale * 0.5001)
        }
        #expect(Tensor.zeros([2, 3]).quantized(to: type).scales.absolute().sum().item == 0)
    }

    /// x rounded as the kernels round it: to multiples of its row's largest value over 127.
    private func rounded(_ x: [Double]) -> [Double] {
        let largest = x.map { abs(Float($0)) }.max() ?? 0
        guard largest > 0 else { return x }
        let factor = 127 / largest
        return x.map {
            Double((Float($0) * factor).rounded(.toNearestOrEven)) * Double(largest / 127)
        }
    }

    @Test(arguments: QuantizedType.allCases)
    func anLSTMIsItsOwnArithmetic(type: QuantizedType) {
        var random = RandomGenerator(seed: 2)
        let (D, H) = (45, 50)
        let stack = RecurrentStack(cell: .lstm, inputSize: D, hiddenSize: H, using: &random)
            .quantized(to: type)
        let x = random.normal([1, 6, D])
        let w = stack.weights[0][0]
        func matrix(_ tensor: Tensor, _ scales: Tensor, _ columns: Int) -> [Double] {
            tensor.dequantized(type, scales: scales, columns: columns)
                .cast(to: .float64).scalars(as: Double.self)
        }
        let input = matrix(w.inputHidden, w.quantization!.inputScale, D)
        let state = matrix(w.hiddenHidden, w.quantization!.stateScale, H)
        let bias = (w.inputBias! + w.hiddenBias!).cast(to: .float64).scalars(as: Double.self)
        var h = [Double](repeating: 0, count: H)
        var c = h
        let found = stack(x).output.scalars(as: Float.self)
        let given = x.scalars(as: Float.self).map(Double.init)
        func sigmoid(_ value: Double) -> Double { 1 / (1 + exp(-value)) }
        for t in 0..<6 {
            let (rx, rh) = (rounded(Array(given[t * D..<(t + 1) * D])), rounded(h))
            let a = (0..<4 * H).map { row -> Double in
                var sum = bias[row]
                for k in 0..<D { sum += input[row * D + k] * rx[k] }
                for k in 0..<H { sum += state[row * H + k] * rh[k] }
                return sum
            }
            for j in 0..<H {
                c[j] = sigmoid(a[H + j]) * c[j] + sigmoid(a[j]) * tanh(a[2 * H + j])
                // As the kernels hand it on: rounded to float32, so that the next step rounds the same number.
                h[j] = Double(found[t * H + j])
                let exact = sigmoid(a[3 * H + j]) * tanh(c[j])
                #expect(abs(exact - h[j]) < 2e-6)
            }
        }
    }

    /// The bounds that the documentation states: the root mean square of an output's error beside that of the outputs, for
    /// weights as they begin and normal inputs.
    @Test(arguments: Self.stacks(), [(QuantizedType.int8, 0.015), (.int4, 0.15)])
    func outputsAreNearThoseOfTheNetwork(stack: RecurrentStack, bound: (QuantizedType, Double)) {
        var random = RandomGenerator(seed: 3)
        let x = random.normal([5, 12, stack.inputSize])
        let lengths = [12, 0, 3, 7, 12]
        let exact = stack(x, lengths: lengths).output
        let found = stack.quantized(to: bound.0)(x, lengths: lengths).output
        let error = ((exact - found).squared().sum() / exact.squared().sum()).item.squareRoot()
        #expect(error < bound.1 && error > 0, "\(stack.cell) \(bound.0): \(error)")
    }

    @Test(arguments: QuantizedType.allCases)
    func streamsAndBatchesGiveTheSame(type: QuantizedType) {
        var random = RandomGenerator(seed: 4)
        for cell in CellKind.allCases {
            let stack = RecurrentStack(
                cell: cell, inputSize: 20, hiddenSizes: [40, 17], using: &random
            ).quantized(to: type)
            let x = random.normal([7, 9, 20])
            let whole = stack(x)
            for row in [0, 4, 6] {
                var stream = stack.stream()
                let one = x.slice(axis: 0, row..<row + 1)
                let parts = [0..<1, 1..<6, 6..<9].map { stream(one.slice(axis: 1, $0)) }
                #expect(
                    largestDifference(
                        .concatenate(parts, axis: 1), whole.output.slice(axis: 0, row..<row + 1))
                        == 0)
            }
        }
    }

    @Test(arguments: QuantizedType.allCases)
    func whatIsNoNumberStaysNone(type: QuantizedType) {
        var random = RandomGenerator(seed: 5)
        let stack = RecurrentStack(cell: .gru, inputSize: 4, hiddenSize: 8, using: &random)
            .quantized(to: type)
        for value in [Double.nan, .infinity] {
            let x = Tensor.concatenate([.full([1, 2, 4], value), .zeros([1, 2, 4])], axis: 0)
            let output = stack(x).output
            #expect(output.select(axis: 0, 0).scalars(as: Float.self).allSatisfy { $0.isNaN })
            #expect(output.select(axis: 0, 1).scalars(as: Float.self).allSatisfy { $0.isFinite })
        }
        #expect(
            stack(.full([1, 1, 4], 1e-42)).output.scalars(as: Float.self).allSatisfy { $0.isFinite }
        )
    }
}

import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// The cells that stand on CellStack against a loop over the steps: values and gradients.
@Suite struct CellGoldenTests {
    @Test(
        arguments: ["layer_norm_lstm", "min_lstm", "ind_rnn_relu", "ind_rnn_tanh"],
        [DType.float64, .float32])
    func equalsTheReference(cell: String, dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 5e-5
        let cases = try golden("recurrent_cell_\(cell)")["cases"].list
        #expect(cases.count >= 3)
        for value in cases {
            let config = value["config"]
            var random = RandomGenerator(seed: 0)
            let bias = config[optional: "bias"]?.flag ?? true
            switch cell {
            case "layer_norm_lstm":
                check(value, dtype, tolerance) {
                    LayerNormLSTMCell(inputSize: $0, hiddenSize: 4, using: &random)
                }
            case "min_lstm":
                check(value, dtype, tolerance) {
                    MinLSTMCell(inputSize: $0, hiddenSize: 4, bias: bias, using: &random)
                }
            case let name:
                check(value, dtype, tolerance) {
                    IndRNNCell(
                        inputSize: $0, hiddenSize: 4,
                        nonlinearity: name == "ind_rnn_relu" ? .relu : .tanh, bias: bias,
                        using: &random)
                }
            }
        }
    }

    private func check<Cell: RecurrentCell>(
        _ value: GoldenValue, _ dtype: DType, _ tolerance: Double, _ cell: (Int) -> Cell
    ) {
        let (name, config) = (value["name"].text, value["config"])
        let (parameters, given) = (value["parameters"], value["given"])
        let stack = CellStack(
            inputSize: 3, layers: config[optional: "num_layers"]?.integer ?? 1,
            bidirectional: config[optional: "bidirectional"]?.flag ?? false,
            reversed: config[optional: "reversed"]?.flag ?? false, cell: cell
        ).mapParameters { name, old in
            let new = parameters[name].tensor(dtype)
            #expect(new.shape == old.shape)
            return new
        }
        #expect(stack.parameters.map(\.name).sorted() == parameters.keys)
        let zeros = stack.zeroState(batch: 4, dtype: dtype)
        let states = zeros.named(of: stack).keys.sorted()
        let names = ["input"] + states
        let lengths = value[optional: "lengths"]?.integers
        let mask = value[optional: "mask"].map { rows in
            Tensor(rows.list.flatMap { $0.integers.map(Int32.init) }, shape: [4, 5])
        }
        let inputs = names.map { given[$0].tensor(dtype) } + stack.parameters.map(\.tensor)
        let expected = value["outputs"]

        let (scalar, gradients) = valueAndGradients(at: inputs) { tensors in
            var index = names.count
            let traced = stack.mapParameters { _, _ in
                defer { index += 1 }
                return tensors[index]
            }
            let named = Dictionary(uniqueKeysWithValues: zip(states, tensors[1...]))
            let start = try! CellStackState(named: named, of: stack)
            let (output, final) = traced(tensors[0], lengths: lengths, mask: mask, state: start)
            var results = final.named(of: stack)
            results["output"] = output
            #expect(results.keys.sorted() == expected.keys)
            var sum = Tensor.zeros([], dtype: dtype)
            for (key, result) in results.sorted(by: { $0.key < $1.key }) {
                let difference = largestDifference(result, expected[key].tensor())
                #expect(difference < tolerance, "\(name): \(key): \(difference)")
                sum = sum + (result * given["\(key)_weight"].tensor(dtype)).sum()
            }
            return sum
        }
        #expect(abs(scalar.item - value["scalar"].number) < tolerance * 10, "\(name)")
        for (key, gradient) in zip(names + stack.parameters.map(\.name), gradients) {
            let difference = largestDifference(gradient, value["gradients"][key].tensor())
            #expect(difference < tolerance * 10, "\(name): gradient of \(key): \(difference)")
        }
    }

    // MARK: Gradients by central differences

    @Test func gradientsAreThoseOfCentralDifferences() {
        var random = RandomGenerator(seed: 21)
        check { LayerNormLSTMCell(inputSize: $0, hiddenSize: 3, forgetBias: 1, using: &random) }
        check { MinLSTMCell(inputSize: $0, hiddenSize: 3, using: &random) }
        check { IndRNNCell(inputSize: $0, hiddenSize: 3, nonlinearity: .tanh, using: &random) }
    }

    private func check<Cell: RecurrentCell>(_ cell: (Int) -> Cell) {
        let stack = CellStack(inputSize: 2, layers: 2, bidirectional: true, cell: cell)
        var random = RandomGenerator(seed: 22)
        let x = random.normal([3, 4, 2], dtype: .float64)
        let mask = Tensor([1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0] as [Int32], shape: [3, 4])
        let states = stack.zeroState(batch: 3, dtype: .float64).mapped {
            random.normal($0.shape, dtype: .float64)
        }
        let weights = stack.parameters.map { $0.tensor.cast(to: .float64) }
        let count = states.tensors.count
        let error = gradientError(at: [x] + states.tensors + weights) { tensors in
            var index = count
            let traced = stack.mapParameters { _, _ in
                index += 1
                return tensors[index]
            }
            let (output, state) = traced(
                tensors[0], mask: mask, state: states.with(tensors: Array(tensors[1...count])))
            return .concatenate(
                [output.reshaped([output.count])]
                    + state.tensors.map { $0.reshaped([$0.count]) }, axis: 0)
        }
        #expect(error < 1e-7, "\(Cell.self): \(error)")
    }

    @Test func theSharesOfAMinimalLSTMHoldWhereBothGatesAreNearlyZero() {
        var random = RandomGenerator(seed: 23)
        var cell = MinLSTMCell(inputSize: 2, hiddenSize: 3, using: &random)
        cell.inputBias = Tensor([-200, -200, -200, -200, -201, -199, 1, 2, 3] as [Float])
        let (h, _) = cell.step(cell.prepared(.zeros([1, 2])), .full([1, 3], 5))
        // f/(f + i) is σ(0), σ(1), σ(−1).
        let kept = [0.5, 0.731058578630005, 0.268941421369995]
        for (place, value) in h.scalars(as: Float.self).enumerated() {
            let expected = kept[place] * 5 + (1 - kept[place]) * Double(place + 1)
            #expect(abs(Double(value) - expected) < 1e-5)
        }
    }
}

extension SequenceState {
    /// What `transform` makes of each tensor.
    func mapped(_ transform: (Tensor) -> Tensor) -> Self { with(tensors: tensors.map(transform)) }
}

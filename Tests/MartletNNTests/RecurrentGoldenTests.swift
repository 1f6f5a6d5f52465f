import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Every cell against PyTorch: values and gradients, layers, directions, unsorted lengths, initial states.
@Suite struct RecurrentGoldenTests {
    @Test(arguments: [CellKind.rnnTanh, .rnnRelu, .gru, .lstm], [DType.float64, .float32])
    func equalsPyTorch(cell: CellKind, dtype: DType) throws {
        let file = try golden("recurrent_\(cell.rawValue)")
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        for stack in file["stacks"].list {
            var random = RandomGenerator(seed: 0)
            let config = stack["config"]
            let model = RecurrentStack(
                cell: cell, inputSize: config["input_size"].integer,
                hiddenSize: config["hidden_size"].integer, layers: config["num_layers"].integer,
                bidirectional: config["bidirectional"].flag, using: &random
            ).mapParameters { name, _ in stack["parameters"][name].tensor(dtype) }
            for run in stack["runs"].list {
                try check(model, stack["given"], run, dtype, tolerance)
            }
        }
    }

    private func check(
        _ model: RecurrentStack, _ given: GoldenValue, _ run: GoldenValue, _ dtype: DType,
        _ tolerance: Double
    ) throws {
        func tensor(_ name: String) -> Tensor? { given[optional: name]?.tensor(dtype) }
        let lengths = run[optional: "lengths"]?.integers
        let hasStates = run["initial_states"].flag
        let isLSTM = model.cell == .lstm
        var inputs = [tensor("input")!]
        if hasStates { inputs.append(tensor("h0")!) }
        if hasStates && isLSTM { inputs.append(tensor("c0")!) }
        let names = model.parameters.map(\.name)
        let start = inputs.count
        inputs += model.parameters.map(\.tensor)

        let (value, gradients) = valueAndGradients(at: inputs) { tensors in
            var index = start
            let traced = model.mapParameters { _, _ in
                defer { index += 1 }
                return tensors[index]
            }
            let state =
                hasStates
                ? RecurrentState(hidden: tensors[1], cell: isLSTM ? tensors[2] : nil) : nil
            let (output, final) = traced(tensors[0], lengths: lengths, state: state)
            #expect(largestDifference(output, run["outputs"]["output"].tensor()) < tolerance)
            #expect(largestDifference(final.hidden, run["outputs"]["h_n"].tensor()) < tolerance)
            var sum =
                (output * tensor("output_weight")!).sum()
                + (final.hidden * tensor("h_n_weight")!).sum()
            if let cell = final.cell {
                #expect(largestDifference(cell, run["outputs"]["c_n"].tensor()) < tolerance)
                sum = sum + (cell * tensor("c_n_weight")!).sum()
            }
            return sum
        }
        #expect(abs(value.item - run["scalar"].number) < tolerance * 10)
        let expected = ["input"] + (hasStates ? ["h0"] + (isLSTM ? ["c0"] : []) : []) + names
        for (name, gradient) in zip(expected, gradients) {
            let difference = largestDifference(gradient, run["gradients"][name].tensor())
            #expect(difference < tolerance * 10, "gradient of \(name): \(difference)")
        }
    }
}

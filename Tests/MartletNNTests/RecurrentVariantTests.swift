import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletNN

/// The variants against a loop over the steps: values and gradients.
@Suite struct RecurrentVariantTests {
    @Test(
        arguments: ["recurrent_variants", "recurrent_masks", "recurrent_state_masks"],
        [DType.float64, .float32])
    func equalsTheReference(file: String, dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 5e-5
        let cases = try golden(file)["cases"].list
        #expect(cases.count >= 5)
        for value in cases { check(value, dtype, tolerance) }
    }

    private func stack(_ config: GoldenValue) -> RecurrentStack {
        var random = RandomGenerator(seed: 0)
        let sizes = config["hidden_size"]
        return RecurrentStack(
            cell: CellKind(rawValue: config["cell"].text)!,
            inputSize: config["input_size"].integer,
            hiddenSizes: sizes.isList
                ? sizes.integers
                : [Int](
                    repeating: sizes.integer, count: config[optional: "num_layers"]?.integer ?? 1),
            projectionSize: config[optional: "proj_size"]?.integer,
            peephole: config[optional: "peephole"]?.flag ?? false,
            bidirectional: config[optional: "bidirectional"]?.flag ?? false,
            reversed: config[optional: "reversed"]?.flag ?? false,
            bias: config[optional: "bias"]?.flag ?? true, using: &random)
    }

    private func check(_ value: GoldenValue, _ dtype: DType, _ tolerance: Double) {
        let name = value["name"].text
        let parameters = value["parameters"]
        let model = stack(value["config"]).mapParameters { name, old in
            let new = parameters[name].tensor(dtype)
            #expect(new.shape == old.shape)
            return new
        }
        #expect(model.parameters.map(\.name).sorted() == parameters.keys)
        let given = value["given"]
        let names =
            ["input"]
            + (0..<model.layerCount * model.directionCount).flatMap { place in
                model.cell == .lstm ? ["h0_\(place)", "c0_\(place)"] : ["h0_\(place)"]
            }
        let inputs = names.map { given[$0].tensor(dtype) } + model.parameters.map(\.tensor)
        let expected = value["outputs"]

        let (scalar, gradients) = valueAndGradients(at: inputs) { tensors in
            var index = names.count
            let traced = model.mapParameters { _, _ in
                defer { index += 1 }
                return tensors[index]
            }
            let start = RecurrentState(
                stride(from: 1, to: names.count, by: model.cell == .lstm ? 2 : 1).map { place in
                    DirectionState(
                        hidden: tensors[place],
                        cell: model.cell == .lstm ? tensors[place + 1] : nil)
                })
            let (output, state) = run(traced, tensors[0], start, value, dtype)
            var results = ["output": output]
            for (place, part) in state.directions.enumerated() {
                results["h_n_\(place)"] = part.hidden
                results["c_n_\(place)"] = part.cell
            }
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
        let all = names + model.parameters.map(\.name)
        for (key, gradient) in zip(all, gradients) {
            let difference = largestDifference(gradient, value["gradients"][key].tensor())
            #expect(difference < tolerance * 10, "\(name): gradient of \(key): \(difference)")
        }
    }

    /// The stack; or, where the state is masked, its one layer with these masks.
    private func run(
        _ model: RecurrentStack, _ input: Tensor, _ start: RecurrentState, _ value: GoldenValue,
        _ dtype: DType
    ) -> (output: Tensor, state: RecurrentState) {
        let lengths = value[optional: "lengths"]?.integers
        let mask = value[optional: "mask"].map { rows in
            Tensor(
                rows.list.flatMap { $0.integers.map(Int32.init) },
                shape: [input.shape[0], input.shape[1]])
        }
        guard value["given"][optional: "state_mask_0"] != nil else {
            return model(input, lengths: lengths, mask: mask, state: start)
        }
        let arguments = model.weights[0].enumerated().map { place, weights in
            weights.arguments(
                model.cell,
                stateMask: value["given"]["state_mask_\(place)"].tensor(dtype))
        }
        let (output, state) = input.recurrent(
            model.cell, weights: arguments, steps: RealSteps(mask: mask!, lengths: lengths),
            state: start.directions)
        return (output, RecurrentState(state))
    }
}

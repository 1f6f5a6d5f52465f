import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// Two parameters, as the golden file has them.
private struct Parameters: Module {
    var weight: Tensor
    var bias: Tensor

    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
        try visit("bias", &bias)
    }

    init(_ value: GoldenValue) {
        weight = value["weight"].tensor()
        bias = value["bias"].tensor()
    }

    func difference(_ value: GoldenValue) -> Double {
        let other = Parameters(value)
        return max(largestDifference(weight, other.weight), largestDifference(bias, other.bias))
    }

    /// A gradient with exactly the given values: that of the sum of their products with the parameters.
    static func gradient(_ values: GoldenValue) -> Gradient<Parameters> {
        let wanted = Parameters(values)
        return valueAndGradient(at: wanted) { model in
            (model.weight * wanted.weight).sum() + (model.bias * wanted.bias).sum()
        }.gradient
    }
}

/// Optimisers, clipping and schedules against PyTorch.
@Suite struct OptimizerGoldenTests {
    private func rule(_ name: String, _ options: GoldenValue) -> any Optimizer {
        func number(_ key: String) -> Double { options[optional: key]?.number ?? 0 }
        if name == "sgd" {
            return SGD(
                learningRate: number("lr"), momentum: number("momentum"),
                weightDecay: number("weight_decay"),
                nesterov: options[optional: "nesterov"]?.flag ?? false)
        }
        let betas = options["betas"].numbers
        return AdamW(
            learningRate: number("lr"), betas: (betas[0], betas[1]), epsilon: number("eps"),
            weightDecay: number("weight_decay"), decoupled: name == "adamw")
    }

    @Test func stepsEqualPyTorch() throws {
        let file = try golden("optimisers")
        for example in file["optimisers"].list {
            var optimizer = rule(example["name"].text, example["options"])
            var model = Parameters(file["parameters"])
            for (step, expected) in example["parameters_after_step"].list.enumerated() {
                // Saved and restored half way, it goes on with the same bits.
                if step == 4 {
                    let state = optimizer.state
                    optimizer = rule(example["name"].text, example["options"])
                    try optimizer.restore(state)
                }
                optimizer.update(&model, Parameters.gradient(file["gradients"].list[step]))
                #expect(model.difference(expected) < 1e-10, "\(example["name"].text), step \(step)")
            }
        }
    }

    @Test func aMissingMomentIsAnError() throws {
        let file = try golden("optimisers")
        var optimizer = AdamW(learningRate: 0.1)
        var model = Parameters(file["parameters"])
        optimizer.update(&model, Parameters.gradient(file["gradients"].list[0]))
        var state = optimizer.state
        state["exp_avg.0"] = nil
        #expect(throws: OptimizerError.self) { try optimizer.restore(state) }
    }

    @Test func clippingEqualsPyTorch() throws {
        for example in try golden("optimisers")["clipping"].list {
            let gradient = Parameters.gradient(example["gradients"])
            let limit = example["limit"].number
            if example["name"].text == "norm" {
                #expect(abs(gradient.norm - example["norm"].number) < 1e-10)
                #expect(gradient.clipped(norm: limit).model.difference(example["clipped"]) < 1e-10)
                var own = gradient
                own.clip(norm: limit)
                #expect(own.model.difference(example["clipped"]) < 1e-10)
                #expect(
                    abs(gradient.norm - example["norm"].number) < 1e-10,
                    "it shared its memory, and must not change")
                // Now nothing is shared: in place.
                own.clip(norm: 0.01)
                #expect(abs(own.norm - 0.01) < 1e-5)
            } else {
                #expect(gradient.clipped(value: limit).model.difference(example["clipped"]) < 1e-10)
            }
        }
    }

    @Test func schedulesEqualTheirFormulas() throws {
        for example in try golden("optimisers")["schedules"].list {
            let schedule = Schedule(
                Schedule.Course(rawValue: example["name"].text)!,
                warmUpSteps: example["warmup_steps"].integer,
                totalSteps: example["total_steps"].integer)
            for (step, rate) in example["rates"].numbers.enumerated() {
                #expect(
                    abs(schedule.factor(step: step) * example["learning_rate"].number - rate)
                        < 1e-12)
            }
        }
    }
}

import MartletTestSupport
import Testing

@testable import MartletTensor

@Suite struct LikelihoodTests {
    private func losses(_ example: GoldenValue, _ dtype: DType, _ parameters: [String: Tensor])
        -> Tensor
    {
        let y = example["observed"].tensor(dtype)
        return switch example["name"].text {
        case "gaussian":
            y.gaussianLoss(mean: parameters["mean"]!, deviation: parameters["deviation"]!)
        case "student_t":
            y.studentTLoss(
                location: parameters["location"]!, scale: parameters["scale"]!,
                degrees: parameters["degrees"]!)
        case "negative_binomial":
            y.negativeBinomialLoss(
                mean: parameters["mean"]!, dispersion: parameters["dispersion"]!)
        default:
            y.pinballLoss(
                quantiles: parameters["quantiles"]!, levels: example["levels"].numbers)
        }
    }

    /// The largest distance, as a share of the expected number where that is above 1.
    private func error(_ found: Tensor, _ expected: Tensor) -> Double {
        let size = Tensor.maximum(expected.absolute(), .ones([], dtype: .float64))
        return largestDifference(found.cast(to: .float64) / size, expected / size)
    }

    @Test(arguments: [(DType.float64, 1e-9), (.float32, 2e-6)])
    func lossesAndGradientsEqualPyTorchs(dtype: DType, tolerance: Double) throws {
        for example in try golden("likelihoods")["cases"].list {
            let names = example["parameters"].keys
            let tensors = names.map { example["parameters"][$0].tensor(dtype) }
            func all(_ tensors: [Tensor]) -> Tensor {
                losses(example, dtype, Dictionary(uniqueKeysWithValues: zip(names, tensors)))
            }
            #expect(error(all(tensors), example["losses"].tensor()) < tolerance)
            let (_, gradients) = valueAndGradients(at: tensors) {
                (all($0) * example["weights"].tensor(dtype)).sum()
            }
            for (name, gradient) in zip(names, gradients) {
                let distance = error(gradient, example["gradients"][name].tensor())
                #expect(distance < tolerance, "\(example["name"].text), \(name): \(distance)")
            }
        }
    }

    @Test func aMissingObservationCountsForNothing() {
        let y = Tensor([1, .nan, 3] as [Float])
        let (value, gradients) = valueAndGradients(at: [
            Tensor([0, 5, 3] as [Float]), Tensor([1, 2, 0.5] as [Float]),
        ]) { y.gaussianLoss(mean: $0[0], deviation: $0[1]).sum() }
        let there = Tensor([1, 3] as [Float]).gaussianLoss(
            mean: Tensor([0, 3] as [Float]), deviation: Tensor([1, 0.5] as [Float]))
        #expect(value.item == there.sum().item)
        #expect(gradients[0].scalars(as: Float.self) == [-1, 0, 0])
        #expect(gradients[1].scalars(as: Float.self) == [0, 0, 2])
    }

    /// The element in the middle of many is computed as alone: slices of the work do not change it.
    @Test(arguments: [1, 7, 8, 9, 31, 1000, 5000])
    func sizes(count: Int) {
        var random = RandomGenerator(seed: 3)
        let y = random.uniform([count], in: -2...2)
        let parameters = (0..<3).map { _ in random.uniform([count], in: 0.5...9) }
        let all = y.studentTLoss(
            location: parameters[0], scale: parameters[1], degrees: parameters[2])
        let part = count / 2..<count
        let own = y.slice(axis: 0, part).studentTLoss(
            location: parameters[0].slice(axis: 0, part),
            scale: parameters[1].slice(axis: 0, part), degrees: parameters[2].slice(axis: 0, part))
        #expect(largestDifference(own, all.slice(axis: 0, part)) == 0)
        let quantiles = Tensor.stack(parameters, axis: 1)
        let levels = [0.2, 0.5, 0.7]
        let losses = y.pinballLoss(quantiles: quantiles, levels: levels)
        let singly = zip(parameters, levels).map { q, level -> Tensor in
            let miss = y - q
            return .maximum(miss * level, miss * (level - 1))
        }
        #expect(largestDifference(losses, singly[0] + singly[1] + singly[2]) < 1e-5)
    }
}

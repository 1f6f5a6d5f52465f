import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// The adaptive softmax: PyTorch's numbers, its order of classes, and where it is cut.
@Suite struct AdaptiveSoftmaxTests {
    private func layer(_ expected: GoldenValue, _ dtype: DType) -> AdaptiveSoftmax {
        var random = RandomGenerator(seed: 1)
        let layer = AdaptiveSoftmax(
            inputSize: expected["width"].integer, classes: expected["classes"].integer,
            cutoffs: expected["cutoffs"].list.map(\.integer), using: &random)
        #expect(layer.parameters.map(\.name).sorted() == expected["parameters"].keys)
        return layer.mapParameters { name, fresh in
            let known = expected["parameters"][name].tensor(dtype)
            #expect(known.shape == fresh.shape, "\(name)")
            return known
        }
    }

    @Test(arguments: [DType.float64, .float32])
    func probabilitiesLossAndGradientsEqualPyTorch(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        for expected in try golden("adaptive_softmax")["cases"].list {
            let name = expected["name"].text
            let layer = layer(expected, dtype)
            let x = expected["input"].tensor(dtype)
            let found = layer.logProbabilities(x)
            #expect(largestDifference(found, expected["log_prob"].tensor()) < tolerance, "\(name)")
            let labels = expected["labels"].tensor(.int32)
            let (loss, gradient) = valueAndGradient(at: layer) { $0.loss(x, labels: labels) }
            #expect(abs(loss.item - expected["loss"].number) < tolerance, "\(name)")
            let gradients = expected["gradients"]
            #expect((gradient.tensors.map(\.name) + ["input"]).sorted() == gradients.keys)
            for (parameter, found) in gradient.tensors {
                let difference = largestDifference(found, gradients[parameter].tensor())
                #expect(difference < 10 * tolerance, "\(name), \(parameter): \(difference)")
            }
            let (_, dx) = valueAndGradients(at: [x]) { layer.loss($0[0], labels: labels) }
            #expect(largestDifference(dx[0], gradients["input"].tensor()) < 10 * tolerance)
        }
    }

    @Test func anOrderMovesClassesAndNothingElse() {
        let order: [Int32] = [7, 2, 0, 5, 1, 8, 3, 6, 4]
        func layer(_ order: [Int32]?) -> AdaptiveSoftmax {
            var random = RandomGenerator(seed: 4)
            return AdaptiveSoftmax(
                inputSize: 16, classes: 9, cutoffs: [3, 6], order: order, using: &random)
        }
        var random = RandomGenerator(seed: 5)
        let x = random.normal([2, 5, 16])
        let (plain, moved) = (layer(nil).logProbabilities(x), layer(order).logProbabilities(x))
        #expect(moved.shape == [2, 5, 9])
        #expect(largestDifference(moved.gathered(axis: -1, at: Tensor(order)), plain) == 0)
        #expect(largestDifference(moved, plain) > 1e-3)
        let places = Tensor((0..<10).map { Int32($0 % 9) }, shape: [2, 5])
        let labels = Tensor((0..<10).map { order[$0 % 9] }, shape: [2, 5])
        let loss = layer(nil).loss(x, labels: places).item
        #expect(layer(order).loss(x, labels: labels).item == loss)
        // The loss is what the probabilities say.
        let all = plain.taken(along: -1, at: places.expandingDimension(at: 2))
        #expect(abs(loss + all.mean().item) < 1e-6)
        #expect(largestDifference(plain.exp().sum(axis: -1), .ones([2, 5])) < 1e-6)
    }

    @Test func aRowHasTheSameBitsAloneAsAmongOthers() {
        var random = RandomGenerator(seed: 6)
        let layer = AdaptiveSoftmax(
            inputSize: 32, classes: 300, cutoffs: [20, 80], using: &random)
        let x = random.normal([9, 32])
        let all = layer.logProbabilities(x)
        for row in 0..<9 {
            let alone = layer.logProbabilities(x.slice(axis: 0, row..<row + 1))
            #expect(largestDifference(alone, all.slice(axis: 0, row..<row + 1)) == 0)
        }
    }

    @Test func rowsWithoutALabelCountForNothing() {
        var random = RandomGenerator(seed: 7)
        let layer = AdaptiveSoftmax(inputSize: 16, classes: 9, cutoffs: [3, 6], using: &random)
        let x = random.normal([3, 16])
        let some = layer.loss(x, labels: Tensor([8, -100, 1] as [Int32])).item
        let rest = Tensor.concatenate([x.slice(axis: 0, 0..<1), x.slice(axis: 0, 2..<3)], axis: 0)
        #expect(some == layer.loss(rest, labels: Tensor([8, 1] as [Int32])).item)
        #expect(layer.loss(x, labels: Tensor([-100, -100, -100] as [Int32])).item.isNaN)
    }

    @Test(arguments: [
        // 80 of 100, then 95.
        ([50, 20, 10, 10, 5, 3, 1, 1], [3, 5]), ([100, 0], [1]), ([1, 1], [1]),
        ([90, 9, 1], [1, 2]), ([0, 0, 0], [1, 2]),
        ([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], [8]),
    ])
    func cutoffsAreWhereTheTextIs(_ counts: [Int], _ expected: [Int]) {
        let cutoffs = AdaptiveSoftmax.cutoffs(counts: counts)
        #expect(cutoffs == expected)
        #expect(
            AdaptiveSoftmax.problem(cutoffs: cutoffs, inputSize: 64, classes: counts.count) == nil)
    }

    @Test(arguments: [
        ([], 64, "cutoffs are []: expected rising numbers in 1 ..< 10"), ([0, 3], 64, "[0, 3]"),
        ([3, 3], 64, "[3, 3]"), ([4, 2], 64, "[4, 2]"), ([3, 10], 64, "[3, 10]"),
        ([2, 5], 15, "the width is 15: 2 clusters, each 4 times narrower"),
    ])
    func cutoffsThatDoNotFitAreNamed(_ cutoffs: [Int], _ width: Int, _ problem: String) {
        let found = AdaptiveSoftmax.problem(cutoffs: cutoffs, inputSize: width, classes: 10)
        #expect(found?.contains(problem) == true, "\(found ?? "none")")
    }
}

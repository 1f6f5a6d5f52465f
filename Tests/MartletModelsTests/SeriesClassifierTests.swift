import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// The classifier of series.
@Suite struct SeriesClassifierTests {
    /// Every part is there: a convolution with steps left out, differences, lengths, two members, two layers.
    private static var configuration: SeriesClassifier.Configuration {
        SeriesClassifier.Configuration(
            cell: .gru, channels: ["x", "y"], hiddenSize: 4, layers: 2, filters: 3, kernelSize: 5,
            stride: 2, members: 2, means: [1, -2], deviations: [2, 0.5],
            differenceDeviations: [0.3, 0.7], lengthScale: .init(mean: 2, deviation: 0.5),
            labels: ["a", "b", "c"])
    }

    private func model(
        _ change: (inout SeriesClassifier.Configuration) -> Void = { _ in }
    ) -> SeriesClassifier {
        var random = RandomGenerator(seed: 5)
        var configuration = Self.configuration
        change(&configuration)
        return SeriesClassifier(configuration, using: &random)
    }

    @Test func aSeriesHasTheSameBitsAloneAndAmongOthers() {
        let model = model()
        var random = RandomGenerator(seed: 6)
        let lengths = [9, 1, 4, 6, 2]
        let input = random.normal([5, 9, 2])
        let together = model.probabilities(input, lengths: lengths)
        for (row, length) in lengths.enumerated() {
            let own = input.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<length)
            let alone = model.probabilities(own, lengths: [length])
            #expect(
                alone.scalars(as: Float.self)
                    == together.select(axis: 0, row).scalars(as: Float.self), "\(row)")
        }
    }

    @Test func whatStandsBeyondALengthIsNotLookedAt() {
        let model = model()
        var random = RandomGenerator(seed: 7)
        let input = random.normal([2, 8, 2])
        var changed = input.scalars(as: Float.self)
        for place in 5 * 2..<8 * 2 { changed[place] = .nan }
        let first = model.probabilities(input, lengths: [5, 8])
        let second = model.probabilities(Tensor(changed, shape: [2, 8, 2]), lengths: [5, 8])
        #expect(first.scalars(as: Float.self) == second.scalars(as: Float.self))
    }

    @Test func channelsAreScaledByWhatTheConfigurationSays() {
        // Scaled by hand and read without scales, it is the same.
        let scaled = model()
        let plain = model { ($0.means, $0.deviations) = ([0, 0], [1, 1]) }
        var random = RandomGenerator(seed: 8)
        let input = random.normal([3, 6, 2])
        let means = Tensor([1.0, -2.0]).cast(to: .float32)
        let deviations = Tensor([2.0, 0.5]).cast(to: .float32)
        let lengths = [6, 3, 4]
        #expect(
            scaled.probabilities(input, lengths: lengths).scalars(as: Float.self)
                == plain.probabilities((input - means) / deviations, lengths: lengths)
                .scalars(as: Float.self))
    }

    @Test func membersAreAveraged() {
        let model = model()
        var random = RandomGenerator(seed: 9)
        let input = random.normal([2, 6, 2])
        var none: RandomGenerator?
        let parts = (0..<2).map {
            model.scores(member: $0, input, lengths: [6, 4], dropout: &none).softmax()
        }
        let mean = (parts[0] + parts[1]) / 2
        #expect(largestDifference(mean, model.probabilities(input, lengths: [6, 4])) < 1e-6)
        #expect(largestDifference(parts[0], parts[1]) > 1e-3)
    }

    @Test func theGradientReachesEveryParameter() throws {
        let model = model()
        var random = RandomGenerator(seed: 10)
        let input = random.normal([2, 6, 2])
        let (_, gradient) = valueAndGradient(at: model) { model in
            var none: RandomGenerator?
            return (0..<2).map {
                model.scores(member: $0, input, lengths: [6, 4], dropout: &none)
                    .softmaxCrossEntropy(Tensor([0, 2] as [Int32]))
            }.reduce(Tensor.zeros([])) { $0 + $1 }
        }
        for (name, tensor) in gradient.tensors {
            #expect(tensor.sumOfSquares > 0, "\(name)")
        }
    }

    @Test func aFolderKeepsIt() throws {
        let model = model()
        try withTemporaryFolder { folder in
            try CheckpointFolder.write(to: folder, files: ModelFolder.files(of: model))
            let again = try ModelFolder.load(SeriesClassifier.self, from: folder)
            var random = RandomGenerator(seed: 11)
            let input = random.normal([2, 6, 2])
            let inputs = ["input": input, "lengths": Tensor([6, 3] as [Int64])]
            let found = try #require(
                try ModelFolder.load(from: folder).run(inputs)["probabilities"])
            let expected = model.probabilities(input, lengths: [6, 3])
            #expect(found.scalars(as: Float.self) == expected.scalars(as: Float.self))
            #expect(again.configuration.means == [1, -2])
            #expect(throws: ModelError.self) {
                _ = try again.run(["input": input, "lengths": Tensor([6, 0] as [Int64])])
            }
        }
    }

    @Test func aConfigurationThatMakesNoSenseIsRefused() {
        func problem(_ change: (inout SeriesClassifier.Configuration) -> Void) -> String {
            var configuration = Self.configuration
            change(&configuration)
            return configuration.problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.kernelSize = 4 }.contains("kernel_size is 4"))
        #expect(problem { $0.members = 0 }.contains("members is 0"))
        #expect(problem { $0.deviations = [1, 0] }.contains("deviations has 0.0"))
        #expect(problem { $0.means = [1] }.contains("means has 1 numbers: expected 2"))
        #expect(problem { $0.differenceDeviations = [1, .nan] }.contains("difference_deviations"))
        let unscaled = problem { $0.lengthScale?.deviation = 0 }
        #expect(unscaled.contains("length_scale"))
        #expect(problem { $0.labels = ["a"] }.contains("expected at least two"))
        #expect(problem { $0.labels = ["a", "b", "a"] }.contains("labels has \"a\" twice"))
        #expect(problem { $0.deviations = [1, 1e-300] }.contains("deviations has 1e-300"))
        #expect(problem { $0.filters = 0 } == "none")
        for filters in [-1, Int.min, Int.max] {
            #expect(problem { $0.filters = filters }.contains("filters is \(filters): expected"))
        }
        #expect(problem { $0.channels = [] }.contains("channels is 0"))
        #expect(problem { $0.dropout = 1 }.contains("dropout is 1"))
    }
}

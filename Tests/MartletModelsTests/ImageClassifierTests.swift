import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// The convolutional network over images: PyTorch's numbers, what it takes, and what it refuses.
@Suite struct ImageClassifierTests {
    private static func configuration(
        _ change: (inout ImageClassifier.Configuration) -> Void = { _ in }
    ) -> ImageClassifier.Configuration {
        var result = ImageClassifier.Configuration(
            height: 9, width: 6, channels: [2, 3], kernelSize: 3, hiddenSize: 5, mean: 0.25,
            deviation: 0.5, labels: ["a", "b", "c", "d"])
        change(&result)
        return result
    }

    @Test(arguments: [DType.float64, .float32])
    func scoresLossAndGradientsEqualPyTorch(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        let expected = try golden("image_classifier")
        let config = expected["config"]
        var random = RandomGenerator(seed: 1)
        let fresh = ImageClassifier(Self.configuration(), using: &random)
        #expect(config["height"].integer == 9 && config["channels"].integers == [2, 3])
        #expect(fresh.parameters.map(\.name).sorted() == expected["parameters"].keys)
        let model = fresh.mapParameters { name, _ in expected["parameters"][name].tensor(dtype) }
        let images = expected["images"].tensor(dtype)
        #expect(largestDifference(model(images), expected["logits"].tensor()) < tolerance)
        let labels = expected["labels"].tensor(.int32)
        let (loss, gradient) = valueAndGradient(at: model) { model in
            model(images).softmaxCrossEntropy(labels)
        }
        #expect(abs(loss.item - expected["loss"].number) < tolerance)
        #expect(gradient.tensors.map(\.name).sorted() == expected["gradients"].keys)
        for (parameter, found) in gradient.tensors {
            let difference = largestDifference(found, expected["gradients"][parameter].tensor())
            #expect(difference < tolerance * 10, "\(parameter): \(difference)")
        }
    }

    @Test func itIsReadBackAsItWasWrittenAndRuns() throws {
        try withTemporaryFolder { folder in
            var random = RandomGenerator(seed: 5)
            let model = ImageClassifier(Self.configuration(), using: &random)
            try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
            let again = try ModelFolder.load(from: folder)
            let images = random.uniform([2, 9, 6], in: 0...1)
            let logits = try #require(try again.run(["images": images])["logits"])
            #expect(logits.scalars(as: Float.self) == model(images).scalars(as: Float.self))
            #expect(
                errorText { _ = try again.run(["images": random.uniform([2, 6, 9], in: 0...1)]) }
                    .contains("has the shape [2, 6, 9]: expected [any, 9, 6]"))
        }
    }

    @Test func valuesThatMakeNoSenseAreNamed() {
        func problem(_ change: (inout ImageClassifier.Configuration) -> Void) -> String {
            Self.configuration(change).problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.channels = [] } == "channels is []: expected 1 … 8 numbers")
        #expect(problem { $0.channels = [0, 3] } == "channels is 0: expected 1 … 1048576")
        #expect(
            problem { $0.width = 3 }
                == "height is 9 and width 3: expected at least 4 for 2 convolutions")
        #expect(problem { $0.kernelSize = 4 } == "kernel_size is 4: expected an odd number, 1 … 63")
        #expect(
            problem { $0.deviation = 0 }
                == "mean is 0.25 and deviation 0.0: expected numbers, the last above 0")
        #expect(problem { $0.labels = ["a"] } == "labels are [\"a\"]: expected at least two")
    }
}

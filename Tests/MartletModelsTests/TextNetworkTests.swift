import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Text classifiers that are not recurrent: PyTorch's numbers, what they take, and what they refuse.
@Suite struct TextNetworkTests {
    private static func configuration(
        _ network: TextArchitecture, hidden: Int = 4, heads: Int = 2, kernelSizes: [Int] = [2, 3]
    ) -> SentimentClassifier.Configuration {
        .init(
            network: network, kernelSizes: network == .cnn ? kernelSizes : [], heads: heads,
            vocabularySize: 11, embeddingSize: 5, hiddenSize: hidden, layers: 1,
            labels: ["a", "b", "c"])
    }

    @Test(arguments: [DType.float64, .float32])
    func aCNNsScoresLossAndGradientsEqualPyTorch(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        let expected = try golden("text_cnn")
        let config = expected["config"]
        var random = RandomGenerator(seed: 1)
        let fresh = SentimentClassifier(
            Self.configuration(
                .cnn, hidden: config["hidden_size"].integer,
                kernelSizes: config["kernel_sizes"].integers), using: &random)
        #expect(fresh.parameters.map(\.name).sorted() == expected["parameters"].keys)
        let model = fresh.mapParameters { name, _ in expected["parameters"][name].tensor(dtype) }
        let (tokens, labels) = (
            expected["tokens"].tensor(.int32), expected["labels"].tensor(.int32)
        )
        let lengths = expected["lengths"].integers
        let scores = model(tokens, lengths: lengths)
        #expect(largestDifference(scores, expected["logits"].tensor()) < tolerance)
        let (loss, gradient) = valueAndGradient(at: model) { model in
            model(tokens, lengths: lengths).softmaxCrossEntropy(labels)
        }
        #expect(abs(loss.item - expected["loss"].number) < tolerance)
        #expect(gradient.tensors.map(\.name).sorted() == expected["gradients"].keys)
        for (parameter, found) in gradient.tensors {
            let difference = largestDifference(found, expected["gradients"][parameter].tensor())
            #expect(difference < tolerance * 10, "\(parameter): \(difference)")
        }
    }

    /// A text gives the same bits alone as among longer ones, whatever stands beyond its end.
    @Test(arguments: [TextArchitecture.cnn, .transformer, .bag])
    func aTextDoesNotSeeThePaddingBehindIt(_ network: TextArchitecture) {
        var random = RandomGenerator(seed: 4)
        let model = SentimentClassifier(Self.configuration(network, hidden: 8), using: &random)
        let rows: [[Int32]] = [
            [3, 1, 4, 1, 5, 9, 2], [6, 5, 3, 9, 9, 9, 9], [2, 7, 7, 7, 7, 7, 7],
        ]
        let lengths = [7, 3, 0]
        let together = model(
            Tensor(rows.flatMap { $0 }, shape: [3, 7]), lengths: lengths
        ).scalars(as: Float.self)
        for (row, length) in lengths.enumerated() {
            // An empty text comes as one step of padding.
            let tokens = length == 0 ? [0] : Array(rows[row].prefix(length))
            let alone = model(
                Tensor(tokens, shape: [1, tokens.count]), lengths: [length]
            ).scalars(as: Float.self)
            #expect(alone == Array(together[3 * row..<3 * row + 3]), "\(network), row \(row)")
        }
        #expect(together[0..<3] != together[3..<6])
    }

    @Test(arguments: TextArchitecture.allCases)
    func itIsReadBackAsItWasWritten(_ network: TextArchitecture) throws {
        try withTemporaryFolder { folder in
            var random = RandomGenerator(seed: 5)
            let model = SentimentClassifier(Self.configuration(network), using: &random)
            try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
            let again = try ModelFolder.load(SentimentClassifier.self, from: folder)
            #expect(again.configuration.network == network)
            #expect(again.configuration.kernelSizes == model.configuration.kernelSizes)
            let tokens = Tensor([1, 2, 3] as [Int32], shape: [1, 3])
            #expect(
                again(tokens, lengths: [3]).scalars(as: Float.self)
                    == model(tokens, lengths: [3]).scalars(as: Float.self))
        }
    }

    /// Of a bag: W Σ x_t / √T + b, whatever the order.
    @Test func aBagIsASumOverTheRootOfItsLength() {
        var random = RandomGenerator(seed: 6)
        let model = SentimentClassifier(Self.configuration(.bag), using: &random)
        #expect(
            model.parameters.map(\.name) == ["embedding.weight", "output.weight", "output.bias"])
        let rows = [[3, 1, 4, 9], [9, 4, 3, 1], [6, 5, 0, 0]] as [[Int32]]
        let found = model(Tensor(rows.flatMap { $0 }, shape: [3, 4]), lengths: [4, 4, 2])
            .scalars(as: Float.self)
        let table = model.embedding.weight.scalars(as: Float.self)
        let (weight, bias) = (
            model.output.weight.scalars(as: Float.self), model.output.bias!.scalars(as: Float.self)
        )
        for (row, tokens) in [[3, 1, 4, 9], [9, 4, 3, 1], [6, 5]].enumerated() {
            for label in 0..<3 {
                var score = bias[label]
                for d in 0..<5 {
                    let sum = tokens.reduce(Float(0)) { $0 + table[$1 * 5 + d] }
                    score += weight[label * 5 + d] * sum / Float(tokens.count).squareRoot()
                }
                #expect(abs(found[3 * row + label] - score) < 1e-6)
            }
        }
    }

    @Test func valuesThatMakeNoSenseAreNamed() {
        #expect(Self.configuration(.cnn).problem == nil)
        #expect(Self.configuration(.transformer).problem == nil)
        #expect(
            Self.configuration(.cnn, kernelSizes: []).problem
                == "kernel_sizes is []: expected sizes of 1 … 64")
        #expect(
            Self.configuration(.cnn, kernelSizes: [3, 65]).problem
                == "kernel_sizes is [3, 65]: expected sizes of 1 … 64")
        #expect(
            Self.configuration(.transformer, hidden: 6, heads: 2).problem
                == "hidden_size is 6 and num_heads 2: expected an even width for each head")
        var quantised = Self.configuration(.cnn)
        quantised.quantization = .int8
        #expect(quantised.problem == "quantization is given: expected none of a cnn")
    }
}

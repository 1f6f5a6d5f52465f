import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// The networks of g2pM and textgenrnn: what they take, and what they refuse.
@Suite struct PretrainedModelTests {
    private func tagger() -> PolyphoneTagger {
        var random = RandomGenerator(seed: 1)
        return PolyphoneTagger(
            .init(
                vocabularySize: 9, embeddingSize: 4, hiddenSize: 3, classifierSize: 5,
                labels: ["hang2", "xing2"]), using: &random)
    }

    private func writer() -> TextGenRNN {
        var random = RandomGenerator(seed: 2)
        return TextGenRNN(
            .init(vocabularySize: 9, embeddingSize: 4, hiddenSize: 3, layers: 2, contextSize: 6),
            using: &random)
    }

    /// The model of a golden file's part, with its weights.
    private func model<M: Model>(
        _ configuration: M.Configuration, _ expected: GoldenValue, as type: M.Type
    ) -> M {
        var random = RandomGenerator(seed: 1)
        let model = M(configuration, using: &random)
        #expect(model.parameters.map(\.name).sorted() == expected["weights"].keys)
        return model.mapParameters { name, _ in expected["weights"][name].tensor(.float32) }
    }

    private func rows(_ expected: GoldenValue) -> [String: Tensor] {
        var inputs = ["tokens": expected["tokens"].tensor(.int64)]
        for name in ["lengths", "positions"] {
            if let list = expected[optional: name]?.integers {
                inputs[name] = Tensor(list.map(Int64.init))
            }
        }
        return inputs
    }

    @Test func theTaggerEqualsPyTorch() throws {
        let expected = try golden("pretrained")["polyphone-tagger"]
        let sizes = expected["config"]
        let tagger = model(
            .init(
                vocabularySize: sizes["vocab_size"].integer,
                embeddingSize: sizes["embedding_size"].integer,
                hiddenSize: sizes["hidden_size"].integer,
                classifierSize: sizes["classifier_size"].integer,
                labels: (0..<sizes["labels"].integer).map { "reading \($0)" }),
            expected, as: PolyphoneTagger.self)
        let found = try tagger.run(rows(expected))["logits"]!
        #expect(largestDifference(found, expected["logits"].tensor()) < 1e-5)
    }

    @Test func theWriterEqualsPyTorch() throws {
        let expected = try golden("pretrained")["textgenrnn"]
        let sizes = expected["config"]
        let writer = model(
            .init(
                vocabularySize: sizes["vocab_size"].integer,
                embeddingSize: sizes["embedding_size"].integer,
                hiddenSize: sizes["hidden_size"].integer, layers: sizes["num_layers"].integer,
                contextSize: sizes["context_size"].integer),
            expected, as: TextGenRNN.self)
        let found = try writer.run(rows(expected))["probabilities"]!
        #expect(largestDifference(found, expected["probabilities"].tensor()) < 1e-5)
    }

    @Test func aPositionGivesTheScoresOfThatToken() throws {
        let tokens = Tensor([1, 2, 3, 4, 5, 0] as [Int32], shape: [2, 3])
        let lengths = Tensor([3, 2] as [Int64])
        let all = try tagger().run(["tokens": tokens, "lengths": lengths])["logits"]!
        #expect(all.shape == [2, 3, 2])
        let some = try tagger().run([
            "tokens": tokens, "lengths": lengths, "positions": Tensor([2, 0] as [Int64]),
        ])["logits"]!
        let wanted = Tensor.stack([
            all.select(axis: 0, 0).select(axis: 0, 2), all.select(axis: 0, 1).select(axis: 0, 0),
        ])
        #expect(largestDifference(some, wanted) == 0)
        #expect(largestDifference(all.select(axis: 0, 1).select(axis: 0, 2), .zeros([2])) == 0)
    }

    @Test func shortTextsHaveZerosBeforeThemAndLongOnesLoseTheirStart() throws {
        let model = writer()
        func probabilities(_ row: [Int32]) throws -> Tensor {
            try model.run(["tokens": Tensor(row, shape: [1, row.count])])["probabilities"]!
        }
        let short = try probabilities([3, 4])
        #expect(largestDifference(short, try probabilities([0, 0, 0, 0, 3, 4])) == 0)
        #expect(largestDifference(short, try probabilities([7, 0, 0, 0, 0, 3, 4])) == 0)
        #expect(largestDifference(short, try probabilities([7, 0, 0, 0, 3, 4])) > 0)
        #expect(abs(short.sum().item - 1) < 1e-6)
    }

    @Test func badInputsAreRefused() {
        let tokens = Tensor([1, 2, 3, 4, 5, 0] as [Int32], shape: [2, 3])
        let outside = Tensor([1, 2, 9] as [Int32], shape: [1, 3])
        let cases: [(any Model, [String: Tensor], String)] = [
            (tagger(), [:], "\"tokens\" is missing"),
            (tagger(), ["tokens": outside], "tokens[0, 2] is 9: expected 0 … 8"),
            (
                tagger(), ["tokens": tokens, "positions": Tensor([0, 3] as [Int64])],
                "positions[1] is 3: expected 0 … 2"
            ),
            (
                tagger(),
                [
                    "tokens": tokens, "lengths": Tensor([3, 2] as [Int64]),
                    "positions": Tensor([0, 2] as [Int64]),
                ], "positions[1] is 2: the row has 2 tokens, expected 0 … 1"
            ),
            (
                tagger(),
                [
                    "tokens": tokens, "lengths": Tensor([3, 0] as [Int64]),
                    "positions": Tensor([0, 0] as [Int64]),
                ], "row 1 of \"tokens\" is empty"
            ),
            (writer(), ["tokens": outside], "tokens[0, 2] is 9: expected 0 … 8"),
            (writer(), ["tokens": .zeros([2, 0], dtype: .int32)], "row 0 of \"tokens\" is empty"),
            (writer(), ["tokens": .zeros([2, 3])], "is float32 [2, 3]: expected int32 or int64"),
        ]
        for (model, inputs, expected) in cases {
            let found = errorText { _ = try model.run(inputs) }
            #expect(found.contains(expected), "\(found)")
        }
    }

    @Test func checkpointsComeBackAndWrongOnesAreRefused() throws {
        func check<M: Model>(_ model: M, wrong: String) throws {
            try withTemporaryFolder { folder in
                let files = try ModelFolder.files(of: model)
                try CheckpointFolder.write(to: folder, files: files)
                let loaded = try ModelFolder.load(M.self, from: folder)
                #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
                for (before, after) in zip(model.parameters, loaded.parameters) {
                    #expect(largestDifference(before.tensor, after.tensor) == 0)
                }
                var tensors = model.parameters
                let place = try #require(tensors.firstIndex { $0.name == wrong })
                tensors[place].tensor = .zeros([1, 1])
                try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
                let misshapen = errorText { _ = try ModelFolder.load(from: folder) }
                #expect(misshapen.contains("\"\(wrong)\" is float32 [1, 1]"), "\(misshapen)")
                tensors.remove(at: place)
                try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
                let missing = errorText { _ = try ModelFolder.load(from: folder) }
                #expect(missing.contains("no tensor \"\(wrong)\""), "\(missing)")
            }
        }
        try check(tagger(), wrong: "logit_layer.2.weight")
        try check(writer(), wrong: "rnn.weight_ih_l1")
    }
}

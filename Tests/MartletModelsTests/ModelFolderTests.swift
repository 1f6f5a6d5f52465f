import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Checkpoints to and from disk, and against PyTorch's own files.
@Suite struct ModelFolderTests {
    private func tinyModel() -> RecurrentModel {
        var random = RandomGenerator(seed: 1)
        return RecurrentModel(
            .init(cell: .gru, inputSize: 3, hiddenSize: 4, layers: 2, bidirectional: true),
            using: &random)
    }

    @Test func checkpointsOfPyTorchLoadAndGiveTheSame() throws {
        for example in try golden("checkpoint")["cases"].list {
            try withTemporaryFolder { folder in
                let config = example["config.json"]
                let keys = config.keys.map { key -> String in
                    let value = config[key]
                    switch key {
                    case "architecture", "cell": return "\"\(key)\": \"\(value.text)\""
                    case "bidirectional": return "\"\(key)\": \(value.flag)"
                    default: return "\"\(key)\": \(value.integer)"
                    }
                }
                try write("{\(keys.joined(separator: ", "))}", to: "\(folder)/config.json")
                for name in ["model.safetensors", "input.safetensors"] {
                    let data = try #require(Data(base64Encoded: example[name].text))
                    try data.write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
                }
                let inputs = try SafetensorsFile(path: "\(folder)/input.safetensors").tensors()
                let outputs = try ModelFolder.load(from: folder).run(inputs)
                #expect(outputs.keys.sorted() == example["expected"].keys)
                for name in example["expected"].keys {
                    let difference = largestDifference(
                        outputs[name]!, example["expected"][name].tensor())
                    #expect(difference < 1e-5, "\(name): \(difference)")
                }
            }
        }
    }

    @Test func whatIsSavedLoadsWithTheSameBits() throws {
        try withTemporaryFolder { folder in
            let model = tinyModel()
            try CheckpointFolder.write(to: folder, files: ModelFolder.files(of: model))
            let loaded = try ModelFolder.load(RecurrentModel.self, from: folder)
            #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
            for (before, after) in zip(model.parameters, loaded.parameters) {
                #expect(largestDifference(before.tensor, after.tensor) == 0)
            }
        }
    }

    @Test func errorsSayWhatIsWrong() throws {
        try withTemporaryFolder { folder in
            #expect(
                errorText { _ = try ModelFolder.load(from: folder) }.contains(
                    "config.json: cannot be read"))
            try CheckpointFolder.write(to: folder, files: ModelFolder.files(of: tinyModel()))
            #expect(
                errorText { _ = try ModelFolder.load(SentimentClassifier.self, from: folder) }
                    .contains(
                        "the architecture is \"recurrent\": expected \"sentiment-classifier\""))
            let good = #""cell": "gru", "input_size": 3, "num_layers": 2, "bidirectional": true"#
            for (config, expected) in [
                ("{", "not valid JSON"), ("{}", "\"architecture\" is missing"),
                (
                    #"{"architecture": "perceptron"}"#,
                    "this version knows recurrent, sentiment-classifier, recurrent-language-model, silero-vad, polyphone-tagger, textgenrnn"
                ),
                ("{\"architecture\": \"recurrent\", \(good)}", "\"hidden_size\" is missing"),
                (
                    "{\"architecture\": \"recurrent\", \(good), \"hidden_size\": \"4\"}",
                    "\"hidden_size\""
                ),
                (
                    "{\"architecture\": \"recurrent\", \(good), \"hidden_size\": -4}",
                    "hidden_size is -4"
                ),
                (
                    "{\"architecture\": \"recurrent\", \(good), \"hidden_size\": 1000000}",
                    "asks for float32 [3000000, 3]"
                ),
            ] {
                try write(config, to: "\(folder)/config.json")
                let found = errorText { _ = try ModelFolder.load(from: folder) }
                #expect(found.contains(expected) && found.contains("config.json"), "\(found)")
            }
        }
    }

    @Test func weightsThatDoNotFitAreRefusedByName() throws {
        let model = tinyModel()
        let files = try ModelFolder.files(of: model)
        let last = model.parameters.count - 1
        func refusal(_ change: (inout [(name: String, tensor: Tensor)]) -> Void) throws -> String {
            try withTemporaryFolder { folder in
                var tensors = model.parameters
                change(&tensors)
                try CheckpointFolder.write(to: folder, files: files)
                try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
                return errorText { _ = try ModelFolder.load(from: folder) }
            }
        }
        let missing = try refusal { $0.removeLast() }
        #expect(missing.contains("no tensor \"\(model.parameters[last].name)\""), "\(missing)")
        let extra = try refusal { $0.append(("surplus", Tensor.zeros([2]))) }
        #expect(extra.contains("tensor \"surplus\" is none of a recurrent's"), "\(extra)")
        let turned = try refusal { $0[0].tensor = .zeros([3, 12]) }
        for part in ["\"weight_ih_l0\" is float32 [3, 12]", "asks for float32 [12, 3]"] {
            #expect(turned.contains(part), "\(turned)")
        }
        let whole = try refusal { $0[0].tensor = .zeros([12, 3], dtype: .int32) }
        #expect(whole.contains("\"weight_ih_l0\" is int32 [12, 3]"), "\(whole)")
        #expect(try refusal { $0.reverse() } == "no error")
    }

    @Test func badInputsAreRefused() {
        let model = tinyModel()
        let x = Tensor.zeros([2, 3, 3])
        let cases: [([String: Tensor], String)] = [
            ([:], "\"input\" is missing"),
            (["input": .zeros([2, 3, 4])], "has the shape [2, 3, 4]: expected [any, any, 3]"),
            (["input": .zeros([2, 3, 3], dtype: .int32)], "is int32: expected float32"),
            (
                ["input": x, "lengths": Tensor([1, 4] as [Int64])],
                "lengths[1] is 4: expected 0 … 3"
            ),
            (["input": x, "lengths": Tensor([1] as [Int64])], "has the shape [1]: expected [2]"),
            (
                ["input": x, "h0": .zeros([4, 1, 4])], "has the shape [4, 1, 4]: expected [4, 2, 4]"
            ),
            (["input": x, "c0": .zeros([4, 2, 4])], "\"c0\" is not one of"),
        ]
        for (inputs, expected) in cases {
            let found = errorText { _ = try model.run(inputs) }
            #expect(found.contains(expected), "\(found)")
        }
    }
}

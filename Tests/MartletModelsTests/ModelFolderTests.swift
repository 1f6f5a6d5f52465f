import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Checkpoints to and from disk, and against PyTorch's own files.
@Suite struct ModelFolderTests {
    /// A fresh folder, removed afterwards.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func write(_ text: String, _ folder: String, _ name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    private func message(_ work: () throws -> Void) -> String {
        do {
            try work()
            return "no error"
        } catch { return "\(error)" }
    }

    private func tinyModel() -> RecurrentModel {
        var random = RandomGenerator(seed: 1)
        return RecurrentModel(
            .init(cell: .gru, inputSize: 3, hiddenSize: 4, layers: 2, bidirectional: true),
            using: &random)
    }

    @Test func checkpointsOfPyTorchLoadAndGiveTheSame() throws {
        for example in try golden("checkpoint")["cases"].list {
            try withFolder { folder in
                let config = example["config.json"]
                let keys = config.keys.map { key -> String in
                    let value = config[key]
                    switch key {
                    case "architecture", "cell": return "\"\(key)\": \"\(value.text)\""
                    case "bidirectional": return "\"\(key)\": \(value.flag)"
                    default: return "\"\(key)\": \(value.integer)"
                    }
                }
                try write("{\(keys.joined(separator: ", "))}", folder, "config.json")
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
        try withFolder { folder in
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
        try withFolder { folder in
            #expect(
                message { _ = try ModelFolder.load(from: folder) }.contains(
                    "config.json: cannot be read"))
            try CheckpointFolder.write(to: folder, files: ModelFolder.files(of: tinyModel()))
            #expect(
                message { _ = try ModelFolder.load(SentimentClassifier.self, from: folder) }
                    .contains(
                        "the architecture is \"recurrent\": expected \"sentiment-classifier\""))
            let good = #""cell": "gru", "input_size": 3, "num_layers": 2, "bidirectional": true"#
            for (config, expected) in [
                ("{", "not valid JSON"), ("{}", "\"architecture\" is missing"),
                (
                    #"{"architecture": "perceptron"}"#,
                    "this version knows recurrent, sentiment-classifier"
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
                    "holds 552"
                ),
            ] {
                try write(config, folder, "config.json")
                let found = message { _ = try ModelFolder.load(from: folder) }
                #expect(found.contains(expected) && found.contains("config.json"), "\(found)")
            }
        }
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
            let found = message { _ = try model.run(inputs) }
            #expect(found.contains(expected), "\(found)")
        }
    }
}

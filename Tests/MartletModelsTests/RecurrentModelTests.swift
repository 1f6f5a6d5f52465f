import Foundation
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// The keys of a bare recurrent stack, and its tensors.
@Suite struct RecurrentModelTests {
    private func configuration(_ text: String) throws -> RecurrentModel.Configuration {
        try JSONDecoder().decode(RecurrentModel.Configuration.self, from: Data(text.utf8))
    }

    @Test func layersOfTheirOwnWidthsHaveTheirOwnStates() throws {
        let sizes = try configuration(
            #"{"cell": "lstm", "input_size": 3, "hidden_size": [4, 6], "bidirectional": true, "proj_size": 2}"#
        )
        #expect(sizes.problem == nil && sizes.hiddenSizes == [4, 6] && sizes.projectionSize == 2)
        var random = RandomGenerator(seed: 2)
        let model = RecurrentModel(sizes, using: &random)
        let x = random.normal([2, 5, 3])
        let mask = Tensor([1, 0, 1, 1, 0, 0, 0, 0, 0, 0] as [Int32], shape: [2, 5])
        let outputs = try model.run(["input": x, "mask": mask])
        #expect(
            outputs.mapValues(\.shape) == [
                "output": [2, 5, 4], "h_n_l0": [2, 2, 2], "h_n_l1": [2, 2, 2], "c_n_l0": [2, 2, 4],
                "c_n_l1": [2, 2, 6],
            ])
        // From the state after the first part, the second part gives the same as the whole (forward direction).
        let started = try model.run([
            "input": x, "c0_l1": outputs["c_n_l1"]!, "h0_l0": outputs["h_n_l0"]!,
        ])
        #expect(largestDifference(started["output"]!, outputs["output"]!) > 0)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let all = [
            RecurrentModel.Configuration(
                cell: .lstm, inputSize: 3, hiddenSizes: [5, 4], projectionSize: 2, peephole: true,
                reversed: true, bias: false),
            .init(
                cell: .gruResetFirst, inputSize: 1, hiddenSize: 2, layers: 3, bidirectional: true),
        ]
        for value in all {
            let data = try JSONEncoder().encode(value)
            let again = try JSONDecoder().decode(RecurrentModel.Configuration.self, from: data)
            #expect(try JSONEncoder().encode(again).count == data.count)
            #expect(
                again.hiddenSizes == value.hiddenSizes && again.cell == value.cell
                    && again.projectionSize == value.projectionSize
                    && again.peephole == value.peephole && again.reversed == value.reversed
                    && again.bias == value.bias && again.bidirectional == value.bidirectional)
        }
        #expect(
            try configuration(
                #"{"cell": "gru", "input_size": 1, "hidden_size": 2, "proj_size": 0}"#
            )
            .projectionSize == nil)
    }

    @Test(arguments: [
        (#""cell": "gru", "hidden_size": 4, "proj_size": 2"#, "only an lstm has them"),
        (#""cell": "rnn_tanh", "hidden_size": 4, "peephole": true"#, "only an lstm has them"),
        (#""cell": "lstm", "hidden_size": 4, "proj_size": 4"#, "expected less than hidden_size, 4"),
        (#""cell": "lstm", "hidden_size": []"#, "num_layers is out of range"),
        (#""cell": "lstm", "hidden_size": 4, "num_layers": -1"#, "num_layers is out of range"),
        (#""cell": "lstm", "hidden_size": [4, 0]"#, "hidden_size is 0"),
        (
            #""cell": "lstm", "hidden_size": 4, "reversed": true, "bidirectional": true"#,
            "both true"
        ),
    ])
    func wrongSizesAreNamed(text: String, expected: String) throws {
        let problem = try configuration("{\"input_size\": 3, \(text)}").problem
        #expect(problem?.contains(expected) == true, "\(problem ?? "no problem")")
    }

    @Test func layersAndTheListOfWidthsMustAgree() {
        #expect(throws: DecodingError.self) {
            try configuration(
                #"{"cell": "lstm", "input_size": 3, "hidden_size": [4, 5], "num_layers": 3}"#)
        }
    }

    /// Whatever sizes a configuration claims, only the tensors of the file take memory.
    @Test(arguments: ["int8", "int4"])
    func aQuantizedGiantOnPaperIsRefused(type: String) throws {
        try withTemporaryFolder { folder in
            try write(
                #"{"architecture": "recurrent", "cell": "lstm", "input_size": 1048576, "hidden_size": 1048576, "quantization": "\#(type)"}"#,
                to: "\(folder)/config.json")
            try Safetensors.write(
                [(name: "weight_ih_l0", tensor: .zeros([4, 4]))],
                to: "\(folder)/model.safetensors")
            let text = errorText { _ = try ModelFolder.load(from: folder) }
            #expect(text.contains("\"weight_ih_l0\" is float32 [4, 4]"), "\(text)")
        }
    }
}

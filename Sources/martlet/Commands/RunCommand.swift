import ArgumentParser
import MartletModels
import MartletStore

/// `martlet run`: tensors in, tensors out.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a model on the tensors of a safetensors file.",
        discussion: """
            A bare recurrent stack (config.json with "architecture": "recurrent", cell, input_size, hidden_size, \
            num_layers, bidirectional, reversed, proj_size, peephole) takes input [B, T, D] and, if given, lengths [B], \
            mask [B, T], h0 and c0; it gives output, h_n and, for an LSTM, c_n. Where hidden_size is a list of different \
            widths, the states are h0_l0, h0_l1 … and so on. A speech detector ("architecture": "silero-vad") takes input [B, T], samples at \
            16 kHz, and, if given, context [B, 64], h0 and c0 [B, 128]; it gives probability [B, T / 512], h_n and c_n.
            """)

    @Option(help: "The model's folder.")
    var model: String
    @Option(help: "The safetensors file with the inputs.")
    var input: String
    @Option(help: "The safetensors file to write.")
    var output: String

    func run() throws {
        try Failure.exiting {
            let model = try ModelFolder.load(from: self.model)
            let inputs = try SafetensorsFile(path: input).tensors()
            let outputs = try model.run(inputs)
            try Safetensors.write(
                outputs.sorted { $0.key < $1.key }.map { (name: $0.key, tensor: $0.value) },
                to: output)
        }
    }
}

import ArgumentParser

/// `martlet bench`: how long work of a given shape takes on this machine.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract:
            "Time recurrent layers, a Transformer, attention, a classifier, a language model, an encoder-decoder, a forecaster, a tokenizer, the speech detector, or matrix products of any shape.",
        subcommands: [
            BenchRecurrent.self, BenchTransformer.self, BenchAttention.self,
            BenchClassifier.self, BenchLanguageModel.self, BenchSequenceToSequence.self,
            BenchForecaster.self,
            BenchTokenizer.self, BenchTokenizerTraining.self, BenchMatmul.self, BenchVad.self,
        ])
}

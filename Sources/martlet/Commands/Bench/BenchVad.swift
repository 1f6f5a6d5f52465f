import ArgumentParser
import MartletModels
import MartletTensor

/// `martlet bench vad`: the speech detector's network, chunk by chunk.
///
/// The time does not depend on the weights, so they are random.
struct BenchVad: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vad",
        abstract: "Time the speech detector, a chunk of 32 ms at a time, or many.")

    @Option(help: "Chunks of 32 ms in one call, as where a file is read; 1: as they come live.")
    var chunks = 1
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        if chunks < 1 { throw ValidationError("--chunks is \(chunks): expected at least 1") }
    }

    func run() throws {
        var random = RandomGenerator(seed: flags.seed)
        let steps = SileroVAD.Steps(SileroVAD(.init(), using: &random))
        let samples: [Float] =
            random.uniform([chunks * SileroVAD.chunkSize], in: -0.1...0.1).scalars()
        var state = SileroVAD.State()
        let timing = Timing(seconds: flags.seconds) { _ = steps(samples, state: &state) }
        try BenchResult(
            name: "speech detector, \(chunks) chunks of 32 ms", timing: timing, tokens: chunks,
            flops: Self.flops * Double(chunks)
        ).report(json: flags.json)
    }

    /// Two for each weight and place where it is needed: the transform, the convolutions, the LSTM.
    private static let flops =
        2.0
        * Double(
            258 * 256 * 4 + 128 * 129 * 3 * 4 + 64 * 128 * 3 * 2 + 64 * 64 * 2 + 128 * 64 + 512
                * 256)
}

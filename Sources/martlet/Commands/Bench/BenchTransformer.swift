import ArgumentParser
import MartletModels
import MartletNN
import MartletTensor
import MartletTraining

/// `martlet bench transformer`: a training step of a GPT, or a forward pass of it or of a BERT.
///
/// The same network and steps as the peers' scripts in `Benchmarks`.
struct BenchTransformer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "transformer",
        abstract: "Time a training step or a forward pass of a Transformer of any shape.")

    enum Network: String, ExpressibleByArgument, CaseIterable {
        case gpt, bert
    }

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case train, forward
    }

    @Option(help: "gpt: GPT-2's decoder; bert: an encoder.")
    var model: Network = .gpt
    @Option(help: "Blocks on top of each other.")
    var layers = 6
    @Option(help: "Width of a token's vector.")
    var width = 384
    @Option(help: "Heads.")
    var heads = 6
    @Option(help: "Tokens of a sequence.")
    var context = 256
    @Option(help: "Sequences in the batch.")
    var batch = 8
    @Option(help: "Number of tokens known.")
    var vocabulary = 65
    @Option(help: "Lengths SHORTEST:LONGEST, evenly spaced over the batch, of a bert's sequences.")
    var lengths: LengthRange?
    @Option(
        help:
            "train: forward, loss, backward and an AdamW step on random tokens; forward: without gradients."
    )
    var mode: Mode = .train
    @Option(
        help:
            "float32, or bfloat16: what factors of matrix products are rounded to; or int8 for a bert: what weights are kept in."
    )
    var type: WeightType = .float32
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--layers": layers, "--width": width, "--heads": heads, "--context": context,
            "--batch": batch, "--vocabulary": vocabulary,
        ])
        if width % heads != 0 {
            throw ValidationError("--width is \(width): expected a multiple of --heads, \(heads)")
        }
        try type.check(isTraining: mode == .train)
        if type == .int4 || (type == .int8 && model == .gpt) {
            throw ValidationError(
                "--type is \(type.rawValue): expected float32 or bfloat16, or int8 for --model bert"
            )
        }
        if model == .bert, mode == .train {
            throw ValidationError("--model bert is for --mode forward")
        }
        if model == .gpt, lengths != nil {
            throw ValidationError("--lengths is for --model bert")
        }
    }

    func run() throws {
        var random = RandomGenerator(seed: flags.seed)
        let range = 0..<Int64(vocabulary)
        let time = lengths?.longest ?? context
        let tokens = random.integers([batch, time], in: range).cast(to: .int32)
        let next = random.integers([batch, time], in: range).cast(to: .int32)
        let rows = lengths?.lengths(batch: batch)
        let timing = type.precision.applied {
            self.timing(on: tokens, next, rows, using: &random)
        }
        let count = rows?.reduce(0, +) ?? batch * time
        let name = type == .float32 ? model.rawValue : "\(model.rawValue) \(type.rawValue)"
        try BenchResult(
            name:
                "\(name) \(mode.rawValue), layers \(layers), width \(width), heads \(heads), batch \(batch), vocabulary \(vocabulary), \(count) tokens",
            timing: timing, tokens: count,
            flops: flops(lengths: rows ?? [Int](repeating: time, count: batch))
        ).report(json: flags.json)
    }

    private func timing(
        on tokens: Tensor, _ next: Tensor, _ rows: [Int]?, using random: inout RandomGenerator
    ) -> Timing {
        switch model {
        case .gpt:
            var gpt = GPT2(
                .init(
                    vocabularySize: vocabulary, positions: context, width: width, layers: layers,
                    heads: heads), using: &random)
            var optimizer = AdamW(
                learningRate: 1e-3, betas: (0.9, 0.95), weightDecay: 0.1, decaysVectors: false)
            switch mode {
            case .train:
                return Timing(seconds: flags.seconds) {
                    let (_, gradient) = valueAndGradient(at: gpt) { model in
                        var none: RandomGenerator?
                        return model.loss(tokens, next: next, dropout: &none)
                    }
                    optimizer.update(&gpt, gradient)
                }
            case .forward:
                return Timing(seconds: flags.seconds) { _ = gpt(tokens) }
            }
        case .bert:
            let bert = BERT(
                .init(
                    head: .none, vocabularySize: vocabulary, positions: tokens.shape[1],
                    width: width,
                    innerWidth: 4 * width, layers: layers, heads: heads), using: &random
            ).prepared(InferenceType(rawValue: type.rawValue)!)
            let mask = rows.map(TokenMask.lengths) ?? .all
            return Timing(seconds: flags.seconds) {
                var none: RandomGenerator?
                _ = bert.encode(tokens, mask: mask, dropout: &none)
            }
        }
    }

    /// Two for each weight a token meets and for each number of a score; half the scores are hidden in a decoder.
    private func flops(lengths: [Int]) -> Double {
        let tokens = Double(lengths.reduce(0, +))
        let weights =
            12 * width * width * layers + (model == .gpt ? vocabulary * width : 0)
        let pairs = lengths.reduce(0.0) { $0 + Double($1 * $1) } * (model == .gpt ? 0.5 : 1)
        let forward = 2 * Double(weights) * tokens + 4 * pairs * Double(width * layers)
        return forward * (mode == .train ? 3 : 1)
    }
}

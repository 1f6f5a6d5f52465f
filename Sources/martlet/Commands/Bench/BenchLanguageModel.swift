import ArgumentParser
import MartletModels
import MartletNN
import MartletTensor
import MartletTraining

/// `martlet bench language-model`: a training step of a recurrent language model, or the writing of tokens.
///
/// The same network and steps as the peers' scripts in `Benchmarks`: embedding → recurrent layers → scores of every token.
struct BenchLanguageModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "language-model",
        abstract: "Time a training step of a recurrent language model, or how fast it writes.")

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case train, generate
    }

    @Option(help: "rnn (tanh), rnn_relu, lstm or gru.")
    var cell: CellOption = .lstm
    @Option(help: "Number of tokens.")
    var vocabulary = 100
    @Option(help: "Width of a token's vector.")
    var embedding = 512
    @Option(help: "Width of the state.")
    var hidden = 512
    @Option(help: "Layers on top of each other.")
    var layers = 2
    @Option(help: "Texts side by side in training.")
    var batch = 32
    @Option(help: "Steps of a window in training; tokens written in one repetition.")
    var time = 128
    @Flag(help: "Compare the outputs with the vectors that are read.")
    var tied = false
    @Option(
        help:
            "train: forward, loss, backward, clipping and an SGD step on random tokens, from the state of the step before; generate: one text, each token drawn at temperature 1 and read again."
    )
    var mode: Mode = .train
    @Option(
        help: "What the recurrent matrices are kept in; int8 and int4 are not for training.")
    var type: WeightType = .float32
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--vocabulary": vocabulary, "--embedding": embedding, "--hidden": hidden,
            "--layers": layers, "--batch": batch, "--time": time,
        ])
        try type.check(isTraining: mode == .train, isStepwise: mode == .generate)
    }

    func run() throws {
        let sizes = LanguageModel.Configuration(
            cell: cell.kind, vocabularySize: vocabulary, embeddingSize: embedding,
            hiddenSize: hidden, layers: layers, isTied: tied)
        if let problem = sizes.problem { throw ValidationError(problem) }
        var random = RandomGenerator(seed: flags.seed)
        let model = LanguageModel(sizes, using: &random)
        let timing: Timing
        switch mode {
        case .train:
            timing = type.precision.applied { training(of: model, using: &random) }
        case .generate: timing = writing(of: model, using: &random)
        }
        let tokens = mode == .train ? batch * time : time
        try BenchResult(
            name: name(tokens: tokens), timing: timing, tokens: tokens,
            flops: flops(tokens: tokens)
        ).report(json: flags.json)
    }

    /// Steps of truncated back-propagation: each from the state after the one before.
    private func training(
        of model: LanguageModel, using random: inout RandomGenerator
    ) -> Timing {
        let range = 0..<Int64(vocabulary)
        let tokens = random.integers([batch, time], in: range).cast(to: .int32)
        let next = random.integers([batch, time], in: range).cast(to: .int32)
        var model = model
        var optimizer = SGD(learningRate: 1e-3)
        var state: RecurrentState?
        return Timing(seconds: flags.seconds) {
            var (_, after, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                let (loss, after) = model.loss(tokens, next: next, from: state, dropout: &none)
                return (loss, after)
            }
            state = after.detached
            gradient.clip(norm: 1)
            optimizer.update(&model, gradient)
        }
    }

    /// Tokens one after another, each drawn from the scores after the one before.
    private func writing(of model: LanguageModel, using random: inout RandomGenerator) -> Timing {
        var model = model
        if let type = type.quantized { model = model.quantized(to: type) }
        model = model.prepared
        let sampler = Sampler(temperature: 1)
        var state: RecurrentState?
        var token: Int32 = 0
        return Timing(seconds: flags.seconds) {
            for _ in 0..<time {
                let (scores, after) = model(Tensor([token], shape: [1, 1]), from: state)
                token = Int32(sampler.choose(scores.scalars(as: Float.self), using: &random))
                state = after
            }
        }
    }

    private func name(tokens: Int) -> String {
        let type = type == .float32 ? "" : " \(type.rawValue)"
        let sizes =
            "vocabulary \(vocabulary)\(tied ? ", tied" : ""), embedding \(embedding), hidden \(hidden), layers \(layers)"
        return
            "\(cell.kind.rawValue)\(type) language model \(mode.rawValue), \(sizes), \(tokens) tokens"
    }

    /// Two for each weight a token meets, the embedding as a table not counted; in training three times that.
    private func flops(tokens: Int) -> Double {
        let width = tied ? embedding : hidden
        var weights = vocabulary * width
        if width != hidden { weights += width * hidden }
        for layer in 0..<layers {
            weights +=
                cell.kind.gateCount * hidden * ((layer == 0 ? embedding : hidden) + hidden)
        }
        return 2 * Double(weights) * Double(tokens) * (mode == .train ? 3 : 1)
    }
}

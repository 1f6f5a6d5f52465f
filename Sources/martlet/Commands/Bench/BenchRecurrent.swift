import ArgumentParser
import MartletNN
import MartletTensor
import MartletTraining

/// `martlet bench recurrent`: a training step, a forward pass or a single step of recurrent layers.
struct BenchRecurrent: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recurrent", abstract: "Time recurrent layers of any shape.")

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case train, forward, step, stream
    }

    @Option(help: "rnn (tanh), rnn_relu, lstm or gru.")
    var cell: CellOption = .lstm
    @Option(help: "Sequences in the batch.")
    var batch = 32
    @Option(help: "Steps of a sequence.")
    var time = 128
    @Option(help: "Width of the input.")
    var input = 256
    @Option(help: "Width of the state.")
    var hidden = 512
    @Option(help: "Layers on top of each other.")
    var layers = 1
    @Flag(help: "Read from both ends.")
    var bidirectional = false
    @Option(help: "Lengths SHORTEST:LONGEST, evenly spaced over the batch; replaces --time.")
    var lengths: LengthRange?
    @Option(
        help:
            "train: forward, backward and an SGD step on a mean squared error; forward: without gradients; step: one time step from a kept state; stream: one step of each of --streams streams, batched."
    )
    var mode: Mode = .train
    @Option(
        help:
            "What the matrices are kept in; int8 and int4 are not for training. bfloat16: they are float32, and rounded for products."
    )
    var type: WeightType = .float32
    @Option(help: "Streams of --mode stream.")
    var streams = 1000
    @Option(
        help:
            "Of --mode step and stream: take so many steps, and tell how much memory the process has on the way."
    )
    var steps: Int?
    @Flag(
        help: "In training, run by segments that are computed again for the gradient: less memory.")
    var checkpointed = false
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--batch": batch, "--time": time, "--input": input, "--hidden": hidden,
            "--layers": layers, "--streams": streams, "--steps": steps ?? 1,
        ])
        if steps != nil, !isStepwise {
            throw ValidationError(
                "--steps is for --mode step or stream: the mode is \(mode.rawValue)")
        }
        if checkpointed, mode != .train || bidirectional {
            throw ValidationError("--checkpointed is for --mode train of one direction")
        }
        try type.check(isTraining: mode == .train, isStepwise: isStepwise)
    }

    /// Whether each repetition is one step from a kept state.
    private var isStepwise: Bool { mode == .step || mode == .stream }

    func run() throws {
        var batch = batch
        if mode == .stream { batch = streams }
        var random = RandomGenerator(seed: flags.seed)
        let steps = isStepwise ? 1 : lengths?.longest ?? time
        let rows = isStepwise ? nil : lengths?.lengths(batch: batch)
        let tokens = rows?.reduce(0, +) ?? batch * steps
        var stack = RecurrentStack(
            cell: cell.kind, inputSize: input, hiddenSize: hidden, layers: layers,
            bidirectional: bidirectional, using: &random)
        if let type = type.quantized { stack = stack.quantized(to: type) }
        let x = random.normal([batch, steps, input])
        let target = random.normal([batch, steps, stack.outputSize])
        if let count = self.steps {
            let walk = LongWalk(steps: count, step: step(of: stack, x))
            try walk.report(name: name(batch: batch, tokens: tokens), json: flags.json)
            return
        }
        let timing = type.precision.applied {
            self.timing(of: stack, x, target, rows)
        }
        let result = BenchResult(
            name: name(batch: batch, tokens: tokens), timing: timing, tokens: tokens,
            flops: flops(tokens: tokens)
        )
        try result.report(json: flags.json)
    }

    private func timing(
        of stack: RecurrentStack, _ x: Tensor, _ target: Tensor, _ rows: [Int]?
    ) -> Timing {
        switch mode {
        case .train:
            var model = stack
            var optimizer = SGD(learningRate: 1e-3)
            return Timing(seconds: flags.seconds) {
                let (_, gradient) = valueAndGradient(at: model) { model in
                    checkpointed
                        ? Self.segmentedLoss(model, x, target, rows)
                        : model(x, lengths: rows).output.meanSquaredError(target)
                }
                optimizer.update(&model, gradient)
            }
        case .forward:
            let model = type == .bfloat16 ? stack : stack.prepared
            return Timing(seconds: flags.seconds) { _ = model(x, lengths: rows) }
        case .step, .stream: return Timing(seconds: flags.seconds, step(of: stack, x))
        }
    }

    /// One step of all streams, from where the last one left them.
    private func step(of stack: RecurrentStack, _ x: Tensor) -> () -> Void {
        if mode == .step {
            var stream = stack.stream(batch: x.shape[0])
            return { _ = stream(x) }
        }
        var all = RecurrentStreams(stack)
        let ids = (0..<x.shape[0]).map { _ in all.open() }
        let frames = x.reshaped([x.shape[0], input])
        return { _ = all.step(ids, frames) }
    }

    /// The mean squared error, from the sums of segments.
    private static func segmentedLoss(
        _ model: RecurrentStack, _ x: Tensor, _ target: Tensor, _ lengths: [Int]?
    ) -> Tensor {
        let (sums, _) = model.checkpointed(x, lengths: lengths) { output, steps in
            (output - target.slice(axis: 1, steps)).squared().sum()
        }
        return sums[1...].reduce(sums[0], +) / Double(target.count)
    }

    private func name(batch: Int, tokens: Int) -> String {
        let shape = "batch \(batch), input \(input), hidden \(hidden), layers \(layers)"
        let directions = bidirectional ? ", both directions" : ""
        let type = type == .float32 ? "" : " \(type.rawValue)"
        return
            "\(cell.kind.rawValue)\(type) \(mode.rawValue), \(shape)\(directions), \(tokens) tokens"
    }

    /// Two for each weight a token meets; in training three times that, but for the input's own gradient.
    private func flops(tokens: Int) -> Double {
        var total = 0.0
        for layer in 0..<layers {
            let directions = bidirectional ? 2 : 1
            let width = layer == 0 ? input : hidden * directions
            let gates = cell.kind.gateCount * hidden * directions
            let inputProduct = 2.0 * Double(gates * width)
            let stateProduct = 2.0 * Double(gates * hidden)
            let trained = mode == .train
            total +=
                inputProduct * (trained ? (layer == 0 ? 2 : 3) : 1) + stateProduct
                * (trained ? 3 : 1)
        }
        return total * Double(tokens)
    }
}

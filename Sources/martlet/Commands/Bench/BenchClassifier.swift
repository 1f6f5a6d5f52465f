import ArgumentParser
import MartletModels
import MartletNN
import MartletTensor
import MartletTraining

/// `martlet bench classifier`: a training step of the text classifier's kind of network.
///
/// Embedding → recurrent layer in both directions → the two last states → linear → cross-entropy → Adam: the
/// same network as the peer's script in `Benchmarks`.
struct BenchClassifier: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classifier",
        abstract: "Time a training step of a text classifier: embedding, both directions, Adam.")

    @Option(help: "rnn (tanh), rnn_relu, lstm or gru.")
    var cell: CellOption = .lstm
    @Option(help: "Number of tokens.")
    var vocabulary = 20_000
    @Option(help: "Width of a token's vector.")
    var embedding = 128
    @Option(help: "Width of the state.")
    var hidden = 128
    @Option(help: "Texts in the batch.")
    var batch = 64
    @Option(help: "Lengths SHORTEST:LONGEST, evenly spaced over the batch.")
    var lengths = LengthRange(argument: "10:200")!
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--vocabulary": vocabulary, "--embedding": embedding, "--hidden": hidden,
            "--batch": batch,
        ])
    }

    private struct Network: Module {
        var embedding: Embedding
        var rnn: RecurrentStack
        var output: Linear

        mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            try embedding.forEachParameter(in: "embedding", visit)
            try rnn.forEachParameter(in: "rnn", visit)
            try output.forEachParameter(in: "output", visit)
        }

        func callAsFunction(_ tokens: Tensor, lengths: [Int]) -> Tensor {
            let hidden = rnn(embedding(tokens), lengths: lengths).state.hidden  // [2, B, H]
            return output(
                Tensor.concatenate([hidden.select(axis: 0, 0), hidden.select(axis: 0, 1)], axis: 1))
        }
    }

    func run() throws {
        var random = RandomGenerator(seed: flags.seed)
        let rows = lengths.lengths(batch: batch)
        let steps = lengths.longest
        let rnn = RecurrentStack(
            cell: cell.kind, inputSize: embedding, hiddenSize: hidden, bidirectional: true,
            using: &random)
        var network = Network(
            embedding: Embedding(
                vocabularySize: vocabulary, size: embedding, paddingIndex: 0, using: &random),
            rnn: rnn, output: Linear(inputSize: 2 * hidden, outputSize: 2, using: &random))
        var numbers = [Int32](repeating: 0, count: batch * steps)
        for row in 0..<batch {
            for step in 0..<rows[row] {
                numbers[row * steps + step] = Int32(
                    1 + random.next() % UInt64(max(1, vocabulary - 1)))
            }
        }
        let tokens = Tensor(numbers, shape: [batch, steps])
        let labels = Tensor((0..<batch).map { _ in Int32(random.next() & 1) })
        var optimizer = AdamW.adam(learningRate: 1e-3)
        let timing = Timing(seconds: flags.seconds) {
            let (_, gradient) = valueAndGradient(at: network) { network in
                network(tokens, lengths: rows).softmaxCrossEntropy(labels)
            }
            optimizer.update(&network, gradient)
        }
        let count = rows.reduce(0, +)
        let gates = Double(2 * cell.kind.gateCount * hidden)
        let flops = 6.0 * Double(count) * gates * Double(embedding + hidden)
        try BenchResult(
            name: "\(cell.kind.rawValue) classifier train, batch \(batch), \(count) tokens",
            timing: timing, tokens: count, flops: flops
        ).report(json: flags.json)
    }
}

import ArgumentParser
import MartletTensor

/// `martlet bench attention`: attention alone, forward and backward, forward, or one query beside many keys.
struct BenchAttention: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attention", abstract: "Time scaled dot-product attention of any shape.")

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case train, forward, step
    }

    @Option(help: "Sequences in the batch.")
    var batch = 1
    @Option(help: "Heads of queries.")
    var heads = 6
    @Option(help: "Heads of keys and values, a divisor of --heads (default: as many).")
    var groups: Int?
    @Option(help: "Steps of a sequence.")
    var time = 1024
    @Option(help: "Width of a head.")
    var headWidth = 64
    @Flag(help: "A query sees its own step and those before.")
    var causal = false
    @Option(
        help:
            "train: forward and backward from a given gradient; forward: without gradients; step: one query beside --time keys."
    )
    var mode: Mode = .train
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--batch": batch, "--heads": heads, "--groups": groups ?? 1, "--time": time,
            "--head-width": headWidth,
        ])
        if let groups, heads % groups != 0 {
            throw ValidationError("--groups is \(groups): expected a divisor of --heads, \(heads)")
        }
    }

    func run() throws {
        var random = RandomGenerator(seed: flags.seed)
        let queries = mode == .step ? 1 : time
        func made(_ heads: Int, _ steps: Int) -> Tensor {
            random.normal([batch, steps, heads, headWidth])
        }
        let inputs = [
            made(heads, queries), made(groups ?? heads, time), made(groups ?? heads, time),
        ]
        let gradient = made(heads, queries)
        let mask = causal ? AttentionMask.causal : .all
        func attention(_ parts: [Tensor]) -> Tensor {
            .attention(query: parts[0], key: parts[1], value: parts[2], mask: mask)
        }
        let timing = Timing(seconds: flags.seconds) {
            if mode == .train {
                // A product with the gradient as its sum hands it back as it is.
                _ = valueAndGradients(at: inputs) { (attention($0) * gradient).sum() }
            } else {
                _ = attention(inputs)
            }
        }
        let shape = "\(batch) × \(heads) × \(queries) × \(headWidth)"
        let keys = groups.map { ", \($0) heads of keys" } ?? ""
        try BenchResult(
            name: "attention \(mode.rawValue), \(shape)\(causal ? ", causal" : "")\(keys)",
            timing: timing, tokens: batch * queries, flops: flops(queries: queries)
        ).report(json: flags.json)
    }

    /// Two products forward, five more backward, of two for each pair of steps and number of a head; half the pairs are hidden
    /// by a causal mask.
    private func flops(queries: Int) -> Double {
        let pairs = Double(queries * time) * (causal && queries > 1 ? 0.5 : 1)
        let product = 2 * pairs * Double(batch * heads * headWidth)
        return product * (mode == .train ? 7 : 2)
    }
}

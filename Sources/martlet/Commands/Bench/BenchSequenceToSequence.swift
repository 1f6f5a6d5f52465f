import ArgumentParser
import MartletModels
import MartletNN
import MartletTensor
import MartletTraining

/// `martlet bench seq2seq`: a training step of an encoder-decoder, or what it writes by beam search.
///
/// The same networks and steps as the peers' scripts in `Benchmarks`.
struct BenchSequenceToSequence: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seq2seq",
        abstract: "Time a training step of an encoder-decoder, or beam search with it.")

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case train, translate
    }

    @Option(help: "lstm, gru or transformer.")
    var model: SequenceToSequenceKind = .lstm
    @Option(help: "How an LSTM or GRU looks at what was read: bahdanau, luong or none.")
    var attention: AttentionChoice = .luong
    @Option(help: "Number of tokens of each side.")
    var vocabulary = 8000
    @Option(help: "Width of a token's vector, of an LSTM or GRU.")
    var embedding = 256
    @Option(help: "Units of a layer, in each direction of the encoder; a Transformer's width.")
    var hidden = 256
    @Option(help: "Layers of the encoder, and of the decoder.")
    var layers = 1
    @Option(help: "Heads of a Transformer.")
    var heads = 4
    @Option(help: "Lengths SHORTEST:LONGEST of both sides, evenly spaced over the batch.")
    var lengths = LengthRange(argument: "20:28")!
    @Option(help: "Pairs in the batch.")
    var batch = 128
    @Option(
        help: """
            train: forward, cross-entropy, backward, clipping and an AdamW step on random tokens; translate: beam search, each \
            answer as long as the longest source.
            """)
    var mode: Mode = .train
    @Option(
        help: """
            What matrices are kept in for beam search: float32, bfloat16 or int8; in training what products are computed in: \
            float32 or bfloat16.
            """)
    var type: InferenceType = .float32
    @Option(help: "Beginnings that are gone on with at each step of beam search.")
    var beam = 5
    @Option(help: "Sources of one repetition of beam search; --batch of them side by side.")
    var sentences = 128
    @OptionGroup var flags: BenchFlags

    func validate() throws {
        try BenchFlags.check(sizes: [
            "--vocabulary": vocabulary, "--embedding": embedding, "--hidden": hidden,
            "--layers": layers, "--heads": heads, "--batch": batch, "--beam": beam,
            "--sentences": sentences,
        ])
        if vocabulary < 8 {
            throw ValidationError("--vocabulary is \(vocabulary): expected at least 8")
        }
        if type == .int8, mode == .train {
            throw ValidationError("--type is int8: expected float32 or bfloat16 for --mode train")
        }
        try type.check()
        if beam > 256 { throw ValidationError("--beam is \(beam): expected 1 … 256") }
        if let problem = transformer.problem, model == .transformer {
            throw ValidationError(problem)
        }
    }

    private var transformer: Transformer.Configuration {
        Transformer.Configuration(
            sourceVocabularySize: vocabulary, vocabularySize: vocabulary, width: hidden,
            innerWidth: 4 * hidden, heads: heads, layers: layers, dropout: 0)
    }

    func run() throws {
        var random = RandomGenerator(seed: flags.seed)
        if model == .transformer {
            try time(Transformer(transformer, using: &random), using: &random) { model in
                var none: RandomGenerator?
                return { batch in
                    model.loss(
                        source: batch.source, mask: batch.mask, target: batch.target,
                        next: batch.next, dropout: &none)
                }
            }
            return
        }
        let sizes = RecurrentSequenceToSequence.Configuration(
            cell: model == .gru ? .gru : .lstm, attention: attention.kind,
            sourceVocabularySize: vocabulary, vocabularySize: vocabulary, embeddingSize: embedding,
            hiddenSize: hidden, encoderLayers: layers, decoderLayers: layers)
        if let problem = sizes.problem { throw ValidationError(problem) }
        try time(RecurrentSequenceToSequence(sizes, using: &random), using: &random) { model in
            var none: RandomGenerator?
            return { batch in
                model.loss(
                    source: batch.source, mask: batch.mask, target: batch.target, next: batch.next,
                    dropout: &none)
            }
        }
    }

    /// Random pairs side by side.
    private struct Pairs {
        var sources: [[Int32]]
        var source, target, next: Tensor
        var mask: TokenMask
        /// Real tokens that are read or written.
        var count: Int
    }

    private func pairs(using random: inout RandomGenerator) -> Pairs {
        let rows = lengths.lengths(batch: batch)
        func texts() -> [[Int32]] {
            rows.map {
                random.integers([$0], in: 4..<Int64(vocabulary)).cast(to: .int32).scalars()
            }
        }
        func tensor(_ rows: [[Int32]], padding: Int32) -> Tensor {
            Tensor(
                rows.flatMap {
                    $0 + [Int32](repeating: padding, count: lengths.longest - $0.count)
                }, shape: [rows.count, lengths.longest])
        }
        let (read, written) = (texts(), texts())
        return Pairs(
            sources: read, source: tensor(read, padding: 0),
            target: tensor(written.map { [2] + $0.dropLast() }, padding: 0),
            next: tensor(written, padding: -100), mask: .lengths(rows),
            count: 2 * rows.reduce(0, +))
    }

    private func time<Network: SequenceToSequenceModel & QuantizableModel>(
        _ network: Network, using random: inout RandomGenerator,
        loss: @escaping (Network) -> (Pairs) -> Tensor
    ) throws {
        let pairs = pairs(using: &random)
        let (timing, count): (Timing, Int)
        switch mode {
        case .train:
            var network = network
            var optimizer = AdamW(learningRate: 1e-3, weightDecay: 0.01)
            let precision: ProductPrecision = type == .bfloat16 ? .bfloat16 : .float32
            timing = precision.applied {
                Timing(seconds: flags.seconds) {
                    var (_, gradient) = valueAndGradient(at: network) { loss($0)(pairs) }
                    gradient.clip(norm: 1)
                    optimizer.update(&network, gradient)
                }
            }
            count = pairs.count
        case .translate:
            let sources = (0..<sentences).map { pairs.sources[$0 % batch] }
            var search = BeamSearch(beginning: 2, end: 3)
            search.width = beam
            search.lengthPenalty = .length()
            (search.minimumLength, search.maximumLength) = (lengths.longest, lengths.longest)
            search.keepsAttention = false
            let ready = (type == .int8 ? network.quantized(to: .int8) : network).prepared(type)
            _ = try search(ready, reading: Array(sources.prefix(1)), batchSize: batch)
            timing = Timing(seconds: flags.seconds) {
                _ = try! search(ready, reading: sources, batchSize: batch)
            }
            count = sentences * lengths.longest
        }
        try BenchResult(
            name: name, timing: timing, tokens: count, flops: flops(network)
        ).report(json: flags.json)
    }

    private var name: String {
        let kind =
            model == .transformer ? "transformer" : "\(model.rawValue), \(attention.rawValue)"
        return
            "\(kind) \(mode.rawValue), vocabulary \(vocabulary), hidden \(hidden), layers \(layers), batch \(batch)\(mode == .translate || type != .float32 ? ", \(type.rawValue)" : "")\(mode == .translate ? ", beam \(beam), \(sentences) sentences" : "")"
    }

    /// Two for each weight that a real token meets, the tables of vectors not counted; in training three times that.
    private func flops(_ network: some SequenceToSequenceModel) -> Double {
        var reading = 0.0
        var writing = 0.0
        for (name, tensor) in network.parameters where tensor.rank == 2 {
            let isScores =
                name == "output.weight" || name == "target.weight" && model == .transformer
            guard isScores || !["source.weight", "target.weight"].contains(name) else { continue }
            if name.hasPrefix("encoder") || name == "attention.key.weight" {
                reading += Double(tensor.count)
            } else {
                writing += Double(tensor.count)
            }
        }
        switch mode {
        case .train:
            return 6 * (reading + writing) * Double(lengths.lengths(batch: batch).reduce(0, +))
        case .translate:
            let read = (0..<sentences).reduce(0) { $0 + lengths.lengths(batch: batch)[$1 % batch] }
            return 2 * reading * Double(read)
                + 2 * writing * Double(sentences * beam * lengths.longest)
        }
    }
}

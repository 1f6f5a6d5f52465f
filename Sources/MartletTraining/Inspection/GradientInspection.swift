public import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor

/// Measures how gradients flow through fresh cells, or through the model of a folder.
public enum GradientInspection {
    /// Inspects fresh cells on random inputs.
    ///
    /// - Throws: `ModelError` where the states overflow.
    public static func cells(_ options: GradientOptions) throws -> GradientReport {
        var random = RandomGenerator(seed: options.seed, stream: 2)
        let x = random.normal([options.batch, options.time, options.input])
        let lengths = Array(repeating: options.time, count: options.batch)
        let networks = try options.cells.map { cell in
            try network(
                cell.rawValue, options.stack(cell), x, lengths, options.loss, seed: options.seed)
        }
        var settings = [
            setting("steps", options.time), setting("sequences", options.batch),
            setting("units", options.hidden), setting("inputs", options.input),
            setting("layers", options.layers), setting("scale", options.scale),
            setting("init", options.start.rawValue),
        ]
        if options.keepBias != 0 { settings.append(setting("keep-bias", options.keepBias)) }
        settings.append(setting("seed", options.seed))
        return GradientReport(
            title: "Gradients through \(options.time) steps", settings: settings,
            loss: options.loss.rawValue, networks: networks)
    }

    /// Inspects the model of a folder.
    ///
    /// - Parameters:
    ///   - folder: a bare recurrent stack, a text classifier, or a language model.
    ///   - data: labelled texts for a classifier; running text for a language model; a safetensors file with `input [B, T, D]` (and `lengths [B]`) for a bare
    ///     stack, where nil stands for normal random inputs.
    ///   - columns: the columns of labelled texts.
    ///   - options: of these, the time, the batch, the loss (not of a classifier) and the seed (of a bare stack).
    /// - Throws: `ModelError`, `StoreError`, `DataError`, `TokenizerError` or ``TrainingError``: what is wrong, where, and what
    ///   to do.
    public static func model(
        _ folder: String, data: String?, columns: TextColumns = TextColumns(),
        options: GradientOptions
    ) throws -> GradientReport {
        let loaded = try ModelFolder.load(from: folder)
        guard loaded is RecurrentModel || loaded is SentimentClassifier || loaded is LanguageModel,
            let model = loaded as? any QuantizableModel
        else {
            throw ModelError(
                "\(folder): the architecture is \"\(try ModelFolder.architecture(of: folder))\": gradients can be inspected of recurrent, sentiment-classifier and recurrent-language-model"
            )
        }
        if let type = model.quantization {
            throw ModelError(
                "\(folder): is quantised to \(type.rawValue), and no gradient passes through that; give the model it came from"
            )
        }
        if let (name, _) = model.parameters.first(where: { !$0.tensor.isAllFinite }) {
            throw ModelError(
                "\(folder): tensor \"\(name)\" holds a number that is NaN or infinite: expected finite ones; take a checkpoint from before it broke"
            )
        }
        if let classifier = model as? SentimentClassifier {
            return try texts(classifier, folder, data, columns, options)
        }
        if let language = model as? LanguageModel {
            return try self.language(language, folder, data, options)
        }
        return try bare(model as! RecurrentModel, folder, data, options)
    }

    static func setting(_ name: String, _ value: some CustomStringConvertible)
        -> GradientReport.Setting
    {
        .init(name: name, value: "\(value)")
    }

    /// Measures one stack with a loss of random directions.
    private static func network(
        _ name: String, _ stack: RecurrentStack, _ x: Tensor, _ lengths: [Int],
        _ loss: InspectedLoss, seed: UInt64
    ) throws -> GradientReport.Network {
        var random = RandomGenerator(seed: seed, stream: 3)
        let weights = loss.weights(stack, lengths: lengths, time: x.shape[1], using: &random)
        let flow = GradientFlow.measure(stack, input: x, lengths: lengths) {
            ($0 * weights).sum()
        }
        return try network(name, stack, flow, loss.rawValue, lengths)
    }

    static func network(
        _ name: String, _ stack: RecurrentStack, _ flow: GradientFlow, _ loss: String,
        _ lengths: [Int]
    ) throws -> GradientReport.Network {
        guard flow.loss.isFinite else {
            throw ModelError(
                "\(name): the states grow beyond every number within these steps, before any gradient: take smaller weights (--scale) or fewer steps (--time)"
            )
        }
        return GradientReport.Network(
            name: name, cell: stack.cell,
            parts: flow.paths.map { path in
                let weights = stack.weights[path.layer][
                    path.isReverse && stack.isBidirectional ? 1 : 0]
                return GradientReport.Part(
                    path, spectra: RecurrentSpectrum.all(of: weights, cell: stack.cell), loss: loss,
                    lengths: lengths)
            })
    }

    /// A bare stack on inputs from a file, or random ones.
    private static func bare(
        _ model: RecurrentModel, _ folder: String, _ data: String?, _ options: GradientOptions
    ) throws -> GradientReport {
        let width = model.configuration.inputSize
        var (x, lengths): (Tensor, [Int])
        if let data {
            let file = try SafetensorsFile(path: data)
            x = try file.tensor("input").cast(to: .float32)
            guard x.rank == 3, x.shape[2] == width, x.shape[0] > 0, x.shape[1] > 0 else {
                throw ModelError(
                    "\(data): tensor \"input\" has the shape \(x.shape): expected [any, any, \(width)]"
                )
            }
            guard x.isAllFinite else {
                throw ModelError("\(data): tensor \"input\" holds a number that is NaN or infinite")
            }
            lengths = Array(repeating: x.shape[1], count: x.shape[0])
            if file.names.contains("lengths") {
                let tensor = try file.tensor("lengths")
                let own = tensor.cast(to: .int64).scalars(as: Int64.self).map(Int.init)
                guard own.count == lengths.count, own.allSatisfy({ 0...x.shape[1] ~= $0 }) else {
                    throw ModelError(
                        "\(data): tensor \"lengths\" is \(own): expected \(lengths.count) numbers, each 0 … \(x.shape[1])"
                    )
                }
                lengths = own
            }
        } else {
            var random = RandomGenerator(seed: options.seed, stream: 2)
            x = random.normal([options.batch, options.time, width])
            lengths = Array(repeating: options.time, count: options.batch)
        }
        let (rows, steps) = (min(x.shape[0], options.batch), min(x.shape[1], options.time))
        var settings = [
            setting("model", folder), setting("data", data ?? "normal random inputs"),
            setting("steps", data == nil ? "\(steps)" : "\(steps) of \(x.shape[1])"),
            setting("sequences", data == nil ? "\(rows)" : "\(rows) of \(x.shape[0])"),
        ]
        settings.append(setting("seed", options.seed))
        x = x.slice(axis: 0, 0..<rows).slice(axis: 1, 0..<steps).contiguous()
        lengths = lengths.prefix(rows).map { min($0, steps) }
        try check(time: steps, batch: rows, model.stack)
        return GradientReport(
            title: "Gradients through \(lastPart(of: folder))", settings: settings,
            loss: options.loss.rawValue,
            networks: [
                try network(
                    model.configuration.cell.rawValue, model.stack, x, lengths, options.loss,
                    seed: options.seed)
            ])
    }

    /// A classifier on labelled texts, with its own loss on each.
    private static func texts(
        _ model: SentimentClassifier, _ folder: String, _ data: String?, _ columns: TextColumns,
        _ options: GradientOptions
    ) throws -> GradientReport {
        guard let data else {
            throw ModelError(
                "\(folder): is a text classifier, whose loss needs labelled texts: give them with --data"
            )
        }
        guard let rnn = model.rnn else {
            throw ModelError(
                "\(folder): is a \(model.configuration.network.rawValue): expected recurrent layers, whose states gradients go back through"
            )
        }
        let classifier = try TextClassifier(contentsOf: folder)
        let dataset = try TextDataset.read(data, columns: columns, labels: classifier.labels)
        let isOwn = RunRecord.read(from: folder)?.data.sha256 == dataset.sha256
        let all = LabelledSequences(
            isOwn ? dataset.split().test : dataset.examples, classifier.tokenizer)
        let fitting = all.sequences.indices.filter {
            (1...options.time).contains(all.sequences[$0].count)
        }
        let chosen = Array(fitting.prefix(options.batch))
        guard !chosen.isEmpty else {
            throw TrainingError.tooLittleData(
                "\(data): none of \(all.sequences.count) texts has 1 … \(options.time) tokens: take a larger --time"
            )
        }
        let batch = TokenBatch(chosen.map { all.sequences[$0] })
        try check(time: batch.tokens.shape[1], batch: chosen.count, rnn)
        let exact = model.mapParameters { _, tensor in tensor.cast(to: .float64) }
        let vectors = exact.vectors(batch.tokens, batch.nGrams)
        let truth = Tensor(chosen.map { all.labels[$0] })
        let flow = GradientFlow.measure(rnn, input: vectors, lengths: batch.lengths) {
            exact.scores(states: $0, vectors: vectors, lengths: batch.lengths)
                .softmaxCrossEntropy(truth, reduction: .sum)
        }
        return GradientReport(
            title: "Gradients through \(lastPart(of: folder))",
            settings: [
                setting("model", folder), setting("data", data),
                setting(
                    "texts",
                    "\(chosen.count) of \(Decimals.grouped(all.sequences.count))\(isOwn ? " for testing" : "") (\(Decimals.grouped(fitting.count)) have at most \(options.time) tokens)"
                ),
                setting("tokens", batch.lengths.reduce(0, +)),
                setting("loss", Decimals.fixed(flow.loss / Double(chosen.count), 3)),
            ], loss: "own",
            networks: [
                try network(
                    model.configuration.cell.rawValue, rnn, flow, "own", batch.lengths)
            ])
    }

    static func check(time: Int, batch: Int, _ stack: RecurrentStack) throws {
        let units = stack.hiddenSizes.reduce(0, +) * stack.directionCount
        if let problem = GradientOptions.problem(time: time, batch: batch, units: units) {
            throw ModelError(problem)
        }
    }

    static func lastPart(of path: String) -> String {
        path.split(separator: "/").last.map(String.init) ?? path
    }
}

extension Tensor {
    /// Whether no element is NaN or infinite.
    var isAllFinite: Bool {
        !dtype.isFloatingPoint
            || cast(to: .float32).scalars(as: Float.self).allSatisfy { $0.isFinite }
    }
}

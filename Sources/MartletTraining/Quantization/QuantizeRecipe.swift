public import MartletData
import MartletModels
import MartletNN
import MartletStore
public import MartletTensor
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Keeps a model's matrices in 8 or 4 bits, and says what that saves and costs.
public struct QuantizeRecipe: Sendable {
    /// The folder of the model.
    public var model: String
    /// How to keep the matrices.
    public var type: QuantizedType
    /// The folder to write.
    public var out: String
    /// What to compare both models on: labelled texts for a classifier, running text for a language model, texts, a line each, for an
    /// encoder of texts (the first 1,000), pairs of texts for a model that writes one for another, a safetensors file with inputs for others; nil: normal random inputs for a bare recurrent stack,
    /// else nothing.
    public var data: String?
    /// The columns of labelled texts.
    public var columns: TextColumns

    /// A recipe of these parts.
    public init(
        model: String, type: QuantizedType, out: String, data: String? = nil,
        columns: TextColumns = TextColumns()
    ) {
        self.model = model
        self.type = type
        self.out = out
        self.data = data
        self.columns = columns
    }

    /// Quantises, compares and writes.
    ///
    /// - Throws: `ModelError`, `StoreError`, `DataError` or ``TrainingError``: what is wrong, where, and what to do.
    public func run() throws -> QuantizationReport {
        let loaded = try ModelFolder.load(from: model)
        guard let whole = loaded as? any QuantizableModel else {
            throw ModelError(
                "\(model): a model of this architecture cannot be quantised: expected one of \(Self.known)"
            )
        }
        if let classifier = whole as? SentimentClassifier, classifier.rnn == nil {
            throw ModelError(
                "\(model): is a \(classifier.configuration.network.rawValue): expected recurrent layers, whose matrices are kept in fewer bits"
            )
        }
        if let type = whole.quantization {
            throw ModelError(
                "\(model): is quantised to \(type.rawValue) already; give the model it came from")
        }
        guard Swift.type(of: whole).quantizedTypes.contains(type) else {
            throw ModelError(
                "\(model): a \(try ModelFolder.architecture(of: model)) is not kept in \(type.rawValue): give --type \(Swift.type(of: whole).quantizedTypes.map(\.rawValue).joined(separator: " or "))"
            )
        }
        if out == model {
            throw ModelError("\(out): is the model's own folder; choose another one for --out")
        }
        return try run(whole)
    }

    private func run<M: QuantizableModel>(_ whole: M) throws -> QuantizationReport {
        if let (name, _) = whole.parameters.first(where: { !$0.tensor.isAllFinite }) {
            throw ModelError(
                "\(model): tensor \"\(name)\" holds a number that is NaN or infinite: expected finite ones; take a checkpoint from before it broke"
            )
        }
        let small = whole.quantized(to: type)
        var report = QuantizationReport(
            type: type, bytes: .init(before: Self.bytes(of: whole), after: Self.bytes(of: small)))
        if let classifier = whole as? SentimentClassifier {
            try compare(classifier, small as! SentimentClassifier, &report)
        } else if let language = whole as? LanguageModel {
            try compare(language, small as! LanguageModel, &report)
        } else if let writer = whole as? any SequenceToSequenceModel & QuantizableModel {
            try compareAnswers(writer, small as! any SequenceToSequenceModel, &report)
        } else if let encoder = whole as? BERT {
            try compare(encoder, small as! BERT, &report)
        } else {
            try compareOutputs(whole, small, &report)
        }
        var files = try ModelFolder.files(of: small)
        for name in Self.otherFiles {
            let path = CheckpointFolder.resolve(model, name)
            if let data = FileManager.default.contents(atPath: path) {
                files.append((name, .bytes(Array(data))))
            }
        }
        try CheckpointFolder.write(to: out, files: files)
        try copyPooling()
        return report
    }

    /// What can be quantised.
    private static var known: String {
        func name<M: Model>(_ type: M.Type) -> String { M.Configuration.architecture }
        return ModelFolder.architectures.filter { $0 is any QuantizableModel.Type }
            .map { name($0) }.joined(separator: ", ")
    }

    /// What stands beside a model and its configuration.
    private static let otherFiles = [
        "tokenizer.json", "source_tokenizer.json", "target_tokenizer.json", "training.json",
    ]

    /// What a sentence encoder's folder says of pooling stands in a folder of its own.
    private func copyPooling() throws {
        let from = CheckpointFolder.resolve(model, SentenceEncoder.poolingFile)
        guard let data = FileManager.default.contents(atPath: from) else { return }
        let path = "\(out)/\(SentenceEncoder.poolingFile)"
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        try FileManager.default.createDirectory(
            atPath: folder.joined(separator: "/"), withIntermediateDirectories: true)
        try data.write(to: URL(fileURLWithPath: path))
    }

    private static func bytes(of model: some Model) -> Int {
        model.parameters.reduce(0) { $0 + $1.tensor.count * $1.tensor.dtype.byteCount }
    }

    /// Accuracy on labelled texts; of the data that the classifier was trained on, on the test part.
    private func compare(
        _ whole: SentimentClassifier, _ small: SentimentClassifier,
        _ report: inout QuantizationReport
    ) throws {
        guard let data else { return }
        var classifier = try TextClassifier(contentsOf: model)
        let dataset = try TextDataset.read(data, columns: columns, labels: classifier.labels)
        let isOwn = RunRecord.read(from: model)?.data.sha256 == dataset.sha256
        let examples = isOwn ? dataset.split().test : dataset.examples
        guard !examples.isEmpty else {
            throw TrainingError.tooLittleData("\(data): no texts to compare the models on")
        }
        func judge(_ model: SentimentClassifier) -> [Int] {
            classifier.model = model
            return classifier.probabilities(examples.map(\.text)).map { row in
                row.indices.max { row[$0] < row[$1] } ?? 0
            }
        }
        report.take((judge(whole), judge(small)), truth: examples.map(\.label))
        report.milliseconds = Self.inTurns({ _ = judge(whole) }, { _ = judge(small) })
    }

    /// Perplexity on running text; of the text that the model was trained on, on the test part.
    private func compare(
        _ whole: LanguageModel, _ small: LanguageModel, _ report: inout QuantizationReport
    ) throws {
        guard let data else { return }
        let tokenizer = try TextGenerator(contentsOf: model).tokenizer
        let text = try LanguageModelEvaluation.Text(data, .auto, model: model, tokenizer)
        func perplexity(_ model: LanguageModel) -> Double {
            model.scores(on: text.tokens, characters: text.characters).perplexity
        }
        report.tokens = text.tokens.count - 1
        report.perplexity = .init(before: perplexity(whole), after: perplexity(small))
        // Token by token, as a text is written; the begin tells how long that takes.
        let begin = text.tokens.prefix(256)
        func read(_ model: LanguageModel) -> () -> Void {
            let model = model.prepared
            return {
                var state: RecurrentState?
                for token in begin {
                    state = model(Tensor([token], shape: [1, 1]), from: state).state
                }
            }
        }
        report.milliseconds = Self.inTurns(read(whole), read(small))
    }

    /// Accuracy on labelled texts of an encoder with classes, as of a classifier; of one without how close the vectors of texts, a
    /// line each, are to what they were.
    private func compare(
        _ whole: BERT, _ small: BERT, _ report: inout QuantizationReport
    ) throws {
        guard let data else { return }
        var encoder = try SentenceEncoder(contentsOf: model)
        encoder.model = whole.prepared(.float32)
        encoder.isNormalized = true
        var second = encoder
        second.model = small.prepared(.int8)
        if whole.configuration.head == .classes {
            let labels = whole.configuration.classNames
            let dataset = try TextDataset.read(data, columns: columns, labels: labels)
            let isOwn =
                EncoderClassifierRecord.read(from: model)?.data.sha256 == dataset.sha256
            let examples = isOwn ? dataset.split().test : dataset.examples
            guard !examples.isEmpty else {
                throw TrainingError.tooLittleData("\(data): no texts to compare the models on")
            }
            let tokens = try encoder.tokens(of: examples.map(\.text), truncates: true).tokens
            let judges = (EncoderClassifier(encoder), EncoderClassifier(second))
            func answers(_ judge: EncoderClassifier) -> [Int] {
                judge.probabilities(tokens: tokens).map(\.likeliest)
            }
            report.take((answers(judges.0), answers(judges.1)), truth: examples.map(\.label))
            report.milliseconds = Self.inTurns(
                { _ = answers(judges.0) }, { _ = answers(judges.1) })
            return
        }
        let texts = try TextCorpus.read([data]).text.split(separator: "\n").prefix(1000)
            .map(String.init)
        let tokens = try encoder.tokens(of: texts, truncates: true).tokens
        let cosines = (encoder.embed(tokens: tokens) * second.embed(tokens: tokens))
            .sum(axis: 1).scalars(as: Float.self).map(Double.init)
        report.examples = texts.count
        report.cosine = .init(
            mean: cosines.reduce(0, +) / Double(cosines.count), least: cosines.min() ?? 0)
        report.milliseconds = Self.inTurns(
            { _ = encoder.embed(tokens: tokens) }, { _ = second.embed(tokens: tokens) })
    }

    /// What is written for the sources of pairs, by beam search; of the pairs that the model was trained on, of the test part.
    private func compareAnswers(
        _ whole: any SequenceToSequenceModel, _ small: any SequenceToSequenceModel,
        _ report: inout QuantizationReport
    ) throws {
        guard let data else { return }
        let translator = try Translator(contentsOf: model)
        let record = SequenceToSequenceRecord.read(from: model)
        let pairs: [TextPair]
        if let record, record.data.source.training == data, record.data.source.test == nil {
            pairs = try SequenceToSequenceRecipe.split(of: record).test
        } else {
            let keys = record?.data.source ?? SequenceToSequenceData(training: data)
            pairs = try PairCorpus.read(
                data, keys: PairKeys(source: keys.sourceKey, target: keys.targetKey)
            ).pairs
        }
        var references: [String: [String]] = [:]
        for pair in pairs { references[pair.source, default: []].append(pair.target) }
        let sources = references.keys.sorted()
        guard !sources.isEmpty else {
            throw TrainingError.tooLittleData("\(data): no pairs to compare the models on")
        }
        func answers(_ model: any SequenceToSequenceModel, _ texts: [String]) throws -> [String] {
            try translator.with(model).translate(texts).map { $0.answers.first?.text ?? "" }
        }
        let (before, after) = (try answers(whole, sources), try answers(small, sources))
        let metrics = [.chrf] + (record.map { [$0.options.judgedBy] } ?? []).filter { $0 != .chrf }
        report.sources = sources.count
        report.scores = try metrics.map { metric in
            func score(_ texts: [String]) throws -> PairMetric.Score {
                metric.score(
                    of: try ParallelTexts(
                        hypotheses: texts, references: sources.map { references[$0]! }))
            }
            return .init(before: try score(before), after: try score(after))
        }
        report.sameAnswers =
            Double(zip(before, after).count { $0 == $1 }) / Double(sources.count)
        let some = Array(sources.prefix(64))
        let (first, second) = (translator.with(whole), translator.with(small))
        report.milliseconds = try Self.inTurns(
            { _ = try first.translate(some) }, { _ = try second.translate(some) })
    }

    /// How far the outputs are apart on given inputs.
    private func compareOutputs<M: QuantizableModel>(
        _ whole: M, _ small: M, _ report: inout QuantizationReport
    ) throws {
        let inputs: [String: Tensor]
        if let data {
            inputs = try SafetensorsFile(path: data).tensors()
        } else if let recurrent = whole as? RecurrentModel {
            var random = RandomGenerator(seed: 0)
            inputs = ["input": random.normal([1, 64, recurrent.configuration.inputSize])]
        } else {
            return
        }
        let (exact, found) = (try whole.run(inputs), try small.run(inputs))
        var (error, size) = (0.0, 0.0)
        for (name, tensor) in exact {
            error += (tensor - found[name]!).squared().sum().item
            size += tensor.squared().sum().item
        }
        report.relativeError = size > 0 ? (error / size).squareRoot() : 0
        report.milliseconds = try Self.inTurns(
            { _ = try whole.run(inputs) }, { _ = try small.run(inputs) })
    }

    /// The median times of two pieces of work, in turns: three times at least, for a second.
    private static func inTurns(
        _ first: () throws -> Void, _ second: () throws -> Void
    ) rethrows -> QuantizationReport.Pair<Double> {
        let clock = ContinuousClock()
        var times: ([Double], [Double]) = ([], [])
        let end = clock.now + .seconds(1)
        while times.0.count < 3 || clock.now < end && times.0.count < 200 {
            func time(_ body: () throws -> Void) rethrows -> Double {
                let begin = clock.now
                try body()
                return (clock.now - begin) / .milliseconds(1)
            }
            times.0.append(try time(first))
            times.1.append(try time(second))
        }
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        return .init(before: median(times.0), after: median(times.1))
    }
}

/// What keeping a model in fewer bits saves and costs.
public struct QuantizationReport: Codable, Sendable {
    /// A figure before and after.
    public struct Pair<Value: Codable & Sendable>: Codable, Sendable {
        /// Of the model as it was.
        public var before: Value
        /// Of the quantised one.
        public var after: Value
    }

    /// How close vectors are to others.
    public struct Cosine: Codable, Sendable {
        /// On average.
        public var mean: Double
        /// At least.
        public var least: Double
    }

    /// How the matrices are kept.
    public var type: QuantizedType
    /// Bytes of all parameters.
    public var bytes: Pair<Int>
    /// The time of answering the data once (of pairs the first 64 sources), or of reading the first 256 tokens of a text one by one;
    /// in turns, median.
    public var milliseconds: Pair<Double>?
    /// How many texts the models were compared on.
    public var examples: Int?
    /// How many sources models that write were compared on.
    public var sources: Int?
    /// The scores of what they wrote.
    public var scores: [Pair<PairMetric.Score>]?
    /// How many tokens of running text language models were compared on.
    public var tokens: Int?
    /// How uncertain language models are about them; see ``LanguageModelScores/perplexity``.
    public var perplexity: Pair<Double>?
    /// The share of right answers.
    public var accuracy: Pair<Double>?
    /// The share of texts to which both give the same answer.
    public var sameAnswers: Double?
    /// Of encoders of texts, the products of the vectors before and after, each 1 long.
    public var cosine: Cosine?
    /// The root mean square of the outputs' errors beside that of the outputs.
    public var relativeError: Double?

    enum CodingKeys: String, CodingKey {
        case type, bytes, milliseconds, examples, accuracy, tokens, perplexity, sources, scores,
            cosine
        case sameAnswers = "same_answers"
        case relativeError = "relative_error"
    }

    /// The figures of answers before and after to texts with known labels.
    fileprivate mutating func take(_ answers: ([Int], [Int]), truth: [Int]) {
        func share(_ first: [Int], _ second: [Int]) -> Double {
            Double(zip(first, second).count { $0 == $1 }) / Double(max(1, truth.count))
        }
        examples = truth.count
        accuracy = .init(before: share(answers.0, truth), after: share(answers.1, truth))
        sameAnswers = share(answers.0, answers.1)
    }
}

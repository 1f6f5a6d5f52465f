import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

extension QuantizeRecipe {
    /// Accuracy on labelled texts; of the data that the classifier was trained on, on the test part.
    func compare(
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
            return classifier.probabilities(examples.map(\.text)).map(\.likeliest)
        }
        report.take((judge(whole), judge(small)), truth: examples.map(\.label))
        report.milliseconds = Self.inTurns({ _ = judge(whole) }, { _ = judge(small) })
    }

    /// Perplexity on running text; of the text that the model was trained on, on the test part.
    func compare(
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
    func compare(
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
    func compareAnswers(
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
    func compareOutputs<M: QuantizableModel>(
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

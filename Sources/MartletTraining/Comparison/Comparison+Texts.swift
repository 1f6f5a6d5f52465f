import MartletData
import MartletModels
import MartletNN
import MartletTensor
import MartletText

/// The tasks on texts: the recipes of `martlet train`, small.
extension Comparison {
    /// Reads the texts once, so that a mistake in them is known before hours of other work.
    ///
    /// - Throws: `DataError`, ``TrainingError``.
    func checkTexts() throws {
        if options.tasks.contains(.sentiment), let data {
            let dataset = try TextDataset.read(data)
            try SentimentRecipe.check(dataset.split(), dataset)
        }
        if options.tasks.contains(.languageModel), !text.isEmpty {
            _ = try TextCorpus.read(text)
        }
    }

    /// The options of a sentiment run: one direction and no n-grams, so that the cell has to do the work.
    func sentimentOptions(_ place: ComparisonPlace) -> SentimentOptions {
        var result = SentimentOptions()
        result.cell = place.contender.cell ?? result.cell
        result.hidden = options.hidden
        result.embedding = options.hidden
        result.bidirectional = false
        result.longestNGram = 1
        result.epochs = options.epochs
        result.seed = place.seed
        if place.contender == .transformer {
            result.architecture = .transformer
            result.layers = Contender.blocks
        }
        return result
    }

    /// The options of a Transformer that is a language model: characters, two blocks, as many passes over the text in steps of as
    /// many characters as ``languageModelOptions(_:)``.
    func decoderOptions(_ place: ComparisonPlace) throws -> PretrainingOptions {
        let recurrent = languageModelOptions(place)
        let parts = try TextCorpus.read(text).parts()
        // A text that is short has short parts to choose and to judge by.
        let longest =
            min(
                parts.training.count / 2, min(parts.validation.count, parts.test.count)) - 1
        var result = PretrainingOptions(.gpt)
        result.unit = .character
        result.layers = Contender.blocks
        result.width = options.hidden
        result.heads = AttentionStack.heads(of: options.hidden)
        result.context = max(8, min(2 * recurrent.window, longest))
        result.batch = max(1, recurrent.batch * recurrent.window / result.context)
        result.dropout = 0
        result.averaging = recurrent.averaging
        result.learningRate = recurrent.learningRate
        result.minimumCount = recurrent.minimumCount
        result.vocabulary = recurrent.vocabulary
        let epoch = parts.training.count / (result.batch * result.context)
        result.steps = max(1, options.epochs * epoch)
        result.evaluateEvery = max(1, epoch)
        result.seed = place.seed
        return result
    }

    /// The options of a language model: characters, one layer.
    func languageModelOptions(_ place: ComparisonPlace) -> LanguageModelOptions {
        var result = LanguageModelOptions()
        result.cell = place.contender.cell ?? result.cell
        result.hidden = options.hidden
        result.embedding = options.hidden
        result.layers = 1
        result.dropout = 0
        result.epochs = options.epochs
        result.seed = place.seed
        return result
    }

    /// Trains and tests one recipe; nil if it was interrupted.
    func runOnTexts(
        _ place: ComparisonPlace, isInterrupted: () -> Bool,
        report: @escaping (ComparisonEvent) -> Void
    ) throws -> ComparisonTrial? {
        let folder = "\(runs)/\(place.task.rawValue)-\(place.contender.rawValue)-\(place.seed)"
        let steps = StepCount()
        func hear(_ event: TrainingEvent) {
            switch event {
            case .step(let step):
                steps.done = (step.epoch - 1) * step.steps + step.step
                report(
                    .progress(
                        place, step: steps.done, steps: step.epochs * step.steps,
                        score: steps.score))
            case .epoch(let epoch, _) where place.task == .sentiment:
                steps.score = epoch.validationShare
            default: break
            }
        }
        do {
            let (figures, bytes) = try Machine.peakMemory {
                try trained(place, folder, isInterrupted, hear)
            }
            return ComparisonTrial(
                contender: place.contender, task: place.task, seed: place.seed,
                score: figures.score, hasDiverged: false, steps: steps.done,
                parameters: figures.parameters, seconds: figures.seconds, peakBytes: bytes)
        } catch TrainingError.interrupted {
            return nil
        }
    }

    /// Runs the recipe of a task.
    private func trained(
        _ place: ComparisonPlace, _ folder: String, _ isInterrupted: () -> Bool,
        _ hear: @escaping (TrainingEvent) -> Void
    ) throws -> (score: Double, parameters: Int, seconds: Double) {
        if place.task == .sentiment, let data {
            let record = try SentimentRecipe(
                options: sentimentOptions(place), data: data, folder: folder, existing: .replace,
                version: version
            ).run(isInterrupted: isInterrupted) { if case .training(let news) = $0 { hear(news) } }
            guard let test = record.test else { preconditionFailure("a run without its test") }
            return (test.accuracy, record.parameters, record.trainingSeconds)
        }
        if place.contender == .transformer {
            let record = try PretrainingRecipe(
                options: try decoderOptions(place), data: text, folder: folder, existing: .replace,
                version: version
            ).run(isInterrupted: isInterrupted) {
                if case .training(let news) = $0 { hear(news) }
            }
            guard let bits = record.test?.bitsPerCharacter else {
                preconditionFailure("a run without its test")
            }
            return (bits, record.parameters, record.trainingSeconds)
        }
        let record = try LanguageModelRecipe(
            options: languageModelOptions(place), data: text, folder: folder, existing: .replace,
            version: version
        ).run(isInterrupted: isInterrupted) { if case .training(let news) = $0 { hear(news) } }
        guard let test = record.test else { preconditionFailure("a run without its test") }
        return (test.bitsPerCharacter, record.parameters, record.trainingSeconds)
    }
}

/// How far a training has come.
private final class StepCount {
    var done = 0
    var score: Double?
}

import MartletData
import MartletTensor

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

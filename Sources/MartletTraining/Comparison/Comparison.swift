import MartletData
import MartletTensor

/// What a comparison tells while it runs.
public enum ComparisonEvent: Sendable {
    /// A task is left out.
    case leftOut(ComparisonTask, reason: String)
    /// A training has done so many of its steps; `score` as last seen on examples that it does not learn from.
    case progress(ComparisonPlace, step: Int, steps: Int, score: Double?)
    /// A training is done and judged.
    case finished(ComparisonPlace, ComparisonTrial)
    /// It is measured what a network costs, as number 1 … count.
    case measured(ComparisonCost, number: Int, count: Int)
}

/// One of the trainings of a comparison.
public struct ComparisonPlace: Sendable, Equatable {
    /// On what.
    public var task: ComparisonTask
    /// The length of a memory task.
    public var length: Int?
    /// Where all random numbers come from.
    public var seed: UInt64
    /// Who.
    public var contender: Contender
    /// Which of all trainings it is, from 1.
    public var number: Int
    /// How many there are.
    public var count: Int
}

/// The field's well-known comparison, measured: networks on the same tasks, from several seeds.
///
/// Contenders take turns, seed by seed, so that what an interruption leaves compares all of them, and the speeds are of
/// the same hour.
public struct Comparison: Sendable {
    /// The options.
    public var options: ComparisonOptions
    /// The labelled texts of the sentiment task: as for ``SentimentRecipe``; nil: the task is left out.
    public var data: String?
    /// The running text of the language model: as for ``LanguageModelRecipe``; empty: the task is left out.
    public var text: [String]
    /// Where the runs on texts are kept, a folder each.
    public var runs: String
    /// The version to write into `comparison.json`.
    public var version: String

    /// A comparison of the given options.
    public init(
        options: ComparisonOptions, data: String? = nil, text: [String] = [], runs: String,
        version: String
    ) {
        self.options = options
        self.data = data
        self.text = text
        self.runs = runs
        self.version = version
    }

    /// Runs the comparison.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step; true ends the comparison with what is measured so far.
    ///   - report: told what happens.
    /// - Returns: what `comparison.json` has.
    /// - Throws: `DataError`, ``TrainingError``, `StoreError`, `ModelError`, all about texts; what cannot be read is known
    ///   before the first training.
    public func run(
        isInterrupted: () -> Bool = { false },
        report: @escaping (ComparisonEvent) -> Void = { _ in }
    ) throws -> ComparisonRecord {
        if let problem = options.problem { preconditionFailure("comparison: \(problem)") }
        try checkTexts()
        var record = ComparisonRecord(
            version: version, options: options, data: data, text: text,
            machine: .current)
        for task in options.tasks {
            guard let reason = missing(task) else { continue }
            record.notes.append("\(task.rawValue): \(reason)")
            report(.leftOut(task, reason: reason))
        }
        for place in places {
            guard let trial = try run(place, isInterrupted: isInterrupted, report: report) else {
                return record
            }
            record.add(trial)
            report(.finished(place, trial))
        }
        if options.tasks.contains(.speed) {
            let all = costPlaces
            for (number, place) in all.enumerated() {
                if isInterrupted() { return record }
                let cost = CostTrial(hidden: options.hidden, length: place.length)
                    .run(place.contender)
                record.costs.append(cost)
                report(.measured(cost, number: number + 1, count: all.count))
            }
        }
        record.isComplete = true
        return record
    }

    /// Whose costs are measured at which lengths.
    private var costPlaces: [(length: Int, contender: Contender)] {
        options.lengths(of: .speed).flatMap { length in
            options.contenders.filter { takesPart($0, .speed) }.map { (length, $0) }
        }
    }

    /// All trainings in the order of the work.
    var places: [ComparisonPlace] {
        var result: [ComparisonPlace] = []
        for task in options.tasks where task != .speed && missing(task) == nil {
            let lengths: [Int?] =
                task.memory == nil ? [nil] : options.lengths(of: task).map { $0 }
            for length in lengths {
                for seed in 0..<UInt64(options.seeds) {
                    for contender in options.contenders where takesPart(contender, task) {
                        result.append(
                            ComparisonPlace(
                                task: task, length: length, seed: seed, contender: contender,
                                number: result.count + 1, count: 0))
                    }
                }
            }
        }
        for index in result.indices { result[index].count = result.count }
        return result
    }

    /// Why a task is left out; nil: it is not.
    private func missing(_ task: ComparisonTask) -> String? {
        switch task {
        case .sentiment where data == nil: return "no --data was given"
        case .languageModel where text.isEmpty: return "no --text was given"
        default:
            return options.contenders.contains { takesPart($0, task) }
                ? nil : "the recipes have no such initialisation"
        }
    }

    /// Whether a contender does a task: the recipes for texts choose the initialisation themselves, and speed does not depend
    /// on it.
    private func takesPart(_ contender: Contender, _ task: ComparisonTask) -> Bool {
        task.memory != nil || !contender.isInitialization
    }

    private func run(
        _ place: ComparisonPlace, isInterrupted: () -> Bool,
        report: @escaping (ComparisonEvent) -> Void
    ) throws -> ComparisonTrial? {
        guard let task = place.task.memory, let length = place.length else {
            return try runOnTexts(place, isInterrupted: isInterrupted, report: report)
        }
        let trial = MemoryTrial(task: task, length: length, seed: place.seed, options: options)
        let figures = trial.run(place.contender, isInterrupted: isInterrupted) { step, success in
            report(.progress(place, step: step, steps: options.steps, score: success))
        }
        guard let figures else { return nil }
        return ComparisonTrial(
            contender: place.contender, task: place.task, length: length, seed: place.seed,
            score: figures.success, solvedAt: figures.solvedAt, hasDiverged: figures.hasDiverged,
            steps: figures.steps, parameters: figures.parameters, seconds: figures.seconds,
            peakBytes: figures.peakBytes)
    }
}

import MartletStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Everything there is to know about a comparison: `comparison.json`.
public struct ComparisonRecord: Codable, Sendable {
    /// The version of Martlet.
    public var version: String
    /// The options.
    public var options: ComparisonOptions
    /// The labelled texts of the sentiment task, if they were given.
    public var data: String?
    /// The running text of the language model, if it was given.
    public var text: [String]
    /// The machine.
    public var machine: MachineRecord
    /// What was left out, and why.
    public var notes: [String] = []
    /// Whether everything asked for was measured; false after an interruption.
    public var isComplete = false
    /// Every training, in the order of the work.
    public private(set) var trials: [ComparisonTrial] = []
    /// What networks cost by the length of sequences, in the order of the work.
    public internal(set) var costs: [ComparisonCost] = []
    /// What the trainings of all seeds say together, in the order of tasks, lengths and contenders.
    public private(set) var rows: [ComparisonRow] = []

    enum CodingKeys: String, CodingKey {
        case version, options, data, text, machine, notes, trials, costs, rows
        case isComplete = "is_complete"
    }

    /// A record of nothing yet.
    public init(
        version: String, options: ComparisonOptions, data: String?, text: [String],
        machine: MachineRecord
    ) {
        self.version = version
        self.options = options
        self.data = data
        self.text = text
        self.machine = machine
    }

    /// Takes one more training into account.
    mutating func add(_ trial: ComparisonTrial) {
        trials.append(trial)
        rows = options.tasks.flatMap { task -> [ComparisonRow] in
            let lengths: [Int?] =
                task.memory == nil ? [nil] : options.lengths(of: task).map { $0 }
            return lengths.flatMap { length in
                options.contenders.compactMap { contender in
                    ComparisonRow(
                        trials.filter {
                            $0.task == task && $0.length == length && $0.contender == contender
                        })
                }
            }
        }
    }

    /// The rows of a task.
    public func rows(of task: ComparisonTask) -> [ComparisonRow] { rows.filter { $0.task == task } }

    /// The content of `comparison.json`.
    var jsonData: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// Makes sure that a folder can be written, before hours are spent.
    ///
    /// - Throws: `StoreError.unwritable`.
    public static func prepare(_ folder: String) throws { try CheckpointFolder.prepare(folder) }

    /// Writes `comparison.json` and `report.html` into a folder, both or neither.
    ///
    /// - Throws: `StoreError.unwritable`.
    public func write(to folder: String) throws {
        try CheckpointFolder.write(
            to: folder,
            files: [
                ("comparison.json", .bytes(try jsonData)),
                ("report.html", .text(ComparisonPage.html(self))),
            ])
    }
}

/// One network trained on one task from one seed.
public struct ComparisonTrial: Codable, Sendable, Equatable {
    /// Who.
    public var contender: Contender
    /// On what.
    public var task: ComparisonTask
    /// The length of a memory task.
    public var length: Int?
    /// Where all random numbers came from.
    public var seed: UInt64
    /// The score on unseen examples: a share, or bits per character.
    public var score: Double
    /// The step of training after which a memory task was solved; nil: it was not.
    public var solvedAt: Int?
    /// Whether training ended early because the loss was no number any more.
    public var hasDiverged: Bool
    /// Steps of training.
    public var steps: Int
    /// Trained numbers.
    public var parameters: Int
    /// Seconds of these steps; judging not counted.
    public var seconds: Double
    /// The most bytes that tensors and kernels held at once: in a step on a memory task, in the whole run on texts.
    public var peakBytes: Int

    enum CodingKeys: String, CodingKey {
        case task, length, seed, score, steps, parameters, seconds
        case contender = "cell"
        case solvedAt = "solved_at"
        case hasDiverged = "has_diverged"
        case peakBytes = "peak_bytes"
    }
}

/// What the trainings of several seeds say together.
public struct ComparisonRow: Codable, Sendable, Equatable {
    /// Who.
    public var contender: Contender
    /// On what.
    public var task: ComparisonTask
    /// The length of a memory task.
    public var length: Int?
    /// How many trainings there were.
    public var seeds: Int
    /// The mean of the scores.
    public var score: Double
    /// Their standard deviation, of a sample; nil for a single one.
    public var deviation: Double?
    /// The lowest score.
    public var lowest: Double
    /// The highest score.
    public var highest: Double
    /// How many of the trainings solved a memory task.
    public var solved: Int
    /// The median of the steps until it was solved, where one that never did counts as the slowest; nil: never.
    public var stepsToSolve: Double?
    /// How many trainings ended early because the loss was no number any more.
    public var diverged: Int
    /// Trained numbers; the mean, as a vocabulary may differ between seeds.
    public var parameters: Int
    /// Steps of training per second, over all of them.
    public var stepsPerSecond: Double
    /// The most bytes that tensors and kernels held at once in one of them.
    public var peakBytes: Int

    enum CodingKeys: String, CodingKey {
        case task, length, seeds, score, deviation, lowest, highest, solved, diverged, parameters
        case contender = "cell"
        case stepsToSolve = "steps_to_solve"
        case stepsPerSecond = "steps_per_second"
        case peakBytes = "peak_bytes"
    }

    /// What trainings of one contender on one task say; nil if there are none.
    init?(_ trials: [ComparisonTrial]) {
        guard let first = trials.first else { return nil }
        (contender, task, length) = (first.contender, first.task, first.length)
        seeds = trials.count
        let count = Double(trials.count)
        let scores = trials.map(\.score)
        let mean = scores.reduce(0, +) / count
        score = mean
        if trials.count > 1 {
            let squares = scores.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
            deviation = (squares / (count - 1)).squareRoot()
        }
        lowest = scores.min() ?? mean
        highest = scores.max() ?? mean
        solved = trials.count { $0.solvedAt != nil }
        stepsToSolve = Self.median(trials.map { $0.solvedAt.map(Double.init) ?? .infinity })
        diverged = trials.count(where: \.hasDiverged)
        parameters = trials.map(\.parameters).reduce(0, +) / trials.count
        let seconds = trials.map(\.seconds).reduce(0, +)
        stepsPerSecond = Double(trials.map(\.steps).reduce(0, +)) / max(seconds, 1e-9)
        peakBytes = trials.map(\.peakBytes).max() ?? 0
    }

    /// The median; nil if it is infinite.
    static func median(_ values: [Double]) -> Double? {
        let sorted = values.sorted()
        let middle = sorted.count / 2
        let value =
            sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        return value.isFinite ? value : nil
    }
}

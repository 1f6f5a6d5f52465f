public import MartletTensor

/// Everything that changes in a run: what a checkpoint holds.
public struct Snapshot<M: Module, Rule: Optimizer>: Sendable {
    /// The model after the last step.
    public var model: M
    /// The running average of its weights, if there is one: what is validated and kept.
    public var average: WeightAverage<M>?
    /// The model of the best epoch so far.
    public var best: M
    /// The optimiser with what it remembers.
    public var optimizer: Rule
    /// How far the run is.
    public var progress: TrainingProgress

    /// A snapshot of these parts.
    public init(
        model: M, average: WeightAverage<M>? = nil, best: M, optimizer: Rule,
        progress: TrainingProgress
    ) {
        self.model = model
        self.average = average
        self.best = best
        self.optimizer = optimizer
        self.progress = progress
    }
}

/// How far a run is.
public struct TrainingProgress: Codable, Sendable {
    /// Epochs done.
    public var epoch = 0
    /// Steps done in the epoch under way.
    public var step = 0
    /// Sums over the epoch under way.
    public var sums = RunningSums()
    /// The figures of every epoch done.
    public var history: [EpochRecord] = []
    /// The best epoch by validation, counted from 1.
    public var bestEpoch: Int?

    /// The start of a run.
    public init() {}
}

/// Sums over the steps of one epoch.
public struct RunningSums: Codable, Sendable {
    /// The sum of the losses, each times its number of examples.
    public var loss = 0.0
    /// Right answers; nil where they are not counted.
    public var correct: Int?
    /// Examples.
    public var examples = 0
    /// Real tokens.
    public var tokens = 0
    /// Seconds of training.
    public var seconds = 0.0

    /// No steps.
    public init() {}

    /// The mean loss of an example.
    public var meanLoss: Double { loss / Double(max(1, examples)) }
    /// The share of right answers; nil where they are not counted.
    public var accuracy: Double? { correct.map { Double($0) / Double(max(1, examples)) } }

    mutating func add(loss value: Double, _ outcome: BatchOutcome) {
        loss += value * Double(outcome.examples)
        if let right = outcome.correct { correct = (correct ?? 0) + right }
        examples += outcome.examples
        tokens += outcome.tokens
    }
}

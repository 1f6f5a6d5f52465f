public import MartletTensor

/// What the loop needs of one batch.
public struct BatchOutcome: Sendable {
    /// Right answers; nil where they are not counted.
    public var correct: Int?
    /// Examples.
    public var examples: Int
    /// Real tokens.
    public var tokens: Int

    /// An outcome of these counts.
    public init(correct: Int? = nil, examples: Int, tokens: Int) {
        self.correct = correct
        self.examples = examples
        self.tokens = tokens
    }
}

/// The training loop: epochs of steps, validation, the best epoch kept, checkpoints, early stop, interruption.
///
/// The order of the batches and the dropout of a step follow from (seed, epoch, step) alone, so a run that was
/// interrupted and resumed has the same bits as one that was not.
public struct Trainer<M: Module, Rule: Optimizer> {
    /// How long and how often.
    public struct Plan: Sendable {
        /// The number of epochs.
        public var epochs: Int
        /// Steps of an epoch.
        public var stepsPerEpoch: Int
        /// The factor of the learning rate, step by step.
        public var schedule: Schedule
        /// The highest learning rate.
        public var learningRate: Double
        /// The length to which a gradient is cut down.
        public var gradientNorm: Double
        /// How much of the running average of the weights is kept in a step; nil: the last weights are used.
        public var averaging: Double?
        /// End after this many epochs without a better one; nil: never.
        public var patience: Int?
        /// The seed of dropout.
        public var seed: UInt64
        /// Which validation figure tells the best epoch.
        public var judgedBy: Judgement
        /// What the second validation figure is the share of.
        public var share = Share.accuracy

        /// Batches whose gradients are added up for a step, as one large batch would have them.
        public var accumulation = 1
        /// What products of a step are computed in; validation is float32's.
        public var precision = ProductPrecision.float32
        /// Which parameters, by name, stay as they are in an epoch, counted from 0; nil: none.
        public var isFrozen: (@Sendable (_ parameter: String, _ epoch: Int) -> Bool)?

        /// A validation figure.
        public enum Judgement: Sendable {
            /// The higher, the better.
            case accuracy
            /// The lower, the better.
            case loss
            /// None: the last epoch is the best, where nothing is kept back to choose by.
            case last
        }

        /// What a share of the validation examples says.
        public enum Share: Sendable {
            /// Right answers.
            case accuracy
            /// Values within the band of their forecast.
            case coverage
            /// None: it is a score of what the model makes, over 100.
            case score
        }

        /// A plan.
        public init(
            epochs: Int, stepsPerEpoch: Int, schedule: Schedule, learningRate: Double,
            gradientNorm: Double, averaging: Double? = nil, patience: Int?, seed: UInt64,
            judgedBy: Judgement = .accuracy
        ) {
            self.epochs = epochs
            self.stepsPerEpoch = stepsPerEpoch
            self.schedule = schedule
            self.learningRate = learningRate
            self.gradientNorm = gradientNorm
            self.averaging = averaging
            self.patience = patience
            self.seed = seed
            self.judgedBy = judgedBy
        }
    }

    /// What differs from task to task.
    public struct Task {
        /// The loss of batch `step` of `epoch` (both from 0), with dropout from the given random numbers. Where gradients are
        /// added up, a step has several batches: `step` counts these.
        public var loss:
            (M, _ epoch: Int, _ step: Int, inout RandomGenerator?) throws -> (Tensor, BatchOutcome)
        /// The loss on the validation examples, and the share of them that ``Plan/share`` says.
        public var validate: (M) throws -> (loss: Double, share: Double)
        /// Writes a checkpoint from which ``Trainer/run(task:isInterrupted:report:)`` can go on.
        public var save: (Snapshot<M, Rule>) throws -> Void

        /// A task.
        public init(
            loss: @escaping (M, Int, Int, inout RandomGenerator?) throws -> (Tensor, BatchOutcome),
            validate: @escaping (M) throws -> (loss: Double, share: Double),
            save: @escaping (Snapshot<M, Rule>) throws -> Void
        ) {
            self.loss = loss
            self.validate = validate
            self.save = save
        }
    }

    /// The plan.
    public let plan: Plan
    /// Everything that changes.
    public private(set) var snapshot: Snapshot<M, Rule>
    /// Looks at the gradients of this process's steps; a run that is resumed is watched anew.
    private var watch: GradientWatch

    /// A run from the beginning.
    public init(plan: Plan, model: M, optimizer: Rule) {
        self.plan = plan
        watch = GradientWatch(clippingNorm: plan.gradientNorm)
        snapshot = Snapshot(
            model: model, average: plan.averaging.map { WeightAverage(model, decay: $0) },
            best: model, optimizer: optimizer, progress: TrainingProgress())
    }

    /// A run that goes on from a snapshot.
    public init(plan: Plan, resuming snapshot: Snapshot<M, Rule>) {
        self.plan = plan
        watch = GradientWatch(clippingNorm: plan.gradientNorm)
        self.snapshot = snapshot
    }

    /// Trains to the end of the plan, or until it gets no better.
    ///
    /// - Parameters:
    ///   - task: the losses and where to save.
    ///   - isInterrupted: asked after every step; true ends the run with a checkpoint.
    ///   - report: told what happens.
    /// - Returns: the model of the best validation epoch.
    /// - Throws: ``TrainingError``, or what `task` throws.
    public mutating func run(
        task: Task, isInterrupted: () -> Bool = { false },
        report: (TrainingEvent) -> Void = { _ in }
    ) throws -> M {
        while snapshot.progress.epoch < plan.epochs {
            if hasStalled {
                report(.stoppedEarly(patience: plan.patience ?? 0))
                break
            }
            try trainEpoch(task, isInterrupted, report)
            let isBest = try finishEpoch(task)
            let history = snapshot.progress.history
            report(.epoch(history[history.count - 1], isBest: isBest))
            try task.save(snapshot)
            report(.saved)
        }
        return snapshot.best
    }

    /// Whether the last `patience` epochs brought nothing better.
    private var hasStalled: Bool {
        guard let patience = plan.patience, let best = snapshot.progress.bestEpoch else {
            return false
        }
        return snapshot.progress.epoch - best >= patience
    }

    private mutating func trainEpoch(
        _ task: Task, _ isInterrupted: () -> Bool, _ report: (TrainingEvent) -> Void
    ) throws {
        let clock = ContinuousClock()
        let epoch = snapshot.progress.epoch
        let secondsBefore = snapshot.progress.sums.seconds
        let start = clock.now
        while snapshot.progress.step < plan.stepsPerEpoch {
            let step = snapshot.progress.step
            var (value, outcome, gradient) = try batches(task, epoch, step)
            let lengths = GradientLengths(gradient)
            if let alarm = watch.observe(lengths) {
                report(.gradients(alarm, epoch: epoch + 1, step: step + 1))
            }
            guard value.isFinite, lengths.norm.isFinite else {
                throw TrainingError.lossNotFinite(
                    epoch: epoch + 1, step: step + 1, loss: value.isFinite ? .nan : value)
            }
            gradient.clip(norm: plan.gradientNorm, from: lengths.norm)
            snapshot.optimizer.learningRate = learningRate(epoch, step)
            update(with: gradient, epoch)
            let (weights, total) = (snapshot.model, epoch * plan.stepsPerEpoch + step + 1)
            snapshot.average?.update(weights, step: total)
            snapshot.progress.step += 1
            snapshot.progress.sums.add(loss: value, outcome)
            snapshot.progress.sums.seconds = secondsBefore + (clock.now - start) / .seconds(1)
            report(.step(stepReport()))
            if isInterrupted() {
                try task.save(snapshot)
                report(.saved)
                throw TrainingError.interrupted(epoch: epoch + 1, step: step + 1)
            }
        }
    }

    /// The mean loss of a step's examples, in one batch or several, with its gradient.
    private func batches(
        _ task: Task, _ epoch: Int, _ step: Int
    ) throws -> (Double, BatchOutcome, Gradient<M>) {
        var random: RandomGenerator? = RandomGenerator(
            seed: plan.seed, stream: UInt64(epoch * plan.stepsPerEpoch + step))
        func batch(_ number: Int) throws -> (Double, BatchOutcome, Gradient<M>) {
            let (loss, outcome, gradient) = try plan.precision.applied {
                try valueAndGradient(at: snapshot.model) { model in
                    try task.loss(model, epoch, step * plan.accumulation + number, &random)
                }
            }
            return (loss.item, outcome, gradient)
        }
        guard plan.accumulation > 1 else { return try batch(0) }
        var total = BatchOutcome(examples: 0, tokens: 0)
        var (sum, gradients): (Double, Gradient<M>?) = (0, nil)
        for number in 0..<plan.accumulation {
            let (loss, outcome, gradient) = try batch(number)
            // The loss is the mean of its batch's examples, of which others may have more.
            sum += loss * Double(outcome.examples)
            let weighted = gradient.scaled(by: Double(outcome.examples))
            gradients = gradients?.adding(weighted) ?? weighted
            total.examples += outcome.examples
            total.tokens += outcome.tokens
            if let correct = outcome.correct { total.correct = (total.correct ?? 0) + correct }
        }
        let share = 1 / Double(max(total.examples, 1))
        return (sum * share, total, gradients!.scaled(by: share))
    }

    /// Takes a step; frozen parameters stay as they are.
    private mutating func update(with gradient: Gradient<M>, _ epoch: Int) {
        var kept: [String: Tensor] = [:]
        if let isFrozen = plan.isFrozen {
            for (name, tensor) in snapshot.model.parameters where isFrozen(name, epoch) {
                kept[name] = tensor
            }
        }
        snapshot.optimizer.update(&snapshot.model, gradient)
        guard !kept.isEmpty else { return }
        snapshot.model.forEachParameter { name, tensor in tensor = kept[name] ?? tensor }
    }

    /// The learning rate of a step, both counted from 0.
    private func learningRate(_ epoch: Int, _ step: Int) -> Double {
        plan.learningRate * plan.schedule.factor(step: epoch * plan.stepsPerEpoch + step)
    }

    /// Validates, keeps the model if it is the best, and moves on to the next epoch.
    private mutating func finishEpoch(_ task: Task) throws -> Bool {
        let model = snapshot.average?.model ?? snapshot.model
        let (loss, share) = try task.validate(model)
        guard loss.isFinite else {
            throw TrainingError.lossNotFinite(
                epoch: snapshot.progress.epoch + 1, step: snapshot.progress.step, loss: loss)
        }
        let sums = snapshot.progress.sums
        let record = EpochRecord(
            epoch: snapshot.progress.epoch + 1, trainingLoss: sums.meanLoss,
            trainingAccuracy: sums.accuracy, validationLoss: loss,
            validationAccuracy: plan.share == .accuracy ? share : nil,
            validationCoverage: plan.share == .coverage ? share : nil,
            validationScore: plan.share == .score ? share * 100 : nil,
            learningRate: learningRate(snapshot.progress.epoch, plan.stepsPerEpoch - 1),
            tokensPerSecond: Double(sums.tokens) / max(sums.seconds, 1e-9), seconds: sums.seconds)
        let best = snapshot.progress.bestEpoch.map { snapshot.progress.history[$0 - 1] }
        let isBest =
            switch plan.judgedBy {
            case .accuracy: best.map { share > $0.validationShare } ?? true
            case .loss: best.map { loss < $0.validationLoss } ?? true
            case .last: true
            }
        snapshot.progress.history.append(record)
        snapshot.progress.epoch += 1
        snapshot.progress.step = 0
        snapshot.progress.sums = RunningSums()
        if isBest {
            snapshot.progress.bestEpoch = snapshot.progress.epoch
            snapshot.best = model
        }
        return isBest
    }

    private func stepReport() -> StepReport {
        let progress = snapshot.progress
        let perStep = progress.sums.seconds / Double(max(1, progress.step))
        let left = (plan.epochs - progress.epoch) * plan.stepsPerEpoch - progress.step
        return StepReport(
            epoch: progress.epoch + 1, epochs: plan.epochs, step: progress.step,
            steps: plan.stepsPerEpoch, loss: progress.sums.meanLoss,
            accuracy: progress.sums.accuracy,
            tokensPerSecond: Double(progress.sums.tokens) / max(progress.sums.seconds, 1e-9),
            secondsLeft: perStep * Double(left))
    }
}

import MartletTensor
import MartletTraining
import Testing

/// A model of three numbers.
private struct Line: Module {
    var weight = Tensor([0.5, -0.25, 1] as [Float])

    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
    }

    /// The numbers, bit for bit.
    var bits: [UInt32] { weight.scalars(as: Float.self).map(\.bitPattern) }
}

private typealias LineTrainer = Trainer<Line, AdamW>
private typealias LineSnapshot = Snapshot<Line, AdamW>

/// What happened in a run.
private final class Diary {
    var saved: [LineSnapshot] = []
    var events: [String] = []
    var models: [[UInt32]] = []
    var records: [EpochRecord] = []

    func hear(_ event: TrainingEvent) {
        switch event {
        case .step(let report): events.append("step \(report.epoch).\(report.step)")
        case .epoch(let record, let isBest):
            events.append("epoch \(record.epoch)" + (isBest ? " best" : ""))
            records.append(record)
        case .gradients(let alarm, let epoch, let step):
            let kind = if case .exploding = alarm { "explode" } else { "vanish" }
            events.append("\(kind) \(epoch).\(step)")
        case .saved: events.append("saved")
        case .stoppedEarly(let patience): events.append("stopped \(patience)")
        }
    }
}

/// The training loop on a tiny model.
@Suite struct TrainerTests {
    private static let steps = 4
    private static let epochs = 3

    private func plan(
        epochs: Int = epochs, averaging: Double? = nil, patience: Int? = nil
    ) -> LineTrainer.Plan {
        LineTrainer.Plan(
            epochs: epochs, stepsPerEpoch: Self.steps,
            schedule: Schedule(.cosine, warmUpSteps: 3, totalSteps: epochs * Self.steps),
            learningRate: 0.1, gradientNorm: 1, averaging: averaging, patience: patience, seed: 7)
    }

    /// A loss that depends on epoch, step and random numbers; `accuracies` are those of the epochs in turn.
    private func task(
        _ diary: Diary, accuracies: [Double] = [], spoilt: (epoch: Int, step: Int)? = nil,
        validationLoss: Double = 1
    ) -> LineTrainer.Task {
        LineTrainer.Task(
            loss: { model, epoch, step, random in
                let noise = random!.normal([3])
                let target = Tensor([Float(epoch), Float(step), 2])
                var loss = (model.weight * noise - target).squared().sum()
                if let spoilt, spoilt == (epoch, step) { loss = loss * Double.nan }
                return (loss, BatchOutcome(correct: step, examples: 5, tokens: 50))
            },
            validate: { model in
                diary.models.append(model.bits)
                let place = diary.models.count - 1
                return (validationLoss, place < accuracies.count ? accuracies[place] : 0.5)
            },
            save: { diary.saved.append($0) })
    }

    private func fresh(_ plan: LineTrainer.Plan) -> LineTrainer {
        LineTrainer(
            plan: plan, model: Line(), optimizer: AdamW(learningRate: 0.1, weightDecay: 0.01))
    }

    @Test func anEpochIsStepsThenARecordThenASave() throws {
        let diary = Diary()
        var trainer = fresh(plan(epochs: 2))
        _ = try trainer.run(task: task(diary, accuracies: [0.5, 0.6]), report: diary.hear)
        #expect(
            diary.events == [
                "step 1.1", "step 1.2", "step 1.3", "step 1.4", "epoch 1 best", "saved",
                "step 2.1", "step 2.2", "step 2.3", "step 2.4", "epoch 2 best", "saved",
            ])
        // 0 + 1 + 2 + 3 right answers to 20 questions.
        #expect(diary.records.map(\.trainingAccuracy) == [0.3, 0.3])
        #expect(diary.records.map(\.validationShare) == [0.5, 0.6])
        let rate = Schedule(.cosine, warmUpSteps: 3, totalSteps: 8)
        #expect(diary.records.map(\.learningRate) == [3, 7].map { 0.1 * rate.factor(step: $0) })
        #expect(trainer.snapshot.progress.history == diary.records)
    }

    @Test func theBestEpochIsKeptAndOfEqualOnesTheFirst() throws {
        let diary = Diary()
        var trainer = fresh(plan(epochs: 5))
        let best = try trainer.run(
            task: task(diary, accuracies: [0.5, 0.7, 0.7, 0.2, 0.6]), report: diary.hear)
        #expect(Set(diary.models).count == 5)
        #expect(best.bits == diary.models[1])
        #expect(trainer.snapshot.progress.bestEpoch == 2)
        #expect(diary.saved.last?.best.bits == best.bits)
        #expect(diary.saved.last?.model.bits == diary.models[4])
        #expect(diary.events.filter { $0.hasSuffix("best") } == ["epoch 1 best", "epoch 2 best"])
    }

    @Test func patienceEndsTheRun() throws {
        let diary = Diary()
        var trainer = fresh(plan(epochs: 9, patience: 2))
        let accuracies = [0.5, 0.6, 0.6, 0.1, 0.9]
        let best = try trainer.run(task: task(diary, accuracies: accuracies), report: diary.hear)
        #expect(trainer.snapshot.progress.epoch == 4)
        #expect(best.bits == diary.models[1])
        #expect(diary.events.suffix(3) == ["epoch 4", "saved", "stopped 2"])
        // What has ended early does not go on when it is resumed.
        var again = LineTrainer(
            plan: plan(epochs: 9, patience: 2), resuming: try #require(diary.saved.last))
        let second = Diary()
        #expect(try again.run(task: task(second), report: second.hear).bits == best.bits)
        #expect(second.events == ["stopped 2"])
    }

    /// A snapshot as a file would bring it back: the optimiser by its state alone.
    private func stored(_ snapshot: LineSnapshot) throws -> LineSnapshot {
        var optimizer = AdamW(learningRate: 0.1, weightDecay: 0.01)
        try optimizer.restore(snapshot.optimizer.state)
        var copy = snapshot
        copy.optimizer = optimizer
        return copy
    }

    @Test(arguments: 1...(steps * epochs), [nil, 0.5] as [Double?])
    func anInterruptedRunEndsWithTheSameBits(
        _ interruptedAfter: Int, _ averaging: Double?
    ) throws {
        let plan = plan(averaging: averaging)
        let accuracies = [0.5, 0.7, 0.6]
        let whole = Diary()
        var uninterrupted = fresh(plan)
        let expected = try uninterrupted.run(
            task: task(whole, accuracies: accuracies), report: whole.hear)

        let diary = Diary()
        var count = 0
        var first = fresh(plan)
        let error = #expect(throws: TrainingError.self) {
            try first.run(
                task: task(diary, accuracies: accuracies),
                isInterrupted: {
                    count += 1
                    return count == interruptedAfter
                }, report: diary.hear)
        }
        guard case .interrupted(let epoch, let step)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect((epoch - 1) * Self.steps + step == interruptedAfter)
        #expect(diary.events.last == "saved")

        var second = LineTrainer(
            plan: plan, resuming: try stored(try #require(diary.saved.last)))
        let best = try second.run(task: task(diary, accuracies: accuracies), report: diary.hear)
        #expect(best.bits == expected.bits)
        #expect(second.snapshot.model.bits == uninterrupted.snapshot.model.bits)
        #expect(diary.models == whole.models)
        #expect(diary.saved.last?.model.bits == whole.saved.last?.model.bits)
        // Each step once, and the same figures but for the time.
        #expect(
            diary.events.filter { $0.hasPrefix("step") }
                == whole.events.filter { $0.hasPrefix("step") })
        func timeless(_ records: [EpochRecord]) -> [EpochRecord] {
            records.map {
                var record = $0
                (record.seconds, record.tokensPerSecond) = (0, 0)
                return record
            }
        }
        #expect(timeless(diary.records) == timeless(whole.records))
        #expect(diary.records.allSatisfy { $0.seconds > 0 && $0.tokensPerSecond > 0 })
    }

    @Test func aLossThatIsNoNumberEndsTheRunAndSpoilsNothing() throws {
        let diary = Diary()
        var trainer = fresh(plan())
        let error = #expect(throws: TrainingError.self) {
            try trainer.run(task: task(diary, spoilt: (1, 2)), report: diary.hear)
        }
        guard case .lossNotFinite(epoch: 2, step: 3, let loss)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(loss.isNaN)
        #expect("\(error!)".contains("epoch 2, step 3: the loss is NaN"))
        #expect(diary.saved.count == 1 && diary.saved[0].progress.epoch == 1)
        #expect(diary.saved[0].model.bits == diary.models[0])
        #expect(trainer.snapshot.model.weight.sumOfSquares.isFinite)
    }

    @Test func aValidationLossThatIsNoNumberEndsTheRunBeforeItIsSaved() throws {
        for value in [Double.nan, .infinity] {
            let diary = Diary()
            var trainer = fresh(plan())
            let error = #expect(throws: TrainingError.self) {
                try trainer.run(task: task(diary, validationLoss: value), report: diary.hear)
            }
            guard case .lossNotFinite(epoch: 1, step: Self.steps, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(diary.saved.isEmpty && diary.records.isEmpty)
        }
    }

    @Test func aSaveThatFailsEndsTheRunWithItsError() {
        struct Full: Error {}
        var trainer = fresh(plan())
        var failing = task(Diary())
        failing.save = { _ in throw Full() }
        #expect(throws: Full.self) { try trainer.run(task: failing) }
    }
}

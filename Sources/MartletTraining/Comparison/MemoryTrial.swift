import MartletTensor

/// One network trained on one memory task from one seed.
struct MemoryTrial {
    var task: MemoryTask
    var length: Int
    var seed: UInt64
    var options: ComparisonOptions

    /// The streams of the seed's random numbers; the batches of training have those from 0 on, one a step.
    private enum Stream {
        static let weights: UInt64 = 1 << 63
        static let validation = weights + 1
        static let test = weights + 2
    }

    /// Steps between two looks at whether it is solved.
    private static let interval = 50
    /// Sequences to look at.
    private static let validationCount = 256
    /// Sequences to judge by.
    private static let testCount = 1024

    /// What came out.
    struct Figures {
        var success: Double
        var solvedAt: Int?
        var steps: Int
        var parameters: Int
        var seconds: Double
        var peakBytes: Int
        var hasDiverged: Bool
    }

    /// Trains a contender's fresh network until it has solved the task, or for all steps.
    ///
    /// Every contender sees the same batches. Only steps of training are timed.
    ///
    /// - Parameters:
    ///   - isInterrupted: asked after every step.
    ///   - report: told the steps done and the last success on fresh sequences.
    /// - Returns: the figures; nil if it was interrupted.
    func run(
        _ contender: Contender, isInterrupted: () -> Bool,
        report: (_ step: Int, _ success: Double?) -> Void
    ) -> Figures? {
        var random = RandomGenerator(seed: seed, stream: Stream.weights)
        let network = contender.network(
            inputSize: task.inputSize, hidden: options.hidden, outputSize: task.outputSize,
            using: &random)
        return train(network, isInterrupted, report)
    }

    private func train<Network: SequenceAnswerer>(
        _ fresh: Network, _ isInterrupted: () -> Bool, _ report: (Int, Double?) -> Void
    ) -> Figures? {
        var network = fresh
        var optimizer = AdamW(learningRate: options.learningRate, weightDecay: 0)
        var figures = Figures(
            success: 0, steps: 0, parameters: fresh.parameterCount, seconds: 0, peakBytes: 0,
            hasDiverged: false)
        let clock = ContinuousClock()
        var success: Double?
        for step in 0..<options.steps {
            let start = clock.now
            let (isFinite, bytes) = Machine.peakMemory {
                update(&network, &optimizer, step: step)
            }
            figures.seconds += (clock.now - start) / .seconds(1)
            figures.peakBytes = max(figures.peakBytes, bytes)
            guard isFinite else {
                figures.hasDiverged = true
                break
            }
            figures.steps = step + 1
            if figures.steps % Self.interval == 0 || figures.steps == options.steps {
                let now = judge(network, Self.validationCount, Stream.validation)
                success = now
                if now >= options.solved { figures.solvedAt = figures.steps }
            }
            report(figures.steps, success)
            if figures.solvedAt != nil { break }
            if isInterrupted() { return nil }
        }
        figures.success = judge(network, Self.testCount, Stream.test)
        return figures
    }

    /// One step of training; false, and nothing is changed, if the loss or its gradient is no number any more.
    private func update<Network: SequenceAnswerer>(
        _ network: inout Network, _ optimizer: inout AdamW, step: Int
    ) -> Bool {
        var random = RandomGenerator(seed: seed, stream: UInt64(step))
        let batch = task.batch(options.batch, length: length, using: &random)
        var (loss, gradient) = valueAndGradient(at: network) { network in
            task.loss(network.answers(to: batch.inputs, count: task.answerCount), batch)
        }
        guard loss.item.isFinite, gradient.norm.isFinite else { return false }
        gradient.clip(norm: options.clip)
        optimizer.update(&network, gradient)
        return true
    }

    /// The success on sequences of a stream of their own, in parts as large as a batch of training.
    private func judge(
        _ network: some SequenceAnswerer, _ count: Int, _ stream: UInt64
    ) -> Double {
        var random = RandomGenerator(seed: seed, stream: stream)
        var (sum, done) = (0.0, 0)
        while done < count {
            let size = min(options.batch, count - done)
            let batch = task.batch(size, length: length, using: &random)
            let answers = network.answers(to: batch.inputs, count: task.answerCount)
            sum += task.success(answers, batch) * Double(size)
            done += size
        }
        return sum / Double(count)
    }
}

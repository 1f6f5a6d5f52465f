import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletTraining

/// When the watch speaks, and when it does not.
@Suite struct GradientWatchTests {
    private func alarms(_ norms: [Double], clip: Double = 1) -> [(step: Int, GradientAlarm)] {
        var watch = GradientWatch(clippingNorm: clip)
        return norms.enumerated().compactMap { step, norm in
            watch.observe(GradientLengths(norm: norm)).map { (step, $0) }
        }
    }

    /// Lengths as usual runs have them: around 1, some ten times as long.
    private func usual(_ count: Int, seed: UInt64) -> [Double] {
        var random = RandomGenerator(seed: seed)
        return (0..<count).map { _ in
            let normal = Double(random.normal([1]).item)
            return Decimals.power(2.7, normal * 0.8)
        }
    }

    @Test func aSuddenExplosionIsToldOnce() throws {
        var norms = usual(300, seed: 1)
        norms[150] = 1000
        norms[151] = 1e9
        let found = alarms(norms)
        #expect(found.map(\.step) == [150])
        guard case .exploding(norm: 1000, let median?) = try #require(found.first).1 else {
            Issue.record("\(found)")
            return
        }
        #expect(median > 0.5 && median < 2)
        #expect("\(found[0].1)".contains("their length is 1000, usual is"))
    }

    @Test func aLengthThatIsNoNumberIsToldAtOnce() throws {
        for value in [Double.nan, .infinity] {
            let found = alarms([1, value, 1])
            #expect(found.map(\.step) == [1])
            #expect("\(try #require(found.first).1)".contains("their length is not finite"))
        }
    }

    @Test func lengthsFarBeyondClippingAreToldOnceThereAreEnough() {
        #expect(alarms(Array(repeating: 3e4, count: 250)).map(\.step) == [GradientWatch.window])
        #expect(alarms(Array(repeating: 3e4, count: 250), clip: 10).isEmpty)
    }

    @Test(arguments: 0..<20)
    func usualRunsAreQuiet(seed: Int) {
        let norms = usual(2000, seed: UInt64(seed))
        #expect(alarms(norms).isEmpty)
        // A network that has learned its texts: gradients get short, but for a text now and then.
        var fitted = norms.enumerated().map { $1 * Decimals.power(0.99, Double($0)) }
        for step in stride(from: 500, to: 2000, by: 100) { fitted[step] = 3 }
        #expect(alarms(fitted).isEmpty)
        #expect(alarms(Array(repeating: 0, count: 300) + norms).isEmpty)
        // The first steps of a run may be short: there is no usual length yet.
        #expect(alarms(Array(repeating: 1e-6, count: GradientWatch.warmUp - 1) + norms).isEmpty)
    }

    @Test func aRecurrentMatrixThatGetsNothingIsToldOnce() throws {
        func alarms(_ shares: [Double]) -> [(step: Int, GradientAlarm)] {
            var watch = GradientWatch(clippingNorm: 1)
            return shares.enumerated().compactMap { step, share in
                watch.observe(GradientLengths(norm: 2, recurrent: ("weight_hh_l0", 2 * share)))
                    .map { (step, $0) }
            }
        }
        let found = alarms(Array(repeating: 1e-9, count: 500))
        #expect(found.map(\.step) == [GradientWatch.window - 1])
        #expect(found[0].1 == .vanishing(parameter: "weight_hh_l0", share: 1e-9))
        #expect("\(found[0].1)".contains("weight_hh_l0 has got only 1.0e-9 of them"))
        var interrupted = Array(repeating: 0.0, count: 199)
        interrupted[99] = 0.01
        #expect(alarms(interrupted).isEmpty)
        #expect(alarms(Array(repeating: 1e-5, count: 500)).isEmpty)
    }

    @Test func theLengthsAreThoseOfTheGradient() throws {
        var random = RandomGenerator(seed: 2)
        let lstm = LSTM(inputSize: 3, hiddenSize: 4, layers: 2, using: &random)
        let x = random.normal([2, 5, 3])
        let (_, gradient) = valueAndGradient(at: lstm) { $0(x).output.squared().sum() }
        let lengths = GradientLengths(gradient)
        #expect(lengths.norm == gradient.norm)
        let recurrent = gradient.tensors.filter { $0.name.hasPrefix("weight_hh") }
            .map { ($0.name, $0.tensor.sumOfSquares.squareRoot()) }
        let shortest = try #require(recurrent.min { $0.1 < $1.1 })
        #expect(recurrent.count == 2)
        #expect(lengths.recurrent?.name == shortest.0 && lengths.recurrent?.norm == shortest.1)
    }

    /// Units whose sums are far below zero: relu gives 0, and no gradient comes through.
    @Test func deadUnitsVanishInARealLoop() throws {
        struct Dead: Module {
            var rnn: RecurrentStack
            var output: Linear
            mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows
            {
                try rnn.forEachParameter(in: "rnn", visit)
                try output.forEachParameter(in: "output", visit)
            }
        }
        var random = RandomGenerator(seed: 4)
        func events(bias: Float) throws -> [String] {
            var model = Dead(
                rnn: RecurrentStack(cell: .rnnRelu, inputSize: 3, hiddenSize: 4, using: &random),
                output: Linear(inputSize: 4, outputSize: 1, using: &random))
            model.rnn.weights[0][0].inputBias = Tensor([Float](repeating: bias, count: 4))
            var trainer = Trainer(
                plan: .init(
                    epochs: 1, stepsPerEpoch: 150,
                    schedule: Schedule(.constant, warmUpSteps: 0, totalSteps: 150),
                    learningRate: 1e-3, gradientNorm: 1, patience: nil, seed: 0),
                model: model, optimizer: AdamW(learningRate: 1e-3, weightDecay: 0))
            var found: [String] = []
            _ = try trainer.run(
                task: .init(
                    loss: { model, _, _, random in
                        let x = random!.normal([4, 6, 3])
                        let answer = model.output(model.rnn(x).output.select(axis: 1, 5))
                        let target = x.sum(axis: 2).select(axis: 1, 5).reshaped([4, 1])
                        return (
                            answer.meanSquaredError(target),
                            BatchOutcome(correct: 0, examples: 4, tokens: 24)
                        )
                    }, validate: { _ in (1, 0) }, save: { _ in }),
                report: { event in
                    if case .gradients(let alarm, let epoch, let step) = event {
                        found.append("\(epoch).\(step) \(alarm)")
                    }
                })
            return found
        }
        let dead = try events(bias: -50)
        #expect(dead.count == 1)
        #expect(
            dead[0].hasPrefix(
                "1.100 the gradients vanish: for 100 steps rnn.weight_hh_l0 has got none"))
        #expect(try events(bias: 0).isEmpty)
    }

    @Test func aTinyRunIsQuiet() throws {
        try withTinyRun { run in
            run.options.epochs = 15
            var found: [GradientAlarm] = []
            try run.run { event in
                if case .training(.gradients(let alarm, _, _)) = event { found.append(alarm) }
            }
            #expect(found.isEmpty, "\(found)")
        }
    }
}

import MartletNN
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// Training by windows: the state goes on, the gradient stops.
@Suite struct TruncatedBackpropagationTests {
    private static func lstm() -> RecurrentStack {
        var random = RandomGenerator(seed: 51)
        return RecurrentStack(cell: .lstm, inputSize: 3, hiddenSizes: [5, 4], using: &random)
    }

    private static func cells() -> CellStack<MinLSTMCell> {
        var random = RandomGenerator(seed: 52)
        return CellStack(inputSize: 3, layers: 2) {
            MinLSTMCell(inputSize: $0, hiddenSize: 4, using: &random)
        }
    }

    private func data(_ steps: Int, seed: UInt64 = 53) -> (input: Tensor, targets: Tensor) {
        var random = RandomGenerator(seed: seed)
        return (random.normal([2, steps, 3]), random.normal([2, steps, 4]))
    }

    private func expectSame<M: Module>(_ a: M, _ b: M, isSame: Bool = true) {
        let difference = zip(a.parameters, b.parameters).reduce(0) {
            max($0, largestDifference($1.0.tensor, $1.1.tensor))
        }
        #expect(isSame ? difference == 0 : difference > 0)
    }

    private func expectSame<State: SequenceState>(_ a: State?, _ b: State?) {
        for (a, b) in zip(a!.tensors, b!.tensors) { #expect(largestDifference(a, b) == 0) }
    }

    @Test func aWindowOfAllStepsIsPlainBackpropagation() {
        func check<Layer: SequenceLayer>(_ layer: Layer) {
            let (input, targets) = data(12)
            var (own, other) = (layer, layer)
            var ownRule = AdamW(learningRate: 0.01)
            var otherRule = AdamW(learningRate: 0.01)
            for norm in [nil, 0.01] {
                let training = TruncatedBackpropagation(window: 12, clippingNorm: norm)
                let (losses, state) = training.train(
                    &own, with: &ownRule, on: input, targets: targets
                ) { $0.meanSquaredError($1) }
                let (loss, last, gradient) = valueAndGradient(at: other) { layer in
                    let (output, state) = layer.run(input, lengths: nil, from: nil)
                    return (output.meanSquaredError(targets), state)
                }
                otherRule.update(&other, norm.map { gradient.clipped(norm: $0) } ?? gradient)
                #expect(losses == [loss.item])
                expectSame(own, other)
                expectSame(state, last)
            }
            expectSame(own, layer, isSame: false)
        }
        check(Self.lstm())
        check(Self.cells())
    }

    /// Three windows, the last one shorter, against the loop by hand with states that are made anew from their numbers.
    @Test func windowsGoOnFromTheStateAndGradientsStop() {
        func check<Layer: SequenceLayer>(_ layer: Layer) {
            let (input, targets) = data(11)
            var own = layer
            var ownRule = SGD(learningRate: 0.5, momentum: 0.9)
            let training = TruncatedBackpropagation(window: 4, clippingNorm: 0.3)
            let (losses, state) = training.train(
                &own, with: &ownRule, on: input, targets: targets
            ) { $0.meanSquaredError($1) }
            #expect(losses.count == 3)

            func byHand(_ isCarried: Bool) -> (Layer, [Double], Layer.State?) {
                var other = layer
                var rule = SGD(learningRate: 0.5, momentum: 0.9)
                var state: Layer.State?
                var losses: [Double] = []
                for steps in [0..<4, 4..<8, 8..<11] {
                    let copy = state.map { state in
                        state.with(
                            tensors: state.tensors.map {
                                Tensor($0.scalars(as: Float.self), shape: $0.shape)
                            })
                    }
                    let (loss, last, gradient) = valueAndGradient(at: other) { layer in
                        let (output, state) = layer.run(
                            input.slice(axis: 1, steps), lengths: nil, from: copy)
                        return (output.meanSquaredError(targets.slice(axis: 1, steps)), state)
                    }
                    rule.update(&other, gradient.clipped(norm: 0.3))
                    losses.append(loss.item)
                    state = isCarried ? last : nil
                }
                return (other, losses, state)
            }
            let carried = byHand(true)
            #expect(losses == carried.1)
            expectSame(own, carried.0)
            expectSame(state, carried.2)
            #expect(losses != byHand(false).1)
        }
        check(Self.lstm())
        check(Self.cells())
    }

    /// The gradient of the second window alone: it differs from the one that goes back to the first window's begin.
    @Test func theGradientOfAWindowIsNotThatOfAllSteps() {
        let layer = Self.lstm()
        let (input, targets) = data(8)
        func loss(_ layer: RecurrentStack, _ steps: Range<Int>, _ state: RecurrentState?) -> (
            Tensor, RecurrentState
        ) {
            let (output, last) = layer(input.slice(axis: 1, steps), state: state)
            return (output.meanSquaredError(targets.slice(axis: 1, steps)), last)
        }
        let first = layer(input.slice(axis: 1, 0..<4)).state
        var found = layer
        var rule = SGD(learningRate: 1)
        let training = TruncatedBackpropagation(window: 4)
        _ = training.train(&found, with: &rule, steps: 4, from: first) { layer, _, state in
            loss(layer, 4..<8, state)
        }
        let (_, through) = valueAndGradient(at: layer) { layer in
            loss(layer, 4..<8, layer(input.slice(axis: 1, 0..<4)).state).0
        }
        let (_, stopped) = valueAndGradient(at: layer) { loss($0, 4..<8, first).0 }
        for ((name, new), old) in zip(found.parameters, layer.parameters) {
            let step = old.tensor - new
            let own = stopped.tensors.first { $0.name == name }!.tensor
            let whole = through.tensors.first { $0.name == name }!.tensor
            #expect(largestDifference(step, own) < 1e-6)
            #expect(largestDifference(step, whole) > 1e-5, "\(name)")
        }
    }

    @Test func aSecondCallGoesOnWhereTheFirstEnded() {
        let (input, targets) = data(12)
        let training = TruncatedBackpropagation(window: 3, clippingNorm: 1)
        var (whole, parts) = (Self.lstm(), Self.lstm())
        var (wholeRule, partsRule) = (AdamW(learningRate: 0.01), AdamW(learningRate: 0.01))
        let all = training.train(&whole, with: &wholeRule, on: input, targets: targets) {
            $0.meanSquaredError($1)
        }
        var state: RecurrentState?
        var losses: [Double] = []
        for steps in [0..<6, 6..<6, 6..<12] {
            let result = training.train(
                &parts, with: &partsRule, on: input.slice(axis: 1, steps),
                targets: targets.slice(axis: 1, steps), from: state
            ) { $0.meanSquaredError($1) }
            losses += result.losses
            state = result.state
        }
        #expect(losses == all.losses && losses.count == 4)
        expectSame(whole, parts)
        expectSame(state, all.state)
    }

    /// A network with a linear layer on top, to say what came some steps ago.
    struct Echo: SequenceLayer {
        var stack: RecurrentStack
        var output: Linear
        var readsForward: Bool { stack.readsForward }

        func zeroState(batch: Int, dtype: DType) -> RecurrentState {
            stack.zeroState(batch: batch, dtype: dtype)
        }

        func run(_ input: Tensor, lengths: [Int]?, from state: RecurrentState?) -> (
            output: Tensor, state: RecurrentState
        ) {
            let (h, last) = stack(input, lengths: lengths, state: state)
            return (output(h), last)
        }

        mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            try stack.forEachParameter(visit)
            try output.forEachParameter(in: "output", visit)
        }
    }

    /// What came four steps ago, of a sequence of coin flips, where each window of eight steps begins in the middle.
    @Test func learnsADelayedEcho() {
        var random = RandomGenerator(seed: 54)
        var model = Echo(
            stack: RecurrentStack(cell: .lstm, inputSize: 1, hiddenSizes: [24], using: &random),
            output: Linear(inputSize: 24, outputSize: 1, using: &random))
        var rule = AdamW(learningRate: 0.01, weightDecay: 0)
        let training = TruncatedBackpropagation(window: 8, clippingNorm: 1)
        let (batch, steps, delay) = (16, 1600, 4)
        let flips = random.bernoulli([batch, steps + delay, 1], probability: 0.5)
            .cast(to: .float32)
        var state: RecurrentState?
        var losses: [Double] = []
        for begin in stride(from: delay, to: steps, by: 80) {
            let result = training.train(
                &model, with: &rule, on: flips.slice(axis: 1, begin..<begin + 80),
                targets: flips.slice(axis: 1, begin - delay..<begin - delay + 80), from: state
            ) { $0.binaryCrossEntropyWithLogits($1) }
            losses += result.losses
            state = result.state
        }
        #expect(losses[0] > 0.6)  // log 2 = 0.69: it knows nothing
        #expect(losses.suffix(10).reduce(0, +) / 10 < 0.05, "\(losses.suffix(10))")
    }
}

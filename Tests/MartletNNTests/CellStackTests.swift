import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// What a cell gets for free: padding, masks, directions, streams, batches, saving.
@Suite struct CellStackTests {
    /// A plain network with a state of two parts, one of which counts the steps: `[B, H]` and `[B]`.
    struct CountingCell: RecurrentCell {
        struct State: CellState {
            var hidden: Tensor
            var steps: Tensor
            var tensors: [Tensor] { [hidden, steps] }
            init(tensors: [Tensor]) { (hidden, steps) = (tensors[0], tensors[1]) }
        }
        var input: Linear
        var hidden: Linear
        var inputSize: Int { input.weight.shape[1] }
        var outputSize: Int { hidden.weight.shape[0] }

        init(_ inputSize: Int, _ hiddenSize: Int, using random: inout RandomGenerator) {
            input = Linear(inputSize: inputSize, outputSize: hiddenSize, using: &random)
            hidden = Linear(
                inputSize: hiddenSize, outputSize: hiddenSize, bias: false, using: &random)
        }

        func zeroState(batch: Int, dtype: DType) -> State {
            State(tensors: [
                .zeros([batch, outputSize], dtype: dtype), .zeros([batch], dtype: dtype),
            ])
        }

        func prepared(_ x: Tensor) -> Tensor { input(x) }

        func step(_ x: Tensor, _ state: State) -> (output: Tensor, state: State) {
            let h = (x + hidden(state.hidden)).tanh()
            return (h, State(tensors: [h, state.steps + 1]))
        }

        mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
            try input.forEachParameter(in: "input", visit)
            try hidden.forEachParameter(in: "hidden", visit)
        }
    }

    private func stack(layers: Int = 2, bidirectional: Bool = false, reversed: Bool = false)
        -> CellStack<CountingCell>
    {
        var random = RandomGenerator(seed: 31)
        return CellStack(
            inputSize: 5, layers: layers, bidirectional: bidirectional, reversed: reversed
        ) { CountingCell($0, 7, using: &random) }
    }

    @Test func namesSayLayerAndDirection() {
        #expect(
            stack(bidirectional: true).parameters.map(\.name) == [
                "input.weight_l0", "input.bias_l0", "hidden.weight_l0",
                "input.weight_l0_reverse", "input.bias_l0_reverse", "hidden.weight_l0_reverse",
                "input.weight_l1", "input.bias_l1", "hidden.weight_l1",
                "input.weight_l1_reverse", "input.bias_l1_reverse", "hidden.weight_l1_reverse",
            ])
        #expect(stack(bidirectional: true).cells[1][0].inputSize == 14)
    }

    /// The same network as one of ours, whose numbers PyTorch has confirmed.
    @Test(arguments: [false, true])
    func equalsAPlainNetwork(bidirectional: Bool) {
        let own = stack(bidirectional: bidirectional)
        var random = RandomGenerator(seed: 32)
        var rnn = RNN(
            inputSize: 5, hiddenSize: 7, layers: 2, bidirectional: bidirectional, using: &random)
        for (layer, cells) in own.cells.enumerated() {
            for (direction, cell) in cells.enumerated() {
                rnn.stack.weights[layer][direction] = {
                    var weights = rnn.stack.weights[layer][direction]
                    weights.inputHidden = cell.input.weight
                    weights.inputBias = cell.input.bias
                    weights.hiddenHidden = cell.hidden.weight
                    weights.hiddenBias = .zeros([7])
                    return weights
                }()
            }
        }
        let x = random.normal([4, 6, 5])
        let mask = random.bernoulli([4, 6], probability: 0.6)
        let lengths = [6, 0, 5, 3]
        let (a, b) = (own(x, lengths: lengths, mask: mask), rnn(x, lengths: lengths, mask: mask))
        #expect(largestDifference(a.output, b.output) < 1e-5)
        for (own, other) in zip(a.state.directions, b.state.directions) {
            #expect(largestDifference(own.hidden, other.hidden) < 1e-5)
        }
        // The count is of the real steps alone.
        let real = mask.cast(to: .float32).scalars(as: Float.self)
        let counts = lengths.enumerated().map { b, length in
            (0..<length).reduce(Float(0)) { $0 + real[b * 6 + $1] }
        }
        for part in a.state.directions { #expect(part.steps.scalars(as: Float.self) == counts) }
    }

    @Test(arguments: [(false, false), (false, true), (true, false)])
    func paddingNeverChangesANumberEvenIfItIsNone(bidirectional: Bool, reversed: Bool) {
        let stack = stack(bidirectional: bidirectional, reversed: reversed)
        var random = RandomGenerator(seed: 33)
        let mask: [Float] = [0, 1, 1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
        let real = Tensor(mask, shape: [4, 5, 1]) .!= Tensor(Float(0))
        let clean = random.normal([4, 5, 5])
        let start = stack.zeroState(batch: 4).mapped { random.normal($0.shape) }
        let weights = random.normal([4, 5, stack.outputSize])
        func run(_ x: Tensor) -> [Tensor] {
            var results: [Tensor] = []
            let (_, gradients) = valueAndGradients(
                at: [x] + start.tensors + stack.parameters.map(\.tensor)
            ) { tensors in
                let count = start.tensors.count
                var index = count
                let traced = stack.mapParameters { _, _ in
                    index += 1
                    return tensors[index]
                }
                let (output, state) = traced(
                    tensors[0], mask: Tensor(mask, shape: [4, 5]),
                    state: start.with(tensors: Array(tensors[1...count])))
                results = [output.detached] + state.tensors.map(\.detached)
                let sum = (output * weights).sum()
                return state.tensors.reduce(sum) { $0 + $1.sum() }
            }
            return results + gradients
        }
        let expected = run(real.select(clean, .zeros([])))
        let found = run(real.select(clean, .full([], .nan)))
        for (a, b) in zip(found, expected) { #expect(largestDifference(a, b) == 0) }
        // Outputs and input gradients are zero where nothing is real; row 1 keeps its state.
        for tensor in [found[0], found[1 + start.tensors.count]] {
            #expect(real.select(.zeros([]), tensor).sumOfSquares == 0)
            #expect(tensor.sumOfSquares > 0)
        }
        for (old, new) in zip(start.tensors, found[1...]) {
            #expect(largestDifference(old.select(axis: 0, 1), new.select(axis: 0, 1)) == 0)
            #expect(largestDifference(old.select(axis: 0, 0), new.select(axis: 0, 0)) > 0)
        }
    }

    @Test func aSequenceAloneHasTheSameBits() {
        let stack = stack(bidirectional: true)
        var random = RandomGenerator(seed: 34)
        let x = random.normal([5, 9, 5])
        let lengths = [4, 9, 0, 1, 7]
        let all = stack(x, lengths: lengths)
        for (b, length) in lengths.enumerated() {
            let own = stack(x.slice(axis: 0, b..<b + 1).slice(axis: 1, 0..<length))
            let there = all.output.slice(axis: 0, b..<b + 1).slice(axis: 1, 0..<length)
            #expect(largestDifference(own.output, there) == 0)
            for (a, b) in zip(own.state.tensors, all.state.rows(at: [b]).tensors) {
                #expect(largestDifference(a, b) == 0)
            }
        }
    }

    @Test func nothingToReadIsLegal() {
        let stack = stack(bidirectional: true)
        let none = stack(.zeros([0, 3, 5]))
        #expect(none.output.shape == [0, 3, 14] && none.state.batch == 0)
        let short = stack(.zeros([2, 0, 5]))
        #expect(short.output.shape == [2, 0, 14] && short.state.batch == 2)
        let masked = stack(.full([2, 3, 5], .nan), lengths: [0, 0])
        #expect(masked.output.shape == [2, 3, 14] && masked.output.sumOfSquares == 0)
        #expect(masked.state.tensors.allSatisfy { $0.sumOfSquares == 0 })
    }

    @Test func dropoutActsBetweenLayersWhenThereAreRandomNumbers() {
        var stack = stack()
        stack.dropout = Dropout(0.5)
        var random = RandomGenerator(seed: 35)
        let x = random.normal([2, 4, 5])
        func run(_ seed: UInt64?) -> Tensor {
            var own = seed.map { RandomGenerator(seed: $0) }
            return stack(x, dropout: &own).output
        }
        #expect(largestDifference(run(nil), stack(x).output) == 0)
        #expect(largestDifference(run(1), run(1)) == 0)
        #expect(largestDifference(run(1), run(2)) > 0)
        #expect(largestDifference(run(1), run(nil)) > 0)
    }

    // MARK: Streams, batches, saving

    @Test(arguments: [1, 3])
    func chunksGiveTheWhole(batch: Int) {
        func check<Cell: RecurrentCell>(_ cell: (Int) -> Cell) {
            let stack = CellStack(inputSize: 5, layers: 2, cell: cell)
            var random = RandomGenerator(seed: 36)
            let x = random.normal([batch, 23, 5])
            let whole = stack(x)
            var stream = stack.stream(batch: batch)
            var outputs: [Tensor] = []
            var begin = 0
            for size in [1, 1, 5, 2, 13] {
                outputs.append(stream(x.slice(axis: 1, begin..<begin + size)))
                begin += size
            }
            var fork = stream
            outputs.append(stream.step(x.select(axis: 1, 22)).expandingDimension(at: 1))
            #expect(largestDifference(.concatenate(outputs, axis: 1), whole.output) == 0)
            for (a, b) in zip(stream.state.tensors, whole.state.tensors) {
                #expect(largestDifference(a, b) == 0)
            }
            let other = fork.step(x.select(axis: 1, 22))
            #expect(largestDifference(other, whole.output.select(axis: 1, 22)) == 0)
        }
        var random = RandomGenerator(seed: 37)
        check { CountingCell($0, 19, using: &random) }
        check { LayerNormLSTMCell(inputSize: $0, hiddenSize: 19, using: &random) }
        check { MinLSTMCell(inputSize: $0, hiddenSize: 19, using: &random) }
        check { IndRNNCell(inputSize: $0, hiddenSize: 19, using: &random) }
    }

    @Test func statesAreBatchedAndTakenApart() {
        let stack = stack()
        var random = RandomGenerator(seed: 38)
        let x = random.normal([3, 4, 5])
        let all = stack(x, lengths: [4, 2, 3]).state
        let apart = (0..<3).map { all.rows(at: [$0]) }
        #expect(apart.map(\.batch) == [1, 1, 1])
        let again = CellStackState.concatenate(apart.reversed()).rows(at: [2, 1, 0])
        for (a, b) in zip(all.tensors, again.tensors) { #expect(largestDifference(a, b) == 0) }
        #expect(again.directions[0].steps.scalars(as: Float.self) == [4, 2, 3])
    }

    @Test func aStateIsSavedByNameAndAnotherIsRefused() throws {
        let stack = stack(bidirectional: true)
        var random = RandomGenerator(seed: 39)
        let state = stack(random.normal([2, 4, 5])).state
        var named = state.named(of: stack)
        #expect(named.count == 8 && named["state_1_l1_reverse"]?.shape == [2])
        let again = try CellStackState(named: named, of: stack)
        for (a, b) in zip(state.tensors, again.tensors) { #expect(largestDifference(a, b) == 0) }
        func refusal() -> String {
            do {
                _ = try CellStackState(named: named, of: stack)
                return ""
            } catch { return "\(error)" }
        }
        named["state_0_l0"] = .zeros([2, 8])
        #expect(refusal().contains("\"state_0_l0\" is float32 [2, 8]: expected float32 [2, 7]"))
        named["state_0_l0"] = nil
        #expect(refusal().contains("7 tensors: expected 8"))
        named["state_0"] = .zeros([2, 7])
        #expect(refusal().contains("no \"state_0_l0\""))
    }
}

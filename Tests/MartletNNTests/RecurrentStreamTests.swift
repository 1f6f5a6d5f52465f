import Foundation
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Streams: the numbers of the whole, whatever the chunks and the company.
@Suite struct RecurrentStreamTests {
    private static func stacks() -> [RecurrentStack] {
        var random = RandomGenerator(seed: 11)
        var all = CellKind.allCases.map {
            RecurrentStack(cell: $0, inputSize: 5, hiddenSizes: [19, 7], using: &random)
        }
        all.append(
            RecurrentStack(
                cell: .lstm, inputSize: 5, hiddenSizes: [40, 33], projectionSize: 9,
                peephole: true, initialization: .keras, using: &random))
        all.append(RecurrentStack(cell: .lstm, inputSize: 5, hiddenSizes: [130], using: &random))
        return all
    }

    private func isZero(_ state: RecurrentState) -> Bool {
        state.directions.allSatisfy { $0.hidden.scalars(as: Float.self).allSatisfy { $0 == 0 } }
    }

    @Test(arguments: Self.stacks(), [1, 2, 3, 7])
    func chunksGiveTheWhole(stack: RecurrentStack, batch: Int) {
        var random = RandomGenerator(seed: 3)
        let x = random.normal([batch, 23, 5])
        let whole = stack(x)
        var stream = stack.stream(batch: batch)
        var outputs: [Tensor] = []
        var begin = 0
        for size in [1, 1, 5, 2, 13, 1] {
            outputs.append(stream(x.slice(axis: 1, begin..<begin + size)))
            begin += size
        }
        #expect(largestDifference(.concatenate(outputs, axis: 1), whole.output) == 0)
        for (a, b) in zip(stream.state.directions, whole.state.directions) {
            #expect(largestDifference(a.hidden, b.hidden) == 0)
            if let cell = b.cell { #expect(largestDifference(a.cell!, cell) == 0) }
        }
    }

    @Test func aChangedParameterIsUsed() {
        var random = RandomGenerator(seed: 8)
        var stack = Self.stacks()[2].prepared
        let x = random.normal([1, 2, 5])
        let before = stack(x).output
        stack.weights[0][0].hiddenHidden = stack.weights[0][0].hiddenHidden + 0.5
        #expect(largestDifference(stack(x).output, before) > 1e-3)
        let again = stack.prepared
        #expect(largestDifference(again(x).output, stack(x).output) == 0)
    }

    @Test func aForkGoesOnForItself() {
        let stack = Self.stacks()[3]
        var random = RandomGenerator(seed: 4)
        let (a, b) = (random.normal([1, 4, 5]), random.normal([1, 4, 5]))
        var first = stack.stream()
        _ = first(a)
        var second = first
        let other = second(b)
        let same = first(a)
        #expect(largestDifference(other, same) > 0)
        #expect(
            largestDifference(
                same, stack(.concatenate([a, a], axis: 1)).output.slice(axis: 1, 4..<8)) == 0)
    }

    @Test(arguments: Self.stacks())
    func aStreamIsTheSameAmongMany(stack: RecurrentStack) {
        var random = RandomGenerator(seed: 5)
        var streams = RecurrentStreams(stack)
        let ids = (0..<20).map { _ in streams.open() }
        let x = random.normal([20, 6, 5])
        // Each in its own order: stream i sits out step i % 6.
        var outputs = [Int: [Tensor]]()
        for time in 0..<6 {
            let present = (0..<20).filter { $0 % 6 != time }.reversed()
            let rows = present.map { x.slice(axis: 0, $0..<$0 + 1).select(axis: 1, time) }
            let y = streams.step(present.map { ids[$0] }, .concatenate(rows, axis: 0))
            for (place, stream) in present.enumerated() {
                outputs[stream, default: []].append(y.slice(axis: 0, place..<place + 1))
            }
        }
        for (number, id) in ids.enumerated() {
            let times = (0..<6).filter { number % 6 != $0 }
            let own = Tensor.concatenate(
                times.map { x.slice(axis: 0, number..<number + 1).slice(axis: 1, $0..<$0 + 1) },
                axis: 1)
            let alone = stack(own)
            let found = Tensor.stack(outputs[number]!)
                .reshaped([1, times.count, stack.outputSize])
            #expect(largestDifference(found, alone.output) == 0)
            let state = streams.state(of: id)
            #expect(
                largestDifference(state.directions[0].hidden, alone.state.directions[0].hidden) == 0
            )
        }
    }

    @Test func streamsComeAndGo() {
        let stack = Self.stacks()[3]
        var random = RandomGenerator(seed: 6)
        var streams = RecurrentStreams(stack)
        let first = streams.open()
        let x = random.normal([1, 3, 5])
        _ = streams.feed([first], x)
        let kept = streams.close(first)
        #expect(streams.count == 0 && !streams.isOpen(first))
        let second = streams.open()
        #expect(streams.count == 1 && streams.isOpen(second) && !streams.isOpen(first))
        #expect(isZero(streams.state(of: second)))
        let third = streams.open(from: kept)
        let y = streams.feed([second, third], .concatenate([x, x], axis: 0), lengths: [0, 3])
        let whole = stack(.concatenate([x, x], axis: 1)).output.slice(axis: 1, 3..<6)
        #expect(largestDifference(y.slice(axis: 0, 1..<2), whole) == 0)
        #expect(isZero(streams.state(of: second)))
    }

    @Test(arguments: Self.stacks())
    func aStateIsKeptAndRestored(stack: RecurrentStack) throws {
        var random = RandomGenerator(seed: 7)
        var stream = stack.stream(batch: 2)
        _ = stream(random.normal([2, 4, 5]))
        let data = try JSONEncoder().encode(stream.state.saved(of: stack))
        let saved = try JSONDecoder().decode(SavedRecurrentState.self, from: data)
        var again = stack.stream(from: try RecurrentState(saved, of: stack, batch: 2))
        let x = random.normal([2, 3, 5])
        #expect(largestDifference(again(x), stream(x)) == 0)
    }

    @Test func aStateOfAnotherNetworkIsRefused() throws {
        let stacks = Self.stacks()
        let stack = stacks[2]
        let good = stack.zeroState(batch: 2).saved(of: stack)
        func refusal(_ saved: SavedRecurrentState, batch: Int? = nil) -> String {
            do {
                _ = try RecurrentState(saved, of: stack, batch: batch)
                return ""
            } catch { return "\(error)" }
        }
        #expect(refusal(good) == "")
        #expect(refusal(good, batch: 3).contains("of 2 sequences: expected 3"))
        #expect(
            refusal(stacks[3].zeroState(batch: 2).saved(of: stacks[3])).contains(
                "another network (gru"))
        var changed = stack
        changed.weights[0][0].inputHidden = changed.weights[0][0].inputHidden + 1e-3
        #expect(changed.fingerprint != stack.fingerprint)
        #expect(refusal(changed.zeroState(batch: 2).saved(of: changed)).contains("another network"))
        var bad = good
        bad.version = 2
        #expect(refusal(bad).contains("version 2: expected 1"))
        bad = good
        bad.parts.removeLast()
        #expect(refusal(bad).contains("1 parts: expected 2"))
        bad = good
        bad.parts[1].cell = nil
        #expect(refusal(bad).contains("another kind of cell"))
        for text in [
            String(good.parts[0].hidden.dropLast()), "", good.parts[0].hidden + "00000000",
            "x" + good.parts[0].hidden.dropFirst(),
        ] {
            bad = good
            bad.parts[0].hidden = text
            #expect(refusal(bad).contains("cut off or damaged"))
        }
        bad = good
        bad.batch = -1
        #expect(refusal(bad).contains("damaged"))
    }

    @Test func aStateThatIsNoNumberIsSeen() {
        let stack = Self.stacks()[2]
        var stream = stack.stream()
        _ = stream.step(.zeros([1, 5]))
        #expect(stream.state.isFinite)
        _ = stream.step(.full([1, 5], .nan))
        #expect(!stream.state.isFinite)
        let after = stream.step(.zeros([1, 5])).scalars(as: Float.self)
        #expect(after.allSatisfy { $0.isNaN })
    }
}

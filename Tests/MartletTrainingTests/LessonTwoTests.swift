import Foundation
import MartletNN
import MartletTensor
import Testing

/// The code of Documentation/Learn/02-state-and-streaming.md, and that the lesson shows just this code.
@Suite struct LessonTwoTests {
    private func network() -> (LSTM, Tensor) {
        // lesson: network
        var random = RandomGenerator(seed: 1)
        let lstm = LSTM(inputSize: 8, hiddenSizes: [32, 16], using: &random)
        let sound = random.normal([1, 1000, 8])  // [B, T, D]: one sequence of 1,000 steps
        let (whole, last) = lstm(sound)
        // lesson: end
        #expect(last.directions.map(\.hidden.shape) == [[1, 32], [1, 16]])
        #expect(whole.shape == [1, 1000, 16])
        return (lstm, sound)
    }

    @Test func chunksGiveTheWhole() {
        let (lstm, sound) = network()
        let whole = lstm(sound).output
        // lesson: stream
        var stream = lstm.stack.stream()
        let beginning = stream(sound.slice(axis: 1, 0..<300))  // 300 steps at once
        let frame = stream.step(sound.select(axis: 1, 300))  // one step: [1, D] -> [1, P]
        let end = stream(sound.slice(axis: 1, 301..<1000))
        // lesson: end
        let parts = [beginning, frame.reshaped([1, 1, 16]), end]
        #expect(
            Tensor.concatenate(parts, axis: 1).scalars(as: Float.self)
                == whole.scalars(as: Float.self))
    }

    @Test func aStateIsAValue() throws {
        let (lstm, sound) = network()
        // lesson: fork
        var stream = lstm.stack.stream()
        _ = stream(sound.slice(axis: 1, 0..<500))
        var silence = stream  // a copy: both know the first 500 steps
        let a = stream(sound.slice(axis: 1, 500..<600))
        let b = silence(.zeros([1, 100, 8]))
        // lesson: end
        #expect(a.scalars(as: Float.self) != b.scalars(as: Float.self))

        // lesson: save
        let data = try JSONEncoder().encode(stream.state.saved(of: lstm.stack))
        // … later, or in another process:
        let saved = try JSONDecoder().decode(SavedRecurrentState.self, from: data)
        var again = lstm.stack.stream(from: try RecurrentState(saved, of: lstm.stack))
        let next = again(sound.slice(axis: 1, 600..<1000))
        // lesson: end
        let tail = lstm(sound).output.slice(axis: 1, 600..<1000)
        #expect(next.scalars(as: Float.self) == tail.scalars(as: Float.self))

        // lesson: refused
        var random = RandomGenerator(seed: 2)
        let other = LSTM(inputSize: 8, hiddenSizes: [32, 16], using: &random)
        do {
            _ = try RecurrentState(saved, of: other.stack)
        } catch {
            print(error)  // the saved state is of another network (lstm 8-32+16 …)
        }
        // lesson: end
        #expect(throws: RecurrentStateError.self) { try RecurrentState(saved, of: other.stack) }
    }

    @Test func manyStreamsAreOneBatch() {
        let (lstm, sound) = network()
        let whole = lstm(sound).output
        // lesson: many
        var streams = RecurrentStreams(lstm.stack)
        let callers = (0..<100).map { _ in streams.open() }
        let frames = Tensor.concatenate(
            (0..<100).map { sound.select(axis: 1, $0) }, axis: 0)  // [100, D]: a frame from each
        let outputs = streams.step(callers, frames)  // [100, P], in one batch
        streams.close(callers[7])
        // lesson: end
        #expect(outputs.shape == [100, 16] && streams.count == 99)
        #expect(
            outputs.slice(axis: 0, 0..<1).scalars(as: Float.self)
                == whole.select(axis: 1, 0).scalars(as: Float.self))
    }

    @Test func maskedStepsAreNotThere() {
        let (lstm, sound) = network()
        // lesson: mask
        let heard = Tensor((0..<1000).map { Int32($0 % 3 == 0 ? 0 : 1) }, shape: [1, 1000])
        let (output, state) = lstm(sound, mask: heard)  // every third step is missing
        // lesson: end
        #expect(output.select(axis: 1, 0).scalars(as: Float.self).allSatisfy { $0 == 0 })
        let kept = Tensor.concatenate(
            (0..<1000).filter { $0 % 3 != 0 }.map { sound.slice(axis: 1, $0..<$0 + 1) }, axis: 1)
        #expect(
            state.directions[1].hidden.scalars(as: Float.self)
                == lstm(kept).state.directions[1].hidden.scalars(as: Float.self))
    }

    @Test func fewerBits() {
        let (lstm, sound) = network()
        // lesson: bits
        let small = lstm.stack.quantized(to: .int8)
        var stream = small.stream()
        let outputs = stream(sound)
        // lesson: end
        let exact = lstm(sound).output
        let error = ((outputs - exact).squared().sum() / exact.squared().sum()).item.squareRoot()
        print("int8: an error of \(error) of the outputs")
        #expect(error > 0 && error < 0.015)
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown("Documentation/Learn/02-state-and-streaming.md", codeIn: #filePath)
    }
}

import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// The code of Documentation/Learn/07-attention.md, and that the lesson shows just this code.
@Suite struct LessonSevenTests {
    private let page = "Documentation/Learn/07-attention.md"

    @Test func attentionIsAWeightedMean() {
        // lesson: by-hand
        let query = Tensor([1, 0] as [Float], shape: [1, 2])  // what step 3 looks for
        let key = Tensor([1, 0, 0, 1, 1, 1] as [Float], shape: [3, 2])  // what each step has
        let value = Tensor([10, 20, 30] as [Float], shape: [3, 1])  // what each step gives
        let scores = query.matmul(key.transposed()) * (1 / 2.0.squareRoot())  // [1, 3]
        let weights = scores.softmax()  // 0.40, 0.20, 0.40: they add up to 1
        let answer = weights.matmul(value)  // 20.0: a mean of the values
        // lesson: end
        #expect(abs(answer.item - 20) < 1e-4)
        let sizes = weights.scalars(as: Float.self)
        #expect(abs(sizes[0] - 0.4) < 0.005 && abs(sizes[1] - 0.2) < 0.005)

        // lesson: operation
        let same = Tensor.attention(  // [B, T, N, K]: batch, steps, heads, width of a head
            query: query.reshaped([1, 1, 1, 2]), key: key.reshaped([1, 3, 1, 2]),
            value: value.reshaped([1, 3, 1, 1]))
        // lesson: end
        #expect(abs(same.item - 20) < 1e-4)
    }

    @Test func aMaskHidesWhatComesLater() {
        // lesson: causal
        var random = RandomGenerator(seed: 1)
        let x = random.normal([1, 5, 2, 4])  // 5 steps, 2 heads of width 4
        let before = Tensor.attention(query: x, key: x, value: x, mask: .causal)
        let later = Tensor.concatenate(
            [x.slice(axis: 1, 0..<4), random.normal([1, 1, 2, 4])], axis: 1)
        let after = Tensor.attention(query: later, key: later, value: later, mask: .causal)
        // The first four steps do not notice that the fifth is another one.
        // lesson: end
        #expect(
            largestDifference(before.slice(axis: 1, 0..<4), after.slice(axis: 1, 0..<4)) == 0)
    }

    @Test func withoutPositionsOrderIsNotSeen() {
        var random = RandomGenerator(seed: 2)
        let x = random.normal([1, 4, 1, 8])
        // lesson: order
        let order = Tensor([2, 0, 3, 1] as [Int32])
        let shuffled = x.reshaped([4, 8]).embedding(order).reshaped([1, 4, 1, 8])
        let last = x.slice(axis: 1, 3..<4)  // the query stays
        let one = Tensor.attention(query: last, key: x, value: x)
        let other = Tensor.attention(query: last, key: shuffled, value: shuffled)  // the same
        // lesson: end
        #expect(largestDifference(one, other) < 1e-6)

        // lesson: rotary
        let rotary = RotaryPositions(width: 8)
        func product(_ p: Int32, _ q: Int32) -> Double {
            let a = rotary(x.slice(axis: 1, 0..<1), positions: Tensor([p]), length: 100)
            let b = rotary(x.slice(axis: 1, 1..<2), positions: Tensor([q]), length: 100)
            return (a * b).sum().item
        }
        let (near, moved) = (product(3, 5), product(60, 62))  // the same: both are 2 apart
        // lesson: end
        #expect(abs(near - moved) < 1e-4 && abs(near - product(3, 9)) > 1e-3)
    }

    @Test func aStateIsWhatWasRead() {
        // lesson: stack
        var random = RandomGenerator(seed: 3)
        let stack = AttentionStack(
            inputSize: 3, hiddenSize: 16, layers: 2, heads: 4, using: &random)
        let x = random.normal([1, 10, 3])
        let whole = stack(x)  // [1, 10, 16]
        // lesson: end

        // lesson: state
        var stream = stack.stream()
        let first = stream(x.slice(axis: 1, 0..<6))
        let kept = stream.state  // keys and values of 6 steps, in both blocks
        let rest = stream(x.slice(axis: 1, 6..<10))
        // lesson: end
        let joined = Tensor.concatenate([first, rest], axis: 1)
        #expect(largestDifference(joined, whole) < 1e-5)
        #expect(kept.caches.map(\.count) == [6, 6] && stream.state.position == 10)
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown(page, codeIn: #filePath)
    }
}

import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// A stack of attention where a recurrent stack would stand.
@Suite struct AttentionStackTests {
    private func stack() -> AttentionStack {
        var random = RandomGenerator(seed: 3)
        return AttentionStack(inputSize: 5, hiddenSize: 8, layers: 2, heads: 2, using: &random)
            .mapParameters { _, tensor in
                (tensor + random.normal(tensor.shape, standardDeviation: 0.2)).cast(to: .float64)
            }
    }

    private func input() -> Tensor {
        var random = RandomGenerator(seed: 4)
        return random.normal([2, 9, 5]).cast(to: .float64)
    }

    @Test func aStreamGivesWhatTheWholeDoes() {
        let (stack, x) = (stack(), input())
        let whole = stack(x)
        var stream = stack.stream(
            from: stack.zeroState(batch: 2, dtype: .float64))
        var parts = [stream(x.slice(axis: 1, 0..<4))]
        let kept = stream.state
        for step in 4..<9 {
            parts.append(stream.step(x.select(axis: 1, step)).expandingDimension(at: 1))
        }
        #expect(largestDifference(.concatenate(parts, axis: 1), whole) < 1e-12)
        // A kept state is a value.
        var again = stack.stream(from: kept)
        #expect(
            largestDifference(again(x.slice(axis: 1, 4..<9)), whole.slice(axis: 1, 4..<9)) < 1e-12)
    }

    /// What is told of attention's weights makes the values that the fused operation gives.
    @Test(arguments: [
        TokenMask.all, .lengths([3, 1, 0]),
        .real(
            Tensor(
                [true, false, true, false, false, true, true, true, false, false, false, false],
                shape: [3, 4])),
    ])
    func weightsMakeWhatIsAttendedTo(mask: TokenMask) {
        var random = RandomGenerator(seed: 5)
        let rule = AttentionRule(dropout: 0.5)
        let (query, key) = (
            random.normal([3, 2, 2, 3], dtype: .float64),
            random.normal([3, 4, 2, 3], dtype: .float64)
        )
        let value = random.normal([3, 4, 2, 5], dtype: .float64)
        var none: RandomGenerator?
        let heads = (0..<2).map { head -> Tensor in
            func one(_ x: Tensor) -> Tensor { x.slice(axis: 2, head..<head + 1) }
            let weights = rule.weights(query: one(query), key: one(key), mask: mask)
            let context = weights.matmul(one(value).squeezed(axis: 2).contiguous())
            let expected = rule.attend(
                query: one(query), key: one(key), value: one(value), mask: mask, dropout: &none)
            #expect(largestDifference(context, expected) < 1e-12)
            return weights
        }
        let mean = (heads[0] + heads[1]) * 0.5
        #expect(largestDifference(rule.weights(query: query, key: key, mask: mask), mean) < 1e-12)
    }

    @Test func itLooksBackOnly() {
        let (stack, x) = (stack(), input())
        let changed = Tensor.concatenate(
            [x.slice(axis: 1, 0..<6), x.slice(axis: 1, 6..<9) + 1], axis: 1)
        let (before, after) = (stack(x), stack(changed))
        #expect(
            largestDifference(before.slice(axis: 1, 0..<6), after.slice(axis: 1, 0..<6)) == 0)
        #expect(
            largestDifference(before.slice(axis: 1, 6..<9), after.slice(axis: 1, 6..<9)) > 0.01)
    }

    /// Trained through the protocol of recurrent layers, whose state is read back, the gradient is the same.
    @Test func aGradientGoesThroughTheState() {
        let (stack, x) = (stack(), input())
        let (_, expected) = valueAndGradient(at: stack) { $0(x).squared().sum() }
        let (_, whole) = valueAndGradient(at: stack) {
            $0.run(x, lengths: nil, from: nil).output.squared().sum()
        }
        let (_, parts) = valueAndGradient(at: stack) { stack in
            let (first, state) = stack.run(x.slice(axis: 1, 0..<4), lengths: nil, from: nil)
            let (second, _) = stack.run(x.slice(axis: 1, 4..<9), lengths: nil, from: state)
            return first.squared().sum() + second.squared().sum()
        }
        for (place, (name, tensor)) in expected.tensors.enumerated() {
            #expect(largestDifference(whole.tensors[place].tensor, tensor) < 1e-10, "\(name)")
            #expect(largestDifference(parts.tensors[place].tensor, tensor) < 1e-10, "\(name)")
        }
    }

    @Test func everyParameterHasItsGradient() {
        let (stack, x) = (stack(), input())
        let (_, gradient) = valueAndGradient(at: stack) { $0(x).squared().sum() }
        let step = 1e-6
        for (place, (name, tensor)) in gradient.tensors.enumerated() {
            // One number of each, by central differences.
            let at = tensor.count / 2
            func loss(_ change: Double) -> Double {
                var index = 0
                let moved = stack.mapParameters { _, parameter in
                    defer { index += 1 }
                    guard index == place else { return parameter }
                    var numbers = parameter.scalars(as: Double.self)
                    numbers[at] += change
                    return Tensor(numbers, shape: parameter.shape)
                }
                return moved(x).squared().sum().item
            }
            let slope = (loss(step) - loss(-step)) / (2 * step)
            let found = tensor.scalars(as: Double.self)[at]
            #expect(abs(slope - found) < 1e-5 * max(1, abs(found)), "\(name): \(found), \(slope)")
        }
    }

    /// Where a sequence may be seen whole, a later step changes what is made of an earlier one; padding never does.
    @Test func notCausalItSeesWhatComes() {
        let stack = stack()
        var random = RandomGenerator(seed: 9)
        let x = random.normal([2, 6, 5]).cast(to: .float64)
        let changed = Tensor.concatenate(
            [x.slice(axis: 1, 0..<4), random.normal([2, 2, 5]).cast(to: .float64)], axis: 1)
        func first(_ x: Tensor, _ lengths: [Int], isCausal: Bool) -> Tensor {
            stack(x, lengths: lengths, isCausal: isCausal).slice(axis: 1, 0..<4)
        }
        let (all, four) = ([6, 6], [4, 4])
        #expect(
            largestDifference(
                first(x, all, isCausal: true), first(changed, all, isCausal: true)) == 0)
        #expect(
            largestDifference(
                first(x, all, isCausal: false), first(changed, all, isCausal: false)) > 1e-4)
        #expect(
            largestDifference(
                first(x, four, isCausal: false), first(changed, four, isCausal: false)) == 0)
        #expect(
            largestDifference(
                first(x, four, isCausal: false),
                stack(x.slice(axis: 1, 0..<4), isCausal: false)) < 1e-6)
    }
}

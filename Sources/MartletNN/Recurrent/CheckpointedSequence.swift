public import MartletTensor
import Synchronization

extension SequenceLayer {
    /// Runs over long sequences in less memory: segment by segment, each of which is computed again for its gradient
    /// (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost").
    ///
    /// What a step keeps for its gradient is there for one segment at a time; between the segments only states, and what
    /// `reading` makes of the outputs. With segments of √T steps and a `reading` that gives a scalar, T steps need memory
    /// for 2·√T or so, and the time of one more forward pass. Values are those of one run, bit for bit; gradients are, but
    /// for the rounding of sums over the segments.
    ///
    /// ```swift
    /// let (losses, state) = stack.checkpointed(x) { output, range in
    ///     output.meanSquaredError(target.slice(axis: 1, range), reduction: .sum)
    /// }
    /// let loss = losses.reduce(losses[0] * 0, +)
    /// ```
    ///
    /// - Parameters:
    ///   - input: `[B, T, …]`, T > 0.
    ///   - segment: the steps of a segment; nil: √T, rounded up.
    ///   - lengths: the number of real steps of each sequence, 0 … T; nil: all T.
    ///   - state: the state to start from.
    ///   - reading: from the outputs `[B, S, …]` of a segment and its steps to what is kept of them. It may use any tensors
    ///     from around it, and must give the same each time.
    /// - Returns: what `reading` gave for each segment, and the state after each sequence's last step.
    public func checkpointed(
        _ input: Tensor, segment: Int? = nil, lengths: [Int]? = nil, from state: State? = nil,
        reading: @escaping @Sendable (_ output: Tensor, _ steps: Range<Int>) -> Tensor
    ) -> (results: [Tensor], state: State) {
        let time = input.shape[1]
        let segment = segment ?? Int(Double(time).squareRoot().rounded(.up))
        precondition(readsForward, "a run by segments of a network that reads from the end")
        precondition(
            time > 0 && segment > 0, "segments of \(segment) steps of an input \(input.shape)")
        precondition(
            lengths?.allSatisfy { 0...time ~= $0 } ?? true,
            "lengths \(lengths ?? []) for an input \(input.shape)")
        var state = state
        var results: [Tensor] = []
        var begin = 0
        let sizes = stride(from: 0, to: time, by: segment).map { min(segment, time - $0) }
        for x in input.blocks(sizes, axis: 1) {
            let steps = begin..<begin + x.shape[1]
            let own = lengths?.map { min(max($0 - steps.lowerBound, 0), steps.count) }
            let start = state
            // A checkpoint gives one tensor: everything one after another.
            let parts = Box<(shapes: [Shape], state: State)>()
            let packed = checkpoint {
                let result = run(x, lengths: own, from: start)
                let all = [reading(result.output, steps)] + result.state.tensors
                parts.value = (all.map(\.shape), result.state.detached)
                return .concatenate(all.map { $0.reshaped([$0.count]) }, axis: 0)
            }
            let (shapes, last) = parts.value!
            let tensors = zip(packed.blocks(shapes.map(\.elementCount)), shapes).map {
                $0.reshaped(Array($1))
            }
            results.append(tensors[0])
            state = last.with(tensors: Array(tensors[1...]))
            begin = steps.upperBound
        }
        return (results, state!)
    }

    /// Runs over long sequences in less memory and keeps all outputs; see
    /// ``checkpointed(_:segment:lengths:from:reading:)``, which can do without.
    ///
    /// - Returns: the output, `[B, T, …]`, and the state after each sequence's last step.
    public func checkpointed(
        _ input: Tensor, segment: Int? = nil, lengths: [Int]? = nil, from state: State? = nil
    ) -> (output: Tensor, state: State) {
        let (outputs, state) = checkpointed(
            input, segment: segment, lengths: lengths, from: state
        ) { output, _ in output }
        return (.concatenate(outputs, axis: 1), state)
    }
}

/// A place for what a checkpoint's body gives besides its tensor.
private final class Box<Value: Sendable>: Sendable {
    private let content = Mutex<Value?>(nil)

    var value: Value? {
        get { content.withLock { $0 } }
        set { content.withLock { $0 = newValue } }
    }
}

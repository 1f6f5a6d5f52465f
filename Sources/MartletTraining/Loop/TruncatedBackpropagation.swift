public import MartletNN
public import MartletTensor

/// Training on sequences too long for one gradient: window by window, each from the state that the one before left
/// (Williams & Peng 1990; Mikolov et al. 2010).
///
/// ```text
/// steps    0 …… W−1 │ W …… 2W−1 │ 2W ……            values: the state goes on, so nothing is forgotten
///          ◀─────── │ ◀──────── │ ◀────            gradients: stop at the window's begin
///            update │    update │   update
/// ```
///
/// A window's gradient costs time and memory for W steps, however long the sequence is. What lies more than W steps back can
/// be used through the state, but how to keep it there is learned from dependencies within W steps only. With a window of
/// all steps it is plain back-propagation through time.
///
/// ```swift
/// let training = TruncatedBackpropagation(window: 100, clippingNorm: 1)
/// var state: RecurrentState?
/// for piece in pieces {  // of one very long sequence, or of several side by side
///     (losses, state) = training.train(
///         &stack, with: &optimizer, on: piece.input, targets: piece.targets, from: state
///     ) { output, target in output.meanSquaredError(target) }
/// }
/// ```
public struct TruncatedBackpropagation: Sendable {
    /// The number of steps W that a gradient goes back, and after which there is an update.
    public var window: Int
    /// The length to which a gradient is cut down; nil: it is not.
    public var clippingNorm: Double?

    /// Training by windows of some steps.
    public init(window: Int, clippingNorm: Double? = nil) {
        precondition(window > 0, "truncated back-propagation: a window of \(window) steps")
        precondition(
            (clippingNorm ?? 1) > 0, "truncated back-propagation: a norm of \(clippingNorm ?? 0)")
        self.window = window
        self.clippingNorm = clippingNorm
    }

    /// Trains a layer or model once along sequences.
    ///
    /// - Parameters:
    ///   - input: `[B, T, …]`.
    ///   - targets: `[B, T, …]`.
    ///   - state: what an earlier call gave, to go on from; nil: the state before anything is read.
    ///   - loss: from a window's outputs and targets, both `[B, W or fewer at the end, …]`, to a scalar.
    /// - Returns: the loss of each window, before its update, and the state after the last step, which no gradient goes
    ///   back through.
    public func train<Layer: SequenceLayer, Rule: Optimizer>(
        _ layer: inout Layer, with optimizer: inout Rule, on input: Tensor, targets: Tensor,
        from state: Layer.State? = nil,
        loss: (_ output: Tensor, _ target: Tensor) throws -> Tensor
    ) rethrows -> (losses: [Double], state: Layer.State?) {
        precondition(
            layer.readsForward,
            "truncated back-propagation in a network that reads from the end: its windows have no order"
        )
        precondition(
            input.rank >= 2 && targets.rank >= 2
                && input.shape.prefix(2).elementsEqual(targets.shape.prefix(2)),
            "truncated back-propagation: input \(input.shape), targets \(targets.shape)")
        return try train(&layer, with: &optimizer, steps: input.shape[1], from: state) {
            layer, steps, state in
            let result = layer.run(input.slice(axis: 1, steps), lengths: nil, from: state)
            return (try loss(result.output, targets.slice(axis: 1, steps)), result.state)
        }
    }

    /// Trains any model once along sequences of some steps.
    ///
    /// - Parameters:
    ///   - steps: the length T of the sequences.
    ///   - state: what an earlier call gave, to go on from; nil: the state before anything is read.
    ///   - loss: runs the model over some of the steps from a state; gives the loss, a scalar, and the state after them.
    /// - Returns: the loss of each window, before its update, and the state after the last step; with no steps, that which
    ///   was given.
    public func train<M: Module, State: SequenceState, Rule: Optimizer>(
        _ model: inout M, with optimizer: inout Rule, steps: Int, from state: State? = nil,
        loss: (_ model: M, _ steps: Range<Int>, _ state: State?) throws -> (Tensor, State)
    ) rethrows -> (losses: [Double], state: State?) {
        var state = state?.detached
        var losses: [Double] = []
        for begin in stride(from: 0, to: steps, by: window) {
            let range = begin..<min(begin + window, steps)
            var (value, next, gradient) = try valueAndGradient(at: model) { model in
                try loss(model, range, state)
            }
            if let clippingNorm { gradient.clip(norm: clippingNorm) }
            optimizer.update(&model, gradient)
            state = next.detached
            losses.append(value.item)
        }
        return (losses, state)
    }
}

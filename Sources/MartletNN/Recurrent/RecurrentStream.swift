public import MartletTensor

/// A recurrent stack that is fed bit by bit: it keeps the state, so that any cutting of a sequence into chunks gives the
/// numbers of the whole, bit for bit, in constant memory.
///
/// ```swift
/// var stream = lstm.stack.stream()
/// let first = stream(chunk)          // [1, 20, D] -> [1, 20, P]
/// var other = stream                 // a fork: both go on from here, each for itself
/// let next = stream.step(frame)      // [1, D] -> [1, P]
/// let kept = stream.state            // a value: to be saved, sent, or handed to another stream
/// ```
public struct RecurrentStream: Sendable {
    /// The kind of cell, sizes and number of layers.
    public let stack: RecurrentStack
    /// The state after what was fed so far.
    public var state: RecurrentState
    private let layers: [[RecurrentArguments]]

    /// A stream of a stack that reads forward only.
    ///
    /// - Parameters:
    ///   - state: the state to go on from; nil: zeros.
    ///   - batch: how many sequences are fed side by side, where no state says it.
    public init(_ stack: RecurrentStack, from state: RecurrentState? = nil, batch: Int = 1) {
        precondition(
            !stack.isBidirectional && !stack.isReversed,
            "a stream of a network that reads from the end: its end is not known")
        self.stack = stack
        self.state = state ?? stack.zeroState(batch: batch)
        layers = stack.prepared.weights.map { $0.map { $0.arguments() } }
    }

    /// Feeds some steps, `[B, T, D]`; gives the outputs, `[B, T, P]`.
    public mutating func callAsFunction(_ input: Tensor) -> Tensor {
        var x = input
        for layer in layers.indices {
            let result = x.recurrent(
                stack.cell, weights: layers[layer], state: [state.directions[layer]])
            x = result.output
            state.directions[layer] = result.state[0]
        }
        return x
    }

    /// Feeds one step, `[B, D]`; gives its output, `[B, P]`.
    public mutating func step(_ input: Tensor) -> Tensor {
        let (batch, width) = (input.shape[0], input.shape[1])
        return self(input.reshaped([batch, 1, width])).reshaped([batch, stack.outputSize])
    }
}

extension RecurrentStack {
    /// A stream of the stack; see ``RecurrentStream``.
    public func stream(from state: RecurrentState? = nil, batch: Int = 1) -> RecurrentStream {
        RecurrentStream(self, from: state, batch: batch)
    }

    /// The state before anything is read: zeros.
    public func zeroState(batch: Int, dtype: DType = .float32) -> RecurrentState {
        RecurrentState(
            weights.flatMap { layer in
                layer.map { weights in
                    let state = weights.stateSize
                    let units = weights.hiddenHidden.shape[0] / cell.gateCount
                    return DirectionState(
                        hidden: .zeros([batch, state], dtype: dtype),
                        cell: cell == .lstm ? .zeros([batch, units], dtype: dtype) : nil)
                }
            })
    }
}

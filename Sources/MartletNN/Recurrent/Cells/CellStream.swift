public import MartletTensor

/// A ``CellStack`` that is fed bit by bit: it keeps the state, so that any cutting of a sequence into chunks gives the
/// numbers of the whole, bit for bit, in constant memory.
///
/// As ``RecurrentStream``: a value, so that a copy is a fork, and both go on from here.
public struct CellStream<Cell: RecurrentCell>: Sendable {
    /// The network.
    public let stack: CellStack<Cell>
    /// The state after what was fed so far.
    public var state: CellStackState<Cell>

    /// A stream of a stack that reads forward only.
    ///
    /// - Parameters:
    ///   - state: the state to go on from; nil: the cells' own.
    ///   - batch: how many sequences are fed side by side, where no state says it.
    public init(_ stack: CellStack<Cell>, from state: CellStackState<Cell>? = nil, batch: Int = 1) {
        precondition(
            !stack.isBidirectional && !stack.isReversed,
            "a stream of a network that reads from the end: its end is not known")
        self.stack = stack
        self.state = state ?? stack.zeroState(batch: batch)
    }

    /// Feeds some steps, `[B, T, D]`; gives the outputs, `[B, T, outputSize]`.
    ///
    /// - Parameter lengths: the number of steps of each sequence that are fed; nil: all T.
    public mutating func callAsFunction(_ input: Tensor, lengths: [Int]? = nil) -> Tensor {
        let result = stack(input, lengths: lengths, state: state)
        state = result.state
        return result.output
    }

    /// Feeds one step, `[B, D]`; gives its output, `[B, outputSize]`.
    public mutating func step(_ input: Tensor) -> Tensor {
        let (batch, width) = (input.shape[0], input.shape[1])
        return self(input.reshaped([batch, 1, width])).reshaped([batch, stack.outputSize])
    }
}

extension CellStack {
    /// A stream of the stack; see ``CellStream``.
    public func stream(from state: CellStackState<Cell>? = nil, batch: Int = 1) -> CellStream<Cell>
    {
        CellStream(self, from: state, batch: batch)
    }
}

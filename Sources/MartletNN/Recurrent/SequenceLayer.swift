public import MartletTensor

/// A model over sequences that goes on from a state: ``RecurrentStack``, ``CellStack``, and models made of them.
public protocol SequenceLayer: Module {
    /// What it knows between two steps.
    associatedtype State: SequenceState

    /// Whether it only looks back, so that a sequence can be given to it piece by piece.
    var readsForward: Bool { get }

    /// The same layer made ready for many short runs, where that takes some work; by default the layer itself.
    var prepared: Self { get }

    /// The state before anything is read, of `batch` sequences.
    func zeroState(batch: Int, dtype: DType) -> State

    /// Runs over whole sequences.
    ///
    /// - Parameters:
    ///   - input: `[B, T, …]`.
    ///   - lengths: the number of real steps of each sequence, 0 … T; nil: all T.
    ///   - state: the state to start from; nil: the state before anything is read.
    /// - Returns: the output, `[B, T, …]`, and the state after each sequence's last step.
    func run(_ input: Tensor, lengths: [Int]?, from state: State?) -> (output: Tensor, state: State)
}

extension SequenceLayer {
    /// The layer itself.
    public var prepared: Self { self }
}

extension RecurrentState: SequenceState {
    /// h and, if there is one, c of all parts, one after another.
    public var tensors: [Tensor] {
        directions.flatMap { [$0.hidden] + ($0.cell.map { [$0] } ?? []) }
    }

    /// A state of other tensors.
    public func with(tensors: [Tensor]) -> RecurrentState {
        var rest = tensors[...]
        let parts = directions.map { part in
            DirectionState(
                hidden: rest.removeFirst(), cell: part.cell == nil ? nil : rest.removeFirst())
        }
        precondition(rest.isEmpty, "a recurrent state: \(rest.count) tensors too much")
        return RecurrentState(parts)
    }
}

extension RecurrentStack: SequenceLayer {
    /// Whether it has one direction, and that is forward.
    public var readsForward: Bool { !isBidirectional && !isReversed }

    /// See ``callAsFunction(_:lengths:mask:state:)``.
    public func run(_ input: Tensor, lengths: [Int]?, from state: RecurrentState?) -> (
        output: Tensor, state: RecurrentState
    ) {
        self(input, lengths: lengths, state: state)
    }
}

extension CellStack: SequenceLayer {
    /// Whether it has one direction, and that is forward.
    public var readsForward: Bool { !isBidirectional && !isReversed }

    /// See ``callAsFunction(_:lengths:mask:state:)``.
    public func run(_ input: Tensor, lengths: [Int]?, from state: CellStackState<Cell>?) -> (
        output: Tensor, state: CellStackState<Cell>
    ) {
        self(input, lengths: lengths, state: state)
    }
}

public import MartletTensor

/// What a recurrent network knows between two steps: a value made of tensors, a row of each for each sequence.
public protocol SequenceState: Sendable {
    /// Its tensors in a fixed order, each `[B, …]`.
    var tensors: [Tensor] { get }

    /// A state of the same structure of other tensors, in the order of ``tensors``.
    func with(tensors: [Tensor]) -> Self
}

extension SequenceState {
    /// The same numbers, unknown to any tape: no gradient goes back through it.
    public var detached: Self { with(tensors: tensors.map(\.detached)) }

    /// The state of some sequences, each as often as it is named.
    public func selecting(_ rows: [Int]) -> Self { mapTensors { $0.selectingRows(rows) } }

    /// What `transform` makes of each tensor.
    func mapTensors(_ transform: (Tensor) -> Tensor) -> Self {
        with(tensors: tensors.map(transform))
    }
}

extension Tensor {
    /// Some parts of the outermost dimension, each as often as it is named.
    package func selectingRows(_ rows: [Int]) -> Tensor {
        gathered(axis: 0, at: Tensor(rows.map(Int32.init)))
    }
}

/// The state of one cell, whose structure its type alone tells.
///
/// A plain ``MartletTensor/Tensor`` is one, and ``HiddenAndCell``. Another takes two lines:
///
/// ```swift
/// struct Memory: CellState {
///     var slots, age: Tensor                      // [B, 8, H] and [B, 1]
///     var tensors: [Tensor] { [slots, age] }
///     init(tensors: [Tensor]) { (slots, age) = (tensors[0], tensors[1]) }
/// }
/// ```
public protocol CellState: SequenceState {
    /// A state of these tensors, in the order of ``SequenceState/tensors``.
    init(tensors: [Tensor])
}

extension CellState {
    /// A state of other tensors.
    public func with(tensors: [Tensor]) -> Self { Self(tensors: tensors) }
}

/// A state that is one tensor, `[B, H]` as a rule.
extension Tensor: CellState {
    /// The tensor itself.
    public var tensors: [Tensor] { [self] }

    /// The only one of some tensors.
    public init(tensors: [Tensor]) {
        precondition(tensors.count == 1, "a state of one tensor: \(tensors.count)")
        self = tensors[0]
    }
}

/// A state of two tensors: what an LSTM shows, and what it keeps to itself.
public struct HiddenAndCell: CellState {
    /// The hidden state h, `[B, H]`.
    public var hidden: Tensor
    /// The cell state c, `[B, H]`.
    public var cell: Tensor

    /// A state of these values.
    public init(hidden: Tensor, cell: Tensor) {
        self.hidden = hidden
        self.cell = cell
    }

    /// h and c.
    public var tensors: [Tensor] { [hidden, cell] }

    /// A state of h and c.
    public init(tensors: [Tensor]) {
        precondition(tensors.count == 2, "a state of two tensors: \(tensors.count)")
        self.init(hidden: tensors[0], cell: tensors[1])
    }
}

/// One step of a recurrent network of your own; ``CellStack`` makes whole networks of it.
///
/// Each row of a batch is a sequence of its own: a row of `output` and of the new state may depend on that row of `x` and
/// of the old state only. Padding, masks, both directions, streams and gradients then need nothing more.
public protocol RecurrentCell: Module {
    /// What is kept between two steps.
    associatedtype State: CellState

    /// The width D of the input.
    var inputSize: Int { get }
    /// The width of the output.
    var outputSize: Int { get }

    /// The state before anything is read, of `batch` rows.
    func zeroState(batch: Int, dtype: DType) -> State

    /// What can be computed of all steps at once, as the product with the input's weight; by default the input itself.
    ///
    /// - Parameter x: `[N, D]`, a row for each real step of each sequence, in an order of its own.
    /// - Returns: `[N, …]`, a row for each row.
    func prepared(_ x: Tensor) -> Tensor

    /// One step.
    ///
    /// - Parameters:
    ///   - x: what ``prepared(_:)`` made of this step's input: `[B, D]` by default.
    ///   - state: the state after the step before, of B rows.
    /// - Returns: the output, `[B, outputSize]`, and the new state, of the old one's shapes.
    func step(_ x: Tensor, _ state: State) -> (output: Tensor, state: State)
}

extension RecurrentCell {
    /// The input itself.
    public func prepared(_ x: Tensor) -> Tensor { x }
}

extension RecurrentCell where State == Tensor {
    /// Zeros of the output's width.
    public func zeroState(batch: Int, dtype: DType) -> Tensor {
        .zeros([batch, outputSize], dtype: dtype)
    }
}

extension RecurrentCell where State == HiddenAndCell {
    /// Zeros of the output's width.
    public func zeroState(batch: Int, dtype: DType) -> HiddenAndCell {
        let zeros = Tensor.zeros([batch, outputSize], dtype: dtype)
        return HiddenAndCell(hidden: zeros, cell: zeros)
    }
}

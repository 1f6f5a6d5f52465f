public import MartletTensor

/// Layers of a cell of one's own on top of each other, in one or both directions: what ``RecurrentStack`` is to ours.
///
/// ```swift
/// let stack = CellStack(inputSize: 8, layers: 2, bidirectional: true) { inputSize in
///     IndRNNCell(inputSize: inputSize, hiddenSize: 16, using: &random)
/// }
/// let (output, state) = stack(x, lengths: [7, 3, 0])  // [3, 7, 8] -> [3, 7, 32]
/// ```
///
/// Sequences in a batch may have any lengths in any order, and steps anywhere may be masked. What is not real is never
/// given to the cell, so it costs nothing, and never changes a result or a gradient, not even if it is NaN.
/// Every step is recorded operation by operation, which takes longer and more memory than ``RecurrentStack``'s one operation
/// for the whole sequence, above all for small layers.
public struct CellStack<Cell: RecurrentCell>: Module {
    /// The width D of the input.
    public let inputSize: Int
    /// Whether each layer also reads from the end.
    public let isBidirectional: Bool
    /// Whether a single direction reads from the end.
    public let isReversed: Bool
    /// The probability of dropping an element of what a layer hands to the next.
    public var dropout: Dropout
    /// A layer for each row, and in it a direction for each column.
    public var cells: [[Cell]]

    /// The number of layers.
    public var layerCount: Int { cells.count }
    /// 1, or 2 with both directions.
    public var directionCount: Int { isBidirectional ? 2 : 1 }
    /// The width of the output: that of the last layer's cells together.
    public var outputSize: Int { cells[cells.count - 1].reduce(0) { $0 + $1.outputSize } }

    /// A stack of cells.
    ///
    /// - Parameters:
    ///   - inputSize: the width D of the input.
    ///   - layers: how many stand on top of each other.
    ///   - bidirectional: whether each layer also reads from the end.
    ///   - reversed: whether the only direction reads from the end.
    ///   - dropout: the probability of dropping an element between layers.
    ///   - makeCell: makes a cell for inputs of a width; called for each direction of each layer, in the order of their
    ///     names.
    public init(
        inputSize: Int, layers: Int = 1, bidirectional: Bool = false, reversed: Bool = false,
        dropout: Double = 0, cell makeCell: (_ inputSize: Int) throws -> Cell
    ) rethrows {
        precondition(
            inputSize > 0 && layers > 0 && !(bidirectional && reversed),
            "cell stack of input \(inputSize), \(layers) layers, bidirectional \(bidirectional), reversed \(reversed)"
        )
        self.inputSize = inputSize
        isBidirectional = bidirectional
        isReversed = reversed
        self.dropout = Dropout(dropout)
        cells = []
        var width = inputSize
        for _ in 0..<layers {
            let layer = try (0..<(bidirectional ? 2 : 1)).map { _ in try makeCell(width) }
            precondition(
                layer.allSatisfy { $0.inputSize == width },
                "cell stack: cells for inputs of \(layer.map(\.inputSize)), expected \(width)")
            cells.append(layer)
            width = layer.reduce(0) { $0 + $1.outputSize }
        }
    }

    /// Visits each cell's names with the layer and direction behind them: `weight_ih_l0`, …, `weight_ih_l0_reverse`, ….
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        for layer in cells.indices {
            for direction in cells[layer].indices {
                let suffix = Self.suffix(layer, direction)
                try cells[layer][direction].forEachParameter { name, tensor in
                    try visit(name + suffix, &tensor)
                }
            }
        }
    }

    static func suffix(_ layer: Int, _ direction: Int) -> String {
        "_l\(layer)" + (direction == 1 ? "_reverse" : "")
    }

    /// Runs the stack over whole sequences.
    ///
    /// - Parameters:
    ///   - input: `[B, T, D]`.
    ///   - lengths: the number of real steps of each sequence, 0 … T; nil: all T.
    ///   - mask: `[B, T]`, true (or not 0) where a step is real, anywhere; nil: everywhere.
    ///   - state: the state to start from; nil: the cells' own.
    ///   - random: random numbers for dropout; nil when not training.
    /// - Returns: the outputs of the last layer, `[B, T, outputSize]`, zero where there is no real step; and the
    ///   states after each sequence's last step (in the reverse direction: after its first).
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, mask: Tensor? = nil,
        state: CellStackState<Cell>? = nil, dropout random: inout RandomGenerator?
    ) -> (output: Tensor, state: CellStackState<Cell>) {
        precondition(
            input.rank == 3 && input.shape[2] == inputSize,
            "cell stack: input \(input.shape), expected [batch, time, \(inputSize)]")
        let start = state ?? zeroState(batch: input.shape[0], dtype: input.dtype)
        precondition(
            start.directions.count == layerCount * directionCount,
            "cell stack: \(start.directions.count) states, expected \(layerCount * directionCount)")
        let steps =
            RealSteps(lengths: lengths, mask: mask)
            ?? RealSteps(lengths: [Int](repeating: input.shape[1], count: input.shape[0]))
        steps.check(input.shape)
        let plans = (0..<directionCount).map { direction in
            StepPlan(
                times: steps.times, time: input.shape[1], isReverse: isReversed || direction == 1)
        }
        var x = input
        var final: [Cell.State] = []
        for (layer, directions) in cells.enumerated() {
            if layer > 0 { x = dropout(x, using: &random) }
            var outputs: [Tensor] = []
            for (direction, cell) in directions.enumerated() {
                let result = cell.run(
                    x, plans[direction], from: start.directions[final.count])
                outputs.append(result.output)
                final.append(result.state)
            }
            x = outputs.count == 1 ? outputs[0] : .concatenate(outputs, axis: 2)
        }
        return (x, CellStackState(final))
    }

    /// Runs the stack over whole sequences without dropout; see
    /// ``callAsFunction(_:lengths:mask:state:dropout:)``.
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, mask: Tensor? = nil,
        state: CellStackState<Cell>? = nil
    ) -> (output: Tensor, state: CellStackState<Cell>) {
        var none: RandomGenerator?
        return self(input, lengths: lengths, mask: mask, state: state, dropout: &none)
    }

    /// The state before anything is read.
    public func zeroState(batch: Int, dtype: DType = .float32) -> CellStackState<Cell> {
        CellStackState(cells.flatMap { $0.map { $0.zeroState(batch: batch, dtype: dtype) } })
    }
}

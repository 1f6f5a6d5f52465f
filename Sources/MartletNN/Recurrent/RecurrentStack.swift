public import MartletTensor

/// Recurrent layers on top of each other, in one or both directions: what ``RNN``, ``LSTM`` and ``GRU`` share.
///
/// Layer l + 1 reads the outputs of layer l. With both directions, one network reads each sequence from its
/// first step, another from its own last, and their outputs stand side by side. Sequences in a batch may have
/// any lengths in any order; padding costs nothing and never changes a result.
public struct RecurrentStack: Module {
    /// The kind of cell.
    public let cell: RecurrentCell
    /// The width D of the input.
    public let inputSize: Int
    /// The width H of each state.
    public let hiddenSize: Int
    /// Whether each layer also reads from the end.
    public let isBidirectional: Bool
    /// The probability of dropping an element of what a layer hands to the next.
    public var dropout: Dropout
    /// The parameters: a layer for each row, and in it a direction for each column.
    public var weights: [[RecurrentWeights]]

    /// The number of layers.
    public var layerCount: Int { weights.count }
    /// 1, or 2 with both directions.
    public var directionCount: Int { isBidirectional ? 2 : 1 }
    /// The width of the output: hiddenSize times the number of directions.
    public var outputSize: Int { hiddenSize * directionCount }

    /// A stack with PyTorch's initialisation: every weight uniform in ±1/√hiddenSize.
    public init(
        cell: RecurrentCell, inputSize: Int, hiddenSize: Int, layers: Int = 1,
        bidirectional: Bool = false, bias: Bool = true, dropout: Double = 0,
        using random: inout RandomGenerator
    ) {
        precondition(
            inputSize > 0 && hiddenSize > 0 && layers > 0,
            "recurrent stack of input \(inputSize), hidden \(hiddenSize), layers \(layers)")
        self.cell = cell
        self.inputSize = inputSize
        self.hiddenSize = hiddenSize
        isBidirectional = bidirectional
        self.dropout = Dropout(dropout)
        let directions = bidirectional ? 2 : 1
        weights = []
        for layer in 0..<layers {
            let width = layer == 0 ? inputSize : hiddenSize * directions
            weights.append([])
            for _ in 0..<directions {
                weights[layer].append(
                    RecurrentWeights(
                        cell: cell, inputSize: width, hiddenSize: hiddenSize, bias: bias,
                        using: &random))
            }
        }
    }

    /// Visits PyTorch's names: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, then
    /// `weight_ih_l0_reverse` …, then the next layer's.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        for layer in weights.indices {
            for direction in weights[layer].indices {
                let suffix = "_l\(layer)" + (direction == 1 ? "_reverse" : "")
                try weights[layer][direction].forEachParameter { name, tensor in
                    try visit(name + suffix, &tensor)
                }
            }
        }
    }

    /// Runs the stack over whole sequences.
    ///
    /// - Parameters:
    ///   - input: `[B, T, D]`.
    ///   - lengths: the number of real steps of each sequence, 0 … T; nil: all T.
    ///   - state: the state to start from; nil: zeros.
    ///   - random: random numbers for dropout between layers; nil when not training.
    /// - Returns: the outputs of the last layer, `[B, T, outputSize]`, zero beyond a sequence's length; and the
    ///   states after each sequence's last step (in the reverse direction: after its first).
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, state: RecurrentState? = nil,
        dropout random: inout RandomGenerator?
    ) -> (output: Tensor, state: RecurrentState) {
        var x = input
        var hidden: [Tensor] = []
        var cells: [Tensor] = []
        for layer in weights.indices {
            if layer > 0 { x = dropout(x, using: &random) }
            let directions = layer * directionCount..<(layer + 1) * directionCount
            let result = x.recurrent(
                cell, weights: weights[layer].map(\.arguments), lengths: lengths,
                hidden: state?.hidden.slice(axis: 0, directions),
                cell: state?.cell?.slice(axis: 0, directions))
            x = result.output
            hidden.append(result.hidden)
            if let cell = result.cell { cells.append(cell) }
        }
        let final = RecurrentState(
            hidden: hidden.count == 1 ? hidden[0] : Tensor.concatenate(hidden, axis: 0),
            cell: cells.isEmpty
                ? nil : cells.count == 1 ? cells[0] : Tensor.concatenate(cells, axis: 0))
        return (x, final)
    }

    /// Runs the stack over whole sequences without dropout; see ``callAsFunction(_:lengths:state:dropout:)``.
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, state: RecurrentState? = nil
    ) -> (output: Tensor, state: RecurrentState) {
        var none: RandomGenerator?
        return self(input, lengths: lengths, state: state, dropout: &none)
    }
}

/// The states of a recurrent stack between two steps: a value, which can be kept, copied and handed on.
public struct RecurrentState: Sendable {
    /// The hidden states h, `[layers · directions, B, H]`, layer by layer and in it direction by direction.
    public var hidden: Tensor
    /// The cell states c of an LSTM, of the same shape; nil for other cells.
    public var cell: Tensor?

    /// A state of the given values, both `[layers · directions, B, H]`.
    public init(hidden: Tensor, cell: Tensor? = nil) {
        self.hidden = hidden
        self.cell = cell
    }
}

extension RecurrentWeights {
    /// The parameters as the operation takes them.
    var arguments: RecurrentArguments {
        RecurrentArguments(
            inputHidden: inputHidden, hiddenHidden: hiddenHidden, inputBias: inputBias,
            hiddenBias: hiddenBias)
    }
}

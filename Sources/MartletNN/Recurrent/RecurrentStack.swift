public import MartletTensor

/// Recurrent layers on top of each other, in one or both directions: what ``RNN``, ``LSTM`` and ``GRU`` share.
///
/// Layer l + 1 reads the outputs of layer l. With both directions, one network reads each sequence from its
/// first step, another from its own last, and their outputs stand side by side. Sequences in a batch may have
/// any lengths in any order, and steps anywhere may be masked; what is not real costs nothing and never changes a result.
public struct RecurrentStack: Module {
    /// The kind of cell.
    public let cell: CellKind
    /// The width D of the input.
    public let inputSize: Int
    /// The number of units H of each layer.
    public let hiddenSizes: [Int]
    /// The width P of an LSTM's states if they are projected (Sak et al. 2014), or nil: H.
    public let projectionSize: Int?
    /// Whether each layer also reads from the end.
    public let isBidirectional: Bool
    /// Whether a single direction reads from the end.
    public let isReversed: Bool
    /// The probability of dropping an element of what a layer hands to the next.
    public var dropout: Dropout
    /// The probability of dropping an element of each layer's input, the same ones at every step of a sequence.
    public var inputDropout = Dropout(0)
    /// The probability of dropping an element of the state where a step's product reads it, the same ones at every step
    /// of a sequence (Gal & Ghahramani 2016).
    public var recurrentDropout = Dropout(0)
    /// The parameters: a layer for each row, and in it a direction for each column.
    public var weights: [[RecurrentWeights]]

    /// The number of layers.
    public var layerCount: Int { weights.count }
    /// 1, or 2 with both directions.
    public var directionCount: Int { isBidirectional ? 2 : 1 }
    /// The number of units of the last layer.
    public var hiddenSize: Int { hiddenSizes[hiddenSizes.count - 1] }
    /// The width of the output: that of the last layer's states times the number of directions.
    public var outputSize: Int { (projectionSize ?? hiddenSize) * directionCount }

    /// A stack of layers of one width; see ``init(cell:inputSize:hiddenSizes:projectionSize:peephole:bidirectional:reversed:bias:dropout:initialization:using:)``.
    public init(
        cell: CellKind, inputSize: Int, hiddenSize: Int, layers: Int = 1,
        bidirectional: Bool = false, bias: Bool = true, dropout: Double = 0,
        using random: inout RandomGenerator
    ) {
        precondition(layers > 0, "recurrent stack of \(layers) layers")
        self.init(
            cell: cell, inputSize: inputSize,
            hiddenSizes: [Int](repeating: hiddenSize, count: layers), bidirectional: bidirectional,
            bias: bias, dropout: dropout, using: &random)
    }

    /// A stack with random weights.
    ///
    /// - Parameters:
    ///   - inputSize: the width D of the input.
    ///   - hiddenSizes: the number of units of each layer.
    ///   - projectionSize: the width of an LSTM's states if they are projected.
    ///   - peephole: whether an LSTM's gates also see the cell's state (Gers & Schmidhuber 2000).
    ///   - bidirectional: whether each layer also reads from the end.
    ///   - reversed: whether the only direction reads from the end.
    ///   - bias: whether the gates have offsets.
    ///   - dropout: the probability of dropping an element between layers.
    public init(
        cell: CellKind, inputSize: Int, hiddenSizes: [Int], projectionSize: Int? = nil,
        peephole: Bool = false, bidirectional: Bool = false, reversed: Bool = false,
        bias: Bool = true, dropout: Double = 0,
        initialization: RecurrentInitialization = .pytorch, using random: inout RandomGenerator
    ) {
        precondition(
            inputSize > 0 && !hiddenSizes.isEmpty && hiddenSizes.allSatisfy { $0 > 0 }
                && (projectionSize ?? 1) > 0 && !(bidirectional && reversed),
            "recurrent stack of input \(inputSize), hidden \(hiddenSizes), projection \(projectionSize ?? 0), bidirectional \(bidirectional), reversed \(reversed)"
        )
        self.cell = cell
        self.inputSize = inputSize
        self.hiddenSizes = hiddenSizes
        self.projectionSize = projectionSize
        isBidirectional = bidirectional
        isReversed = reversed
        self.dropout = Dropout(dropout)
        weights = []
        var width = inputSize
        for hiddenSize in hiddenSizes {
            weights.append(
                (0..<(bidirectional ? 2 : 1)).map { _ in
                    RecurrentWeights(
                        cell: cell, inputSize: width, hiddenSize: hiddenSize, bias: bias,
                        projectionSize: projectionSize, peephole: peephole,
                        initialization: initialization, using: &random)
                })
            width = (projectionSize ?? hiddenSize) * (bidirectional ? 2 : 1)
        }
    }

    /// The same network with its matrices in 8 or 4 bits: smaller and, where memory is the limit, faster; for inference.
    ///
    /// Offsets, states and sums stay float32; what a matrix reads is rounded to 8 bits with a scale for each row as it
    /// comes. See ``MartletTensor/QuantizedType``.
    public func quantized(to type: QuantizedType) -> RecurrentStack {
        var result = self
        result.weights = weights.map { $0.map { $0.quantized(to: type) } }
        return result
    }

    /// The same network with its matrices also packed as the kernels read them, for many calls of few steps: packing them in
    /// each call costs more than a step. Twice the memory; the results are the same, bit for bit. A change of a parameter
    /// undoes it.
    public var prepared: RecurrentStack {
        var result = self
        result.weights = weights.map { $0.map(\.prepared) }
        return result
    }

    /// What ``quantized(to:)`` gives, with zeros that take no memory: for a checkpoint to fill.
    package func quantizedPlaceholder(_ type: QuantizedType) -> RecurrentStack {
        var result = self
        result.weights = weights.map { $0.map { $0.quantizedPlaceholder(type) } }
        return result
    }

    /// How the matrices are kept, if in fewer bits.
    public var quantization: QuantizedType? { weights[0][0].quantization?.type }

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
    ///   - steps: which steps are real; nil: all.
    ///   - state: the state to start from; nil: zeros.
    ///   - random: random numbers for dropout; nil when not training.
    /// - Returns: the outputs of the last layer, `[B, T, outputSize]`, zero where there is no real step; and the
    ///   states after each sequence's last step (in the reverse direction: after its first).
    public func callAsFunction(
        _ input: Tensor, steps: RealSteps?, state: RecurrentState? = nil,
        dropout random: inout RandomGenerator?
    ) -> (output: Tensor, state: RecurrentState) {
        run(input, isProduct: false, steps: steps, state: state, dropout: &random)
    }

    /// What the first layer's product with each of some inputs gives, with its offsets: `[N, D]` to `[N, G·H]`. A stack of one
    /// direction runs on from rows of it, with the same bits, and saves a quarter of a small network's reading:
    /// ``callAsFunction(inputTerms:state:)``.
    public func inputTerms(_ inputs: Tensor) -> Tensor {
        precondition(!isBidirectional, "input terms of a stack of two directions")
        return weights[0][0].arguments(cell).inputTerms(inputs, cell)
    }

    /// Runs a stack of one direction over whole sequences, from what its first layer's product with them gives
    /// (``inputTerms(_:)``), `[B, T, G·H]`, without dropout and not for training.
    public func callAsFunction(
        inputTerms: Tensor, state: RecurrentState? = nil
    ) -> (output: Tensor, state: RecurrentState) {
        var none: RandomGenerator?
        return run(inputTerms, isProduct: true, steps: nil, state: state, dropout: &none)
    }

    private func run(
        _ input: Tensor, isProduct: Bool, steps: RealSteps?, state: RecurrentState?,
        dropout random: inout RandomGenerator?
    ) -> (output: Tensor, state: RecurrentState) {
        var x = input
        var final = RecurrentState([])
        for layer in weights.indices {
            if layer > 0 { x = dropout(x, using: &random) }
            if let kept = inputDropout.mask([x.shape[0], 1, x.shape[2]], x.dtype, using: &random) {
                x = x * kept
            }
            let directions = layer * directionCount..<(layer + 1) * directionCount
            let result = x.recurrent(
                cell,
                weights: weights[layer].map { weights in
                    let size: Shape = [x.shape[0], weights.stateSize]
                    return weights.arguments(
                        cell, stateMask: recurrentDropout.mask(size, x.dtype, using: &random))
                }, steps: steps, isReversed: isReversed,
                state: state.map { Array($0.directions[directions]) },
                isProduct: isProduct && layer == 0)
            x = result.output
            final.directions += result.state
        }
        return (x, final)
    }

    /// Runs the stack over whole sequences; see ``callAsFunction(_:steps:state:dropout:)``.
    ///
    /// - Parameters:
    ///   - lengths: the number of real steps of each sequence, 0 … T; nil: all T.
    ///   - mask: `[B, T]`, true (or not 0) where a step is real, anywhere; nil: everywhere.
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, mask: Tensor? = nil, state: RecurrentState? = nil,
        dropout random: inout RandomGenerator?
    ) -> (output: Tensor, state: RecurrentState) {
        let steps = RealSteps(lengths: lengths, mask: mask)
        return self(input, steps: steps, state: state, dropout: &random)
    }

    /// Runs the stack over whole sequences without dropout; see ``callAsFunction(_:lengths:mask:state:dropout:)``.
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, mask: Tensor? = nil, state: RecurrentState? = nil
    ) -> (output: Tensor, state: RecurrentState) {
        var none: RandomGenerator?
        return self(input, lengths: lengths, mask: mask, state: state, dropout: &none)
    }

    /// The state before anything is read: zeros.
    public func zeroState(batch: Int, dtype: DType = .float32) -> RecurrentState {
        RecurrentState(
            weights.flatMap { layer in
                layer.map { weights in
                    let units = weights.inputHidden.shape[0] / cell.gateCount
                    return DirectionState(
                        hidden: .zeros([batch, weights.stateSize], dtype: dtype),
                        cell: cell == .lstm ? .zeros([batch, units], dtype: dtype) : nil)
                }
            })
    }
}

import CMartletKernels

/// The kinds of recurrent cell; the raw values are those of `config.json`.
public enum CellKind: String, Sendable, Codable, CaseIterable {
    case rnnTanh = "rnn_tanh"
    case rnnRelu = "rnn_relu"
    case lstm, gru
    /// The GRU whose reset gate acts before the product with the state, as in the paper (Cho et al. 2014).
    case gruResetFirst = "gru_reset_first"

    /// The number of gates G: how many times H rows a weight has.
    public var gateCount: Int {
        switch self {
        case .rnnTanh, .rnnRelu: 1
        case .gru, .gruResetFirst: 3
        case .lstm: 4
        }
    }

    var code: mk_cell {
        switch self {
        case .rnnTanh: MK_RNN_TANH
        case .rnnRelu: MK_RNN_RELU
        case .lstm: MK_LSTM
        case .gru: MK_GRU
        case .gruResetFirst: MK_GRU_RESET_FIRST
        }
    }
}

/// The parameters of one recurrent layer in one direction, of H units whose state has the width P.
public struct RecurrentArguments: Sendable {
    /// From the input, `[G·H, D]`.
    public var inputHidden: Tensor
    /// From the previous state, `[G·H, P]`.
    public var hiddenHidden: Tensor
    /// The offsets of the two products, `[G·H]`, or nil.
    public var inputBias: Tensor?
    /// The offset of the state's product.
    public var hiddenBias: Tensor?
    /// An LSTM's projection of what it shows to the state, `[P, H]`; without one, P is H.
    public var projection: Tensor?
    /// An LSTM's peepholes from the cell's state to the gates i, f, o, `[3·H]`.
    public var peephole: Tensor?
    /// What the state is multiplied with, `[B, P]`, before each step's product with it.
    public var stateMask: Tensor?
    /// What the three weights' numbers are multiplied with, if they are quantised.
    public var quantization: RecurrentQuantization?
    /// The weights as the kernels read them, made once for many calls; see ``packed(_:)``.
    var packed: PackedRecurrentWeights?

    /// Parameters of these tensors.
    public init(
        inputHidden: Tensor, hiddenHidden: Tensor, inputBias: Tensor? = nil,
        hiddenBias: Tensor? = nil, projection: Tensor? = nil, peephole: Tensor? = nil,
        stateMask: Tensor? = nil, quantization: RecurrentQuantization? = nil
    ) {
        self.inputHidden = inputHidden
        self.hiddenHidden = hiddenHidden
        self.inputBias = inputBias
        self.hiddenBias = hiddenBias
        self.projection = projection
        self.peephole = peephole
        self.stateMask = stateMask
        self.quantization = quantization
    }
}

/// A layer's weights in the order in which the kernels read them.
struct PackedRecurrentWeights: Sendable {
    var input: Tensor
    var state: Tensor
    var second: Tensor
    /// Among how many workers they can be shared out.
    var parts: Int

    func withPacked<Result>(_ body: (UnsafePointer<mk_recurrent_packed>) -> Result) -> Result {
        withExtendedLifetime((input, state, second)) {
            var packed = mk_recurrent_packed(
                parts: Int32(parts), input: input.storage.pointer, state: state.storage.pointer,
                second: second.storage.pointer)
            return withUnsafePointer(to: &packed) { body($0) }
        }
    }
}

/// The state of one recurrent layer in one direction between two steps.
public struct DirectionState: Sendable {
    /// The hidden state h, `[B, P]`.
    public var hidden: Tensor
    /// An LSTM's cell state c, `[B, H]`; nil for other cells.
    public var cell: Tensor?

    /// A state of these values.
    public init(hidden: Tensor, cell: Tensor? = nil) {
        self.hidden = hidden
        self.cell = cell
    }
}

/// Which steps of the sequences of a batch are real.
///
/// The others, wherever they are, are passed over as if they were not there: the state stays, the output is zero, and
/// they cost nothing. A sequence without any is legal.
public struct RealSteps: Sendable {
    /// How many real steps each sequence has.
    let lengths: [Int32]
    /// `[B, T]`: at which times, ascending; nil: at the first ones.
    let positions: [Int32]?

    /// The first steps of each sequence.
    public init(lengths: [Int]) {
        self.lengths = lengths.map(Int32.init)
        positions = nil
    }

    /// The steps at which a mask is true (or not 0), of those within the lengths, if these are given.
    ///
    /// - Parameter mask: `[B, T]`, of any element type.
    public init(mask: Tensor, lengths: [Int]? = nil) {
        precondition(mask.rank == 2, "mask \(mask.shape): expected [batch, time]")
        let (B, T) = (mask.shape[0], mask.shape[1])
        precondition(
            lengths == nil || lengths!.count == B && lengths!.allSatisfy { 0...T ~= $0 },
            "lengths \(lengths ?? []) for a mask \(mask.shape)")
        let values = mask.cast(to: .float32).scalars(as: Float.self)
        var counts = [Int32](repeating: 0, count: B)
        var places = [Int32](repeating: 0, count: B * T)
        for b in 0..<B {
            for t in 0..<(lengths?[b] ?? T) where values[b * T + t] != 0 {
                places[b * T + Int(counts[b])] = Int32(t)
                counts[b] += 1
            }
        }
        self.lengths = counts
        positions = places
    }

    /// The steps of some lengths and a mask; nil without either.
    public init?(lengths: [Int]?, mask: Tensor?) {
        if let mask {
            self.init(mask: mask, lengths: lengths)
        } else if let lengths {
            self.init(lengths: lengths)
        } else {
            return nil
        }
    }

    /// The times of the real steps of each sequence, ascending.
    package var times: [[Int]] {
        lengths.indices.map { b in
            let length = Int(lengths[b])
            guard let positions else { return Array(0..<length) }
            let first = b * (positions.count / lengths.count)
            return positions[first..<first + length].map(Int.init)
        }
    }

    /// Stops the program if these are not steps of such an input, `[B, T, …]`.
    package func check(_ input: Shape) {
        precondition(
            lengths.count == input[0] && lengths.allSatisfy { $0 >= 0 && $0 <= input[1] }
                && (positions == nil || positions!.count == input[0] * input[1]),
            "recurrent: lengths \(lengths) for an input \(input)")
    }
}

import MartletNN
public import MartletTensor

/// A network that reads sequences and answers at their end: what a comparison trains.
public protocol SequenceAnswerer: Module {
    /// The answers of the last `count` steps, `[B, count, outputs]`, to sequences `[B, T, D]`.
    func answers(to input: Tensor, count: Int) -> Tensor
}

/// Who takes part in a comparison; the raw value is the name on the command line.
///
/// A new kind of network is a case with its own ``network(inputSize:hidden:outputSize:using:)``.
public enum Contender: String, Sendable, Codable, CaseIterable {
    /// The plain network with tanh (Elman 1990).
    case rnn
    /// The plain network with max(0, x).
    case rnnRelu = "rnn-relu"
    /// The plain network whose matrix from state to state begins orthogonal (Saxe et al. 2014).
    case rnnOrthogonal = "rnn-orthogonal"
    /// The LSTM as PyTorch begins it.
    case lstm
    /// The LSTM whose forget gates begin open: an offset of 1 (Jozefowicz et al. 2015).
    case lstmForget1 = "lstm-forget1"
    /// The GRU.
    case gru
    /// The GRU whose reset gate acts before the product (Cho et al. 2014).
    case gruResetFirst = "gru-reset-first"

    /// The recurrent cell.
    public var cell: CellKind {
        switch self {
        case .rnn, .rnnOrthogonal: .rnnTanh
        case .rnnRelu: .rnnRelu
        case .lstm, .lstmForget1: .lstm
        case .gru: .gru
        case .gruResetFirst: .gruResetFirst
        }
    }

    /// How its parameters begin: as PyTorch's, but for what its name says.
    var initialization: RecurrentInitialization {
        var result = RecurrentInitialization.pytorch
        if self == .rnnOrthogonal { result.state = .orthogonal }
        if self == .lstmForget1 { result.forgetBias = 1 }
        return result
    }

    /// Whether it differs from another contender only in how its parameters begin.
    public var isInitialization: Bool { self == .rnnOrthogonal || self == .lstmForget1 }

    /// A fresh network of one layer.
    public func network(
        inputSize: Int, hidden: Int, outputSize: Int, using random: inout RandomGenerator
    ) -> any SequenceAnswerer {
        RecurrentAnswerer(
            rnn: RecurrentStack(
                cell: cell, inputSize: inputSize, hiddenSizes: [hidden],
                initialization: initialization, using: &random),
            output: Linear(inputSize: hidden, outputSize: outputSize, using: &random))
    }
}

/// A recurrent network and an affine map of its states.
struct RecurrentAnswerer: SequenceAnswerer {
    var rnn: RecurrentStack
    var output: Linear

    func answers(to input: Tensor, count: Int) -> Tensor {
        let states = rnn(input).output  // [B, T, H]
        let steps = states.shape[1]
        return output(states.slice(axis: 1, steps - count..<steps))
    }

    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try rnn.forEachParameter(in: "rnn", visit)
        try output.forEachParameter(in: "output", visit)
    }
}

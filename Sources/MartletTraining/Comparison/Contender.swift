public import MartletNN
public import MartletTensor

/// A network that reads sequences and answers at their end: what a comparison trains.
public protocol SequenceAnswerer: Module {
    /// What reads.
    associatedtype Layer: SequenceLayer

    /// What reads the sequences.
    var layer: Layer { get }
    /// From what it gives at a step to the answer.
    var output: Linear { get }

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
    /// Two blocks of causal attention, of four heads (Vaswani et al. 2017), of the same width.
    case transformer

    /// The recurrent cell; nil: it has none.
    public var cell: CellKind? {
        switch self {
        case .rnn, .rnnOrthogonal: .rnnTanh
        case .rnnRelu: .rnnRelu
        case .lstm, .lstmForget1: .lstm
        case .gru: .gru
        case .gruResetFirst: .gruResetFirst
        case .transformer: nil
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

    /// A fresh network: of one recurrent layer, or two blocks of attention, which cannot find what follows a pattern in one.
    public func network(
        inputSize: Int, hidden: Int, outputSize: Int, using random: inout RandomGenerator
    ) -> any SequenceAnswerer {
        guard let cell else {
            return AttentionAnswerer(
                stack: AttentionStack(
                    inputSize: inputSize, hiddenSize: hidden, layers: Self.blocks,
                    heads: AttentionStack.heads(of: hidden), using: &random),
                output: Linear(inputSize: hidden, outputSize: outputSize, using: &random))
        }
        return RecurrentAnswerer(
            rnn: RecurrentStack(
                cell: cell, inputSize: inputSize, hiddenSizes: [hidden],
                initialization: initialization, using: &random),
            output: Linear(inputSize: hidden, outputSize: outputSize, using: &random))
    }
}

extension Contender {
    /// The blocks of a Transformer.
    static let blocks = 2
}

/// A stack of attention and an affine map of its outputs.
struct AttentionAnswerer: SequenceAnswerer {
    var stack: AttentionStack
    var output: Linear
    var layer: AttentionStack { stack }

    func answers(to input: Tensor, count: Int) -> Tensor {
        let states = stack(input)  // [B, T, H]
        let steps = states.shape[1]
        return output(states.slice(axis: 1, steps - count..<steps))
    }

    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try stack.forEachParameter(in: "stack", visit)
        try output.forEachParameter(in: "output", visit)
    }
}

/// A recurrent network and an affine map of its states.
struct RecurrentAnswerer: SequenceAnswerer {
    var rnn: RecurrentStack
    var output: Linear
    var layer: RecurrentStack { rnn }

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

public import MartletTensor

/// The plain recurrent network (Elman 1990).
///
/// One step, for a row x of the input and the previous h, with φ = tanh or relu:
///
/// ```text
/// h' = φ(W_ih x + b_ih + W_hh h + b_hh)
/// ```
///
/// The gradient, going back from dh':
///
/// ```text
/// da = dh' ⊙ φ'(a)          tanh: 1 − h'²;  relu: 1 where h' > 0
/// dh = W_hhᵀ da             dW_ih = Σ daᵀ x      dW_hh = Σ daᵀ h
/// ```
///
/// Each step back multiplies by `W_hhᵀ` and φ', so over many steps the gradient vanishes or explodes
/// (Bengio, Simard & Frasconi 1994); ``LSTM`` and ``GRU`` were made against that.
///
/// The whole sequence is one operation (``MartletTensor/Tensor/recurrent(_:weights:steps:isReversed:state:)``).
public struct RNN: Module {
    /// What a step applies to its sum.
    public enum Nonlinearity: Sendable {
        /// The hyperbolic tangent.
        case tanh
        /// The larger of the sum and 0.
        case relu
    }

    /// The layers.
    public var stack: RecurrentStack

    /// An RNN with PyTorch's initialisation; the parameters are those of ``LSTM``.
    public init(
        inputSize: Int, hiddenSize: Int, nonlinearity: Nonlinearity = .tanh, layers: Int = 1,
        bidirectional: Bool = false, bias: Bool = true, dropout: Double = 0,
        using random: inout RandomGenerator
    ) {
        stack = RecurrentStack(
            cell: nonlinearity == .tanh ? .rnnTanh : .rnnRelu, inputSize: inputSize,
            hiddenSize: hiddenSize, layers: layers, bidirectional: bidirectional, bias: bias,
            dropout: dropout, using: &random)
    }

    /// Runs over whole sequences; see ``RecurrentStack/callAsFunction(_:lengths:mask:state:dropout:)``.
    public func callAsFunction(
        _ input: Tensor, lengths: [Int]? = nil, mask: Tensor? = nil, state: RecurrentState? = nil
    ) -> (output: Tensor, state: RecurrentState) {
        stack(input, lengths: lengths, mask: mask, state: state)
    }

    /// Visits the stack's parameters.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try stack.forEachParameter(visit)
    }
}

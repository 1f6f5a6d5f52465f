public import MartletTensor

/// The gated recurrent unit (Cho et al. 2014), with the reset gate after the product, as in PyTorch and cuDNN, or before it.
///
/// One step, for a row x of the input and the previous h:
///
/// ```text
/// r  = σ(W_ir x + b_ir + W_hr h + b_hr)           reset gate:  how much of the old the new one sees
/// z  = σ(W_iz x + b_iz + W_hz h + b_hz)           update gate: how much of the old is kept
/// n  = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))  what is new
/// h' = (1 − z) ⊙ n + z ⊙ h
/// ```
///
/// The gradient, going back from dh' (with u = W_hn h + b_hn):
///
/// ```text
/// da_n = dh' ⊙ (1 − z) ⊙ (1 − n²)     da_z = dh' ⊙ (h − n) ⊙ z(1 − z)
/// da_r = da_n ⊙ u ⊙ r(1 − r)          du   = da_n ⊙ r
/// dh   = dh' ⊙ z + W_hᵀ [da_r da_z du]
/// ```
///
/// As the paper has it, the reset gate acts **before** the product, `n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn)`, which
/// costs a second product in each step. Keras calls these `reset_after` true and false, ONNX `linear_before_reset` 1 and 0.
///
/// The whole sequence is one operation (``MartletTensor/Tensor/recurrent(_:weights:steps:isReversed:state:)``).
public struct GRU: Module {
    /// The layers.
    public var stack: RecurrentStack

    /// A GRU with PyTorch's initialisation; the parameters are those of ``LSTM``.
    public init(
        inputSize: Int, hiddenSize: Int, layers: Int = 1, bidirectional: Bool = false,
        bias: Bool = true, dropout: Double = 0, using random: inout RandomGenerator
    ) {
        stack = RecurrentStack(
            cell: .gru, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers,
            bidirectional: bidirectional, bias: bias, dropout: dropout, using: &random)
    }

    /// A GRU of layers of their own widths, resetting before or after the product.
    public init(
        inputSize: Int, hiddenSizes: [Int], resetsFirst: Bool = false, bidirectional: Bool = false,
        reversed: Bool = false, bias: Bool = true, dropout: Double = 0,
        initialization: RecurrentInitialization = .pytorch, using random: inout RandomGenerator
    ) {
        stack = RecurrentStack(
            cell: resetsFirst ? .gruResetFirst : .gru, inputSize: inputSize,
            hiddenSizes: hiddenSizes, bidirectional: bidirectional, reversed: reversed, bias: bias,
            dropout: dropout, initialization: initialization, using: &random)
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

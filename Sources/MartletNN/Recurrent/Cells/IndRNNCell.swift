public import MartletTensor

/// The independently recurrent network (Li et al. 2018, "IndRNN"): each unit remembers itself only.
///
/// One step, with φ = relu or tanh:
///
/// ```text
/// h' = φ(W_ih x + b_ih + u ⊙ h)
/// ```
///
/// A step back multiplies the gradient of a unit by `u φ'`, one number in place of a matrix, so that with relu and u near 1
/// it lasts over thousands of steps; |u| ≤ 2^(1/T) keeps it from growing more than twofold over T. Units mix from
/// layer to layer: stack at least two.
///
/// Parameters: `weight_ih [H, D]`, `weight_hh [H]`, `bias_ih [H]`.
public struct IndRNNCell: RecurrentCell {
    /// What a step applies to its sum.
    public var nonlinearity: RNN.Nonlinearity
    /// From the input, `[H, D]`.
    public var inputHidden: Tensor
    /// From each unit's own previous state: u, `[H]`.
    public var hiddenHidden: Tensor
    /// The offset, `[H]`, or nil.
    public var inputBias: Tensor?

    /// The width D of the input.
    public var inputSize: Int { inputHidden.shape[1] }
    /// The number of units H.
    public var outputSize: Int { inputHidden.shape[0] }

    /// A cell with u uniform in 0 … 1, as in the paper, and the rest uniform in ±1/√D, as a linear layer.
    public init(
        inputSize: Int, hiddenSize: Int, nonlinearity: RNN.Nonlinearity = .relu, bias: Bool = true,
        using random: inout RandomGenerator
    ) {
        let bound = 1 / Double(max(inputSize, 1)).squareRoot()
        self.nonlinearity = nonlinearity
        inputHidden = random.uniform([hiddenSize, inputSize], in: -bound...bound)
        hiddenHidden = random.uniform([hiddenSize], in: 0...1)
        inputBias = bias ? random.uniform([hiddenSize], in: -bound...bound) : nil
    }

    /// `W_ih x + b_ih`, `[N, H]`.
    public func prepared(_ x: Tensor) -> Tensor { x.linear(weight: inputHidden, bias: inputBias) }

    /// One step; see the equation above.
    public func step(_ x: Tensor, _ h: Tensor) -> (output: Tensor, state: Tensor) {
        let sum = x + hiddenHidden * h  // [B, H]
        let new = nonlinearity == .relu ? sum.relu() : sum.tanh()
        return (new, new)
    }

    /// Visits `weight_ih`, `weight_hh` and, if there is one, `bias_ih`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight_ih", &inputHidden)
        try visit("weight_hh", &hiddenHidden)
        try inputBias.visit("bias_ih", visit)
    }
}

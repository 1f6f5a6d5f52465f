public import MartletTensor

/// An LSTM whose sums are normalised at each step (Ba, Kiros & Hinton 2016, "Layer Normalization", equations 20 to 22).
///
/// One step, with `LN(a) = (a − mean a) / √(variance a + ε) · weight + bias` over one row:
///
/// ```text
/// [i f g o] = LN_i(W_ih x) + LN_h(W_hh h)    each over all 4·H sums of a row together, before the gates' functions
/// c' = σ(f) ⊙ c + σ(i) ⊙ tanh(g)
/// h' = σ(o) ⊙ tanh(LN_c(c'))                 over the H numbers of c'
/// ```
///
/// As in the paper, what is carried on is c' itself; only what tanh sees is normalised. (The benchmark cell of PyTorch's
/// `fastrnns` carries `LN_c(c')` on.) The paper's offset b of the sums is the sum of the biases of LN_i and LN_h.
///
/// Parameters: `weight_ih [4·H, D]`, `weight_hh [4·H, H]`, gates i, f, g, o below one another; `layernorm_i.weight`,
/// `layernorm_i.bias`, `layernorm_h.weight`, `layernorm_h.bias` `[4·H]`; `layernorm_c.weight`, `layernorm_c.bias` `[H]`.
public struct LayerNormLSTMCell: RecurrentCell {
    /// From the input, `[4·H, D]`.
    public var inputHidden: Tensor
    /// From the previous state, `[4·H, H]`.
    public var hiddenHidden: Tensor
    /// Over the sums of the input.
    public var inputNorm: LayerNorm
    /// Over the sums of the state.
    public var hiddenNorm: LayerNorm
    /// Over the cell's state.
    public var cellNorm: LayerNorm

    /// The width D of the input.
    public var inputSize: Int { inputHidden.shape[1] }
    /// The number of units H.
    public var outputSize: Int { hiddenHidden.shape[1] }

    /// A cell with weights uniform in ±1/√H and plain normalisations.
    ///
    /// - Parameter forgetBias: what the forget gate is offset by at first; 1 lets it remember from the start.
    public init(
        inputSize: Int, hiddenSize: Int, epsilon: Double = 1e-5, forgetBias: Double = 0,
        using random: inout RandomGenerator
    ) {
        let bound = 1 / Double(max(hiddenSize, 1)).squareRoot()
        let rows = 4 * hiddenSize
        inputHidden = random.uniform([rows, inputSize], in: -bound...bound)
        hiddenHidden = random.uniform([rows, hiddenSize], in: -bound...bound)
        inputNorm = LayerNorm(size: rows, epsilon: epsilon)
        hiddenNorm = LayerNorm(size: rows, epsilon: epsilon)
        cellNorm = LayerNorm(size: hiddenSize, epsilon: epsilon)
        if forgetBias != 0 {
            inputNorm.bias = .concatenate(
                [
                    .zeros([hiddenSize]), .full([hiddenSize], forgetBias), .zeros([2 * hiddenSize]),
                ], axis: 0)
        }
    }

    /// `LN_i(W_ih x)`, `[N, 4·H]`.
    public func prepared(_ x: Tensor) -> Tensor { inputNorm(x.linear(weight: inputHidden)) }

    /// One step; see the equations above.
    public func step(_ x: Tensor, _ state: HiddenAndCell) -> (output: Tensor, state: HiddenAndCell)
    {
        let sums = x + hiddenNorm(state.hidden.linear(weight: hiddenHidden))  // [B, 4·H]
        let gates = sums.split(axis: 1, sizes: [Int](repeating: outputSize, count: 4))
        let c = gates[1].sigmoid() * state.cell + gates[0].sigmoid() * gates[2].tanh()
        let h = gates[3].sigmoid() * cellNorm(c).tanh()
        return (h, HiddenAndCell(hidden: h, cell: c))
    }

    /// Visits the weights, then the normalisations.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight_ih", &inputHidden)
        try visit("weight_hh", &hiddenHidden)
        try inputNorm.forEachParameter(in: "layernorm_i", visit)
        try hiddenNorm.forEachParameter(in: "layernorm_h", visit)
        try cellNorm.forEachParameter(in: "layernorm_c", visit)
    }
}

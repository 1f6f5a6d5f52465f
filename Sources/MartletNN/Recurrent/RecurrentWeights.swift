public import MartletTensor

/// The parameters of one layer in one direction, named as PyTorch names them.
///
/// `G` gates of `H` units each lie below one another: LSTM `i, f, g, o`; GRU `r, z, n`; RNN one.
public struct RecurrentWeights: Module {
    /// From the input, `[G·H, D]`.
    public var inputHidden: Tensor
    /// From the previous state, `[G·H, H]`.
    public var hiddenHidden: Tensor
    /// The offset of the input product, `[G·H]`, or nil.
    public var inputBias: Tensor?
    /// The offset of the state product, `[G·H]`, or nil.
    public var hiddenBias: Tensor?

    /// Weights uniform in ±1/√hiddenSize, PyTorch's initialisation.
    public init(
        cell: RecurrentCell, inputSize: Int, hiddenSize: Int, bias: Bool = true,
        using random: inout RandomGenerator
    ) {
        let bound = 1 / Double(max(hiddenSize, 1)).squareRoot()
        let rows = cell.gateCount * hiddenSize
        inputHidden = random.uniform([rows, inputSize], in: -bound...bound)
        hiddenHidden = random.uniform([rows, hiddenSize], in: -bound...bound)
        inputBias = bias ? random.uniform([rows], in: -bound...bound) : nil
        hiddenBias = bias ? random.uniform([rows], in: -bound...bound) : nil
    }

    /// Visits `weight_ih`, `weight_hh` and, if there are any, `bias_ih` and `bias_hh`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight_ih", &inputHidden)
        try visit("weight_hh", &hiddenHidden)
        try inputBias.visit("bias_ih", visit)
        try hiddenBias.visit("bias_hh", visit)
    }
}

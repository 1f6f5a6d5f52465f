public import MartletTensor

/// The minimal LSTM (Feng et al. 2024, "Were RNNs All We Needed?"): gates that see the input only.
///
/// One step:
///
/// ```text
/// f  = σ(W_f x + b_f)             how much of the old is kept
/// i  = σ(W_i x + b_i)             how much of the new is written
/// g  = W_g x + b_g                what is new
/// h' = f/(f + i) ⊙ h + i/(f + i) ⊙ g
/// ```
///
/// The shares add up to 1, so that h stays a mean of what was written. Since no product reads h, all products are one over
/// all steps, and a step is two operations. The shares are computed as `f/(f + i) = σ(log f − log i)`, which holds also
/// where both gates are nearly 0.
///
/// The state starts from zeros unless another is given. Parameters: `weight_ih [3·H, D]`, `bias_ih [3·H]`, f, i, g below
/// one another.
public struct MinLSTMCell: RecurrentCell {
    /// From the input, `[3·H, D]`.
    public var inputHidden: Tensor
    /// The offset, `[3·H]`, or nil.
    public var inputBias: Tensor?

    /// The width D of the input.
    public var inputSize: Int { inputHidden.shape[1] }
    /// The number of units H.
    public var outputSize: Int { inputHidden.shape[0] / 3 }

    /// A cell with weights uniform in ±1/√D, as a linear layer.
    public init(
        inputSize: Int, hiddenSize: Int, bias: Bool = true, using random: inout RandomGenerator
    ) {
        let bound = 1 / Double(max(inputSize, 1)).squareRoot()
        inputHidden = random.uniform([3 * hiddenSize, inputSize], in: -bound...bound)
        inputBias = bias ? random.uniform([3 * hiddenSize], in: -bound...bound) : nil
    }

    /// What is kept, `f/(f + i)`, and what is added, `i/(f + i) ⊙ g`, side by side: `[N, 2·H]`.
    public func prepared(_ x: Tensor) -> Tensor {
        let sums = x.linear(weight: inputHidden, bias: inputBias)
            .split(axis: 1, sizes: [Int](repeating: outputSize, count: 3))
        let difference = sums[0].logSigmoid() - sums[1].logSigmoid()
        return .concatenate([difference.sigmoid(), (-difference).sigmoid() * sums[2]], axis: 1)
    }

    /// One step; see the equations above.
    public func step(_ x: Tensor, _ h: Tensor) -> (output: Tensor, state: Tensor) {
        let parts = x.split(axis: 1, sizes: [outputSize, outputSize])
        let new = parts[0] * h + parts[1]
        return (new, new)
    }

    /// Visits `weight_ih` and, if there is one, `bias_ih`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight_ih", &inputHidden)
        try inputBias.visit("bias_ih", visit)
    }
}

public import MartletTensor

/// Long short-term memory (Hochreiter & Schmidhuber 1997; with forget gate: Gers et al. 2000).
///
/// One step, for a row x of the input and the previous h and c (σ is the logistic function, ⊙ the
/// product element by element):
///
/// ```text
/// i  = σ(W_ii x + b_ii + W_hi h + b_hi)      input gate:  how much of the new is written
/// f  = σ(W_if x + b_if + W_hf h + b_hf)      forget gate: how much of the old is kept
/// g  = tanh(W_ig x + b_ig + W_hg h + b_hg)   what is new
/// o  = σ(W_io x + b_io + W_ho h + b_ho)      output gate: how much is shown
/// c' = f ⊙ c + i ⊙ g
/// h' = o ⊙ tanh(c')
/// ```
///
/// The gradient, going back from dh' and dc' (which come from the output and from the next step):
///
/// ```text
/// dc' += dh' ⊙ o ⊙ (1 − tanh²(c'))
/// da_i = dc' ⊙ g ⊙ i(1 − i)       da_f = dc' ⊙ c ⊙ f(1 − f)
/// da_g = dc' ⊙ i ⊙ (1 − g²)       da_o = dh' ⊙ tanh(c') ⊙ o(1 − o)
/// dc = dc' ⊙ f                    dh = W_hᵀ [da_i da_f da_g da_o]
/// ```
///
/// `dc = dc' ⊙ f` is why an LSTM remembers: where f is near 1, the gradient passes a step unchanged,
/// while a plain ``RNN`` multiplies it by W_hhᵀ and tanh' each time. The weights' gradients are
/// matrix products over all steps at once: `dW_ih = Σ daᵀ x`, `dW_hh = Σ daᵀ h`.
///
/// Two variants of the cell: with **peepholes** (Gers & Schmidhuber 2000) i and f also see the old cell's state, o the new
/// one, each unit its own: `i = σ(… + p_i ⊙ c)`, `o = σ(… + p_o ⊙ c')`. With a **projection** (Sak et al. 2014) the state
/// is `h' = W_hr (o ⊙ tanh(c'))`, of a width P of its own, so that the weights from it are fewer.
///
/// The whole sequence is one operation (``MartletTensor/Tensor/recurrent(_:weights:steps:isReversed:state:)``).
public struct LSTM: Module {
    /// The layers.
    public var stack: RecurrentStack

    /// An LSTM with PyTorch's initialisation.
    ///
    /// - Parameters:
    ///   - inputSize: the width D of the input.
    ///   - hiddenSize: the width H of the states.
    ///   - layers: how many stand on top of each other.
    ///   - bidirectional: whether each layer also reads from the end.
    ///   - bias: whether the gates have offsets.
    ///   - dropout: the probability of dropping an element between layers.
    public init(
        inputSize: Int, hiddenSize: Int, layers: Int = 1, bidirectional: Bool = false,
        bias: Bool = true, dropout: Double = 0, using random: inout RandomGenerator
    ) {
        stack = RecurrentStack(
            cell: .lstm, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers,
            bidirectional: bidirectional, bias: bias, dropout: dropout, using: &random)
    }

    /// An LSTM of layers of their own widths, with a projection, peepholes or another initialisation; see
    /// ``RecurrentStack/init(cell:inputSize:hiddenSizes:projectionSize:peephole:bidirectional:reversed:bias:dropout:initialization:using:)``.
    public init(
        inputSize: Int, hiddenSizes: [Int], projectionSize: Int? = nil, peephole: Bool = false,
        bidirectional: Bool = false, reversed: Bool = false, bias: Bool = true,
        dropout: Double = 0, initialization: RecurrentInitialization = .pytorch,
        using random: inout RandomGenerator
    ) {
        stack = RecurrentStack(
            cell: .lstm, inputSize: inputSize, hiddenSizes: hiddenSizes,
            projectionSize: projectionSize, peephole: peephole, bidirectional: bidirectional,
            reversed: reversed, bias: bias, dropout: dropout, initialization: initialization,
            using: &random)
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

public import MartletTensor

/// How a recurrent layer's parameters begin.
public struct RecurrentInitialization: Sendable {
    /// The weights from the input.
    public enum Input: Sendable {
        /// Uniform in ±1/√H.
        case uniform
        /// Uniform in ±√(6 / (rows + columns)) (Glorot & Bengio 2010).
        case glorot
    }
    /// The weights from the state.
    public enum State: Sendable {
        /// Uniform in ±1/√H.
        case uniform
        /// Each gate's matrix a random orthogonal one, so that a step back keeps the gradient's length (Saxe et al. 2014).
        case orthogonal
    }
    /// The offsets.
    public enum Bias: Sendable {
        /// Uniform in ±1/√H.
        case uniform
        /// Zero.
        case zero
    }

    /// The weights from the input.
    public var input: Input
    /// The weights from the state.
    public var state: State
    /// The offsets.
    public var bias: Bias
    /// What an LSTM's forget gate is offset by at first, in all; 1 lets it remember from the start (Jozefowicz et al.
    /// 2015). Nil: as the other gates.
    public var forgetBias: Double?

    /// An initialisation of these parts.
    public init(input: Input, state: State, bias: Bias, forgetBias: Double?) {
        self.input = input
        self.state = state
        self.bias = bias
        self.forgetBias = forgetBias
    }

    /// PyTorch's: everything uniform in ±1/√H.
    public static let pytorch = RecurrentInitialization(
        input: .uniform, state: .uniform, bias: .uniform, forgetBias: nil)
    /// Keras's: Glorot, orthogonal, zero, the forget gate's offset 1.
    public static let keras = RecurrentInitialization(
        input: .glorot, state: .orthogonal, bias: .zero, forgetBias: 1)
}

extension RandomGenerator {
    /// A random matrix whose rows (or, if there are more of them, columns) are orthonormal: `[rows, columns]`.
    ///
    /// Normal random numbers, made orthonormal one after the other (Gram–Schmidt, twice).
    public mutating func orthogonal(_ rows: Int, _ columns: Int) -> Tensor {
        if isPlaceholder { return normal([rows, columns]) }
        let (count, length) = (min(rows, columns), max(rows, columns))
        var v = normal([count, length], dtype: .float64).scalars(as: Double.self)
        v.withUnsafeMutableBufferPointer { v in
            for i in 0..<count {
                for _ in 0..<2 {
                    for j in 0..<i {
                        var dot = 0.0
                        for k in 0..<length { dot += v[i * length + k] * v[j * length + k] }
                        for k in 0..<length { v[i * length + k] -= dot * v[j * length + k] }
                    }
                }
                var square = 0.0
                for k in 0..<length { square += v[i * length + k] * v[i * length + k] }
                let scale = 1 / square.squareRoot()
                for k in 0..<length { v[i * length + k] *= scale }
            }
        }
        let wide = Tensor(v.map { Float($0) }, shape: [count, length])
        return rows <= columns ? wide : wide.transposed(0, 1).contiguous()
    }
}

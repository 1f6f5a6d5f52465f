public import MartletTensor

/// `down(f(gate(x)) · up(x))`: the mlp of Llama and its kin (Shazeer 2020, SwiGLU and GEGLU).
///
/// Parameters as Hugging Face has them: `gate_proj`, `up_proj`, `down_proj`.
public struct GatedFeedForward: Module {
    /// To the inner width, twice, and back.
    public var gate, up, down: Linear
    /// The gate's function.
    public var activation: Activation

    /// A layer with normal random weights.
    public init(
        size: Int, innerSize: Int, activation: Activation, bias: Bool = false, deviation: Double,
        using random: inout RandomGenerator
    ) {
        gate = Linear(size, innerSize, bias: bias, deviation: deviation, using: &random)
        up = Linear(size, innerSize, bias: bias, deviation: deviation, using: &random)
        down = Linear(innerSize, size, bias: bias, deviation: deviation, using: &random)
        self.activation = activation
    }

    /// The output, of the input's shape `[…, size]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        down(activation.gating(gate(x), up(x)))
    }

    /// Visits `gate_proj.…`, `up_proj.…` and `down_proj.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try gate.forEachParameter(in: "gate_proj", visit)
        try up.forEachParameter(in: "up_proj", visit)
        try down.forEachParameter(in: "down_proj", visit)
    }
}

extension Linear {
    /// A layer with normal random weights of that deviation, as Transformers begin, and an offset of 0.
    public init(
        _ inputSize: Int, _ outputSize: Int, bias: Bool, deviation: Double,
        using random: inout RandomGenerator
    ) {
        self.init(
            weight: random.normal([outputSize, inputSize], standardDeviation: deviation),
            bias: bias ? .zeros([outputSize]) : nil)
    }
}

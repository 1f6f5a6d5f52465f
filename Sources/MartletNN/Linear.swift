public import MartletTensor

/// An affine map of the innermost dimension: `y = x Wᵀ + b`.
///
/// Parameters as in PyTorch's `nn.Linear`: `weight [out, in]`, `bias [out]`.
public struct Linear: Module {
    /// The matrix, `[outputSize, inputSize]`.
    public var weight: Tensor
    /// The offset, `[outputSize]`, or nil.
    public var bias: Tensor?

    /// A layer with weights uniform in ±1/√inputSize, PyTorch's initialisation.
    public init(
        inputSize: Int, outputSize: Int, bias: Bool = true, using random: inout RandomGenerator
    ) {
        let bound = 1 / Double(max(inputSize, 1)).squareRoot()
        weight = random.uniform([outputSize, inputSize], in: -bound...bound)
        self.bias = bias ? random.uniform([outputSize], in: -bound...bound) : nil
    }

    /// A layer of the given parameters.
    public init(weight: Tensor, bias: Tensor?) {
        self.weight = weight
        self.bias = bias
    }

    /// The output, `[..., outputSize]`, of an input `[..., inputSize]`.
    public func callAsFunction(_ input: Tensor) -> Tensor {
        input.linear(weight: weight, bias: bias)
    }

    /// Visits `weight` and, if there is one, `bias`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
        try bias.visit("bias", visit)
    }
}

extension Optional where Wrapped: Module {
    /// Visits the parameters of a part of a module if it is there, with `scope.` before their names.
    package mutating func forEachParameter(
        in scope: String, _ visit: (String, inout Tensor) throws -> Void
    ) rethrows {
        guard var module = self else { return }
        self = nil  // so that the visitor holds the only references and can change them in place
        defer { self = module }
        try module.forEachParameter(in: scope, visit)
    }
}

extension Optional<Tensor> {
    /// Visits the parameter if it is there.
    package mutating func visit(
        _ name: String, _ visit: (String, inout Tensor) throws -> Void
    ) rethrows {
        guard var tensor = self else { return }
        self = nil  // so that the visitor holds the only reference and can change it in place
        defer { self = tensor }
        try visit(name, &tensor)
    }
}

public import MartletTensor

/// An affine map of the innermost dimension: `y = x Wᵀ + b`.
///
/// Parameters as in PyTorch's `nn.Linear`: `weight [out, in]`, `bias [out]`. In 8 bits, for inference: `weight` int8, and
/// `weight_scale [out]`.
public struct Linear: Module {
    /// The matrix, `[outputSize, inputSize]`.
    public var weight: Tensor { didSet { packing = nil } }
    /// The offset, `[outputSize]`, or nil.
    public var bias: Tensor? { didSet { packing = nil } }
    /// Of a matrix in 8 bits, what its rows are multiples of, `[outputSize]`; see ``quantized``.
    public private(set) var scale: Tensor? { didSet { packing = nil } }
    /// The matrix as the kernels read it, with the offset; see ``prepared(_:)``.
    public private(set) var packing: PackedLinear?

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
        if let packing { return packing(input) }
        if let scale { return PackedLinear(quantized: weight, scales: scale, bias: bias)(input) }
        return input.linear(weight: weight, bias: bias)
    }

    /// The same with its matrix also packed as the kernels read it, for many calls: packing it in each costs more than a product of
    /// few rows. Without gradients, up to twice the memory; a layer that is not float32 stays as it is. A change of a parameter undoes
    /// it.
    ///
    /// - Parameter type: what it is packed in; a matrix in 8 bits stays so.
    public func prepared(_ type: InferenceType = .float32) -> Linear {
        guard scale != nil || weight.dtype == .float32 else { return self }
        var result = self
        result.packing =
            scale.map { PackedLinear(quantized: weight, scales: $0, bias: bias) }
            ?? PackedLinear(weight: weight.detached, bias: bias?.detached, type: type)
        return result
    }

    /// The same with its matrix in 8 bits (``MartletTensor/QuantizedType/int8``): what it reads is rounded to 8 bits with a scale for
    /// each row as it comes. No gradient passes through it.
    public var quantized: Linear {
        quantized { $0.quantized(to: .int8) }
    }

    /// The same with zeros of the shapes that ``quantized`` gives, which take no memory: for a checkpoint to fill.
    package var quantizedPlaceholder: Linear {
        quantized { matrix in
            (
                Tensor.zeros([], dtype: .int8).broadcast(to: matrix.shape),
                Tensor.zeros([]).broadcast(to: [matrix.shape[0]])
            )
        }
    }

    private func quantized(_ convert: (Tensor) -> (values: Tensor, scales: Tensor)) -> Linear {
        precondition(scale == nil, "a linear layer that is quantised already")
        var result = self
        let (values, scales) = convert(weight)
        (result.weight, result.scale) = (values, scales)
        return result
    }

    /// A part of the outputs: of `count` parts of the same size, those of `range`.
    package func rows(_ range: Range<Int>, of count: Int) -> Linear {
        if range == 0..<count { return self }
        let size = weight.shape[0] / count
        let rows = range.lowerBound * size..<range.upperBound * size
        var result = Linear(
            weight: weight.slice(axis: 0, rows), bias: bias?.slice(axis: 0, rows))
        result.scale = scale?.slice(axis: 0, rows)
        return result
    }

    /// Visits `weight` and, if there are any, `weight_scale` and `bias`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight", &weight)
        try scale.visit("weight_scale", visit)
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

import CMartletKernels

/// What the weights of linear layers are kept in for inference.
public enum InferenceType: String, Codable, Sendable, CaseIterable {
    /// As they are; the results are those of training, bit for bit.
    case float32
    /// Weights and what they meet are rounded to bfloat16; sums are float32. See ``ProductPrecision/bfloat16``.
    case bfloat16
    /// A byte a number with a scale for each output (``QuantizedType/int8``); what they meet is rounded to 8 bits with a scale for
    /// each row as it comes.
    case int8

    /// Whether this machine, with the instruction set in use, can do it.
    public var isHere: Bool { self != .bfloat16 || ProductPrecision.bfloat16.isHere }

    fileprivate var code: mk_weight_type {
        switch self {
        case .float32: MK_WEIGHTS_PLAIN
        case .bfloat16: MK_WEIGHTS_BFLOAT16
        case .int8: MK_WEIGHTS_INT8
        }
    }
}

/// A linear layer, `x Wᵀ + b`, whose weights are packed once as the kernels read them; for inference, in float32.
///
/// Products of matrices otherwise pack their right side each time. Twice the memory where the weights themselves are kept, too.
public struct PackedLinear: Sendable {
    /// What the weights are kept in.
    public let type: InferenceType
    /// The numbers of a row that it takes.
    public let inputSize: Int
    /// The numbers of a row that it gives.
    public let outputSize: Int
    fileprivate let weights: Tensor
    fileprivate let bias: Tensor?
    /// How the weights lie depends on the instruction set.
    fileprivate let isa: String

    /// Packs the weights of a layer.
    ///
    /// - Parameters:
    ///   - weight: float32 `[out, in]`.
    ///   - bias: float32 `[out]`, or nil.
    public init(weight: Tensor, bias: Tensor?, type: InferenceType = .float32) {
        precondition(
            weight.rank == 2 && weight.dtype == .float32
                && bias.map { $0.shape == [weight.shape[0]] } ?? true,
            "packed: a weight \(weight.dtype) \(weight.shape) with a bias \(bias?.shape ?? [])")
        precondition(type.isHere, "packed: this machine has no instructions for \(type)")
        if type == .int8 {
            let (values, scales) = weight.quantized(to: .int8)
            self.init(quantized: values, scales: scales, bias: bias)
        } else {
            self.init(type, weight, scales: nil, bias: bias)
        }
    }

    /// Packs weights that are quantised: int8 `[out, in]` with scales `[out]`, as `Tensor.quantized(to: .int8)` gives them.
    public init(quantized values: Tensor, scales: Tensor, bias: Tensor?) {
        precondition(
            values.rank == 2 && values.dtype == .int8 && scales.shape == [values.shape[0]],
            "packed: weights \(values.dtype) \(values.shape) with scales \(scales.shape)")
        self.init(.int8, values.contiguous(), scales: scales.contiguous(), bias: bias)
    }

    private init(_ type: InferenceType, _ weight: Tensor, scales: Tensor?, bias: Tensor?) {
        let kernels = DType.float32.kernels.pointee
        self.type = type
        (outputSize, inputSize) = (weight.shape[0], weight.shape[1])
        self.bias = bias?.detached.contiguous()
        isa = String(cString: kernels.name)
        let (n, k, strides) = (weight.shape[0], weight.shape[1], weight.strides)
        weights = Tensor(
            uninitialized: [kernels.linear.packed_bytes(type.code, n, k)], dtype: .uint8)
        let to = weights.storage.pointer
        weight.readView { from in
            scales.readIfPresent { scales in
                kernels.linear.pack(
                    type.code, n, k, from, strides[0], strides[1],
                    scales?.assumingMemoryBound(to: Float.self), to)
            }
        }
    }

    /// The layer's output, `[..., out]`, of `[..., in]`; not recorded.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.running([LinearStep(self)])[0]
    }
}

/// One of several linear layers that are run one after another; see ``Tensor/running(_:)``.
public struct LinearStep: Sendable {
    /// What is added to a layer's output.
    public enum Addend: Sendable {
        /// Rows, of the output's shape.
        case rows(Tensor)
        /// The output of an earlier step, counted from 0.
        case step(Int)
    }

    /// The scale, offset and ε of ``Tensor/layerNorm(weight:bias:epsilon:)``.
    public struct Norm: Sendable {
        var weight: Tensor?
        var bias: Tensor?
        var epsilon: Double

        /// A norm of these parts.
        public init(weight: Tensor?, bias: Tensor?, epsilon: Double) {
            self.weight = weight?.contiguous()
            self.bias = bias?.contiguous()
            self.epsilon = epsilon
        }
    }

    /// The layer.
    public var layer: PackedLinear
    /// The function of each of its outputs.
    public var activation: GatedActivation?
    /// What is added to them then.
    public var addend: Addend?
    /// How the sums are normalised.
    public var norm: Norm?
    /// Whether anybody but the steps after it reads the output.
    public var isKept: Bool

    /// A step of these parts.
    public init(
        _ layer: PackedLinear, activation: GatedActivation? = nil, adding addend: Addend? = nil,
        norm: Norm? = nil,
        isKept: Bool = true
    ) {
        self.layer = layer
        self.activation = activation
        self.addend = addend
        self.norm = norm
        self.isKept = isKept
    }

    /// The most steps of a chain.
    public static let most = Int(MK_LINEAR_STEPS)
}

extension Tensor {
    /// Linear layers one after another, each on what the one before gave: `f(x Wᵀ + b)`, with rows added, normalised. Not recorded.
    ///
    /// Rows are worked on in blocks that stay in the caches from the first step to the last. A row has the same bits alone as among
    /// others, and in float32 those of the operations one by one.
    ///
    /// - Parameter steps: at most ``LinearStep/most``.
    /// - Returns: the outputs, `[..., out]`, of the steps that are kept, in their order.
    public func running(_ steps: [LinearStep]) -> [Tensor] {
        let x = detached.contiguous()
        let rows = shape.dropLast().reduce(1, *)
        var width = shape[-1]
        precondition(
            dtype == .float32 && !steps.isEmpty && steps.count <= LinearStep.most,
            "linear layers: \(steps.count) of \(dtype) \(shape)")
        let kernels = dtype.kernels.pointee
        var calls: [mk_linear] = []
        var outputs: [Tensor] = []
        var operands: [Tensor] = [x]
        func pointer(_ tensor: Tensor?) -> UnsafeRawPointer? {
            guard let tensor = tensor?.contiguous() else { return nil }
            operands.append(tensor)
            return UnsafeRawPointer(tensor.storage.pointer + tensor.offset * tensor.dtype.byteCount)
        }
        for (number, step) in steps.enumerated() {
            let layer = step.layer
            precondition(
                layer.inputSize == width && layer.isa == String(cString: kernels.name),
                "linear layers: step \(number) takes \(layer.inputSize) numbers on \(layer.isa), there are \(width) on \(String(cString: kernels.name))"
            )
            width = layer.outputSize
            let size = Shape(Array(shape.dropLast()) + [width])
            var call = mk_linear()
            (call.type, call.n, call.k) = (layer.type.code, layer.outputSize, layer.inputSize)
            call.packed = pointer(layer.weights)
            call.bias = pointer(layer.bias)
            call.activation = step.activation.map { Int32($0.operation.rawValue) } ?? -1
            call.residual_step = -1
            switch step.addend {
            case .rows(let rows):
                precondition(
                    rows.shape == size && rows.dtype == dtype,
                    "linear layers: \(rows.shape) added to \(size)")
                call.residual = pointer(rows)
            case .step(let other):
                precondition(
                    other < number && steps[other].layer.outputSize == width,
                    "linear layers: step \(other) added to step \(number)")
                call.residual_step = Int32(other)
            case nil: break
            }
            if let norm = step.norm {
                call.normalises = 1
                (call.gamma, call.beta, call.epsilon) = (
                    pointer(norm.weight), pointer(norm.bias), norm.epsilon
                )
            }
            if step.isKept || number == steps.count - 1 {
                let output = Tensor(uninitialized: size, dtype: dtype)
                outputs.append(output)
                call.y = output.storage.pointer
            }
            calls.append(call)
        }
        withExtendedLifetime((operands, outputs)) {
            kernels.linear.run(calls, calls.count, rows, pointer(x), x.shape[-1])
        }
        return outputs
    }

    /// Views of `[..., parts · N · K]`, contiguous, as that many `[..., N, K]`; not recorded.
    package func headViews(parts: Int, heads: Int) -> [Tensor] {
        let width = shape[-1] / (parts * heads)
        let outer = Array(shape.dropLast())
        precondition(
            isContiguous && shape[-1] == parts * heads * width,
            "\(parts) parts of \(heads) heads of \(shape)")
        return (0..<parts).map { part in
            view(
                Shape(outer + [heads, width]),
                strides: Shape(Array(strides.dropLast()) + [width, 1]),
                offset: offset + part * heads * width)
        }
    }
}

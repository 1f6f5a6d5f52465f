public import MartletTensor
import Synchronization

/// The parameters of one layer in one direction, named as PyTorch names them.
///
/// `G` gates of `H` units each lie below one another: LSTM `i, f, g, o`; GRU `r, z, n`; RNN one. The state has the
/// width `P`: that of the projection, or H.
public struct RecurrentWeights: Module {
    /// From the input, `[G·H, D]`.
    public var inputHidden: Tensor { didSet { parameterChanged() } }
    /// From the previous state, `[G·H, P]`.
    public var hiddenHidden: Tensor { didSet { parameterChanged() } }
    /// The offset of the input product, `[G·H]`, or nil.
    public var inputBias: Tensor? { didSet { parameterChanged() } }
    /// The offset of the state product, `[G·H]`, or nil.
    public var hiddenBias: Tensor? { didSet { parameterChanged() } }
    /// An LSTM's projection, `[P, H]`, or nil.
    public var projection: Tensor? { didSet { parameterChanged() } }
    /// An LSTM's peepholes to the gates i, f, o, `[3·H]`, or nil.
    public var peephole: Tensor? { didSet { parameterChanged() } }
    /// The scales of the weights and what else is to be known of them, if they are quantised; see ``quantized(to:)``.
    var quantization: RecurrentQuantization? { didSet { parameterChanged() } }
    /// The matrices packed as the kernels read them, once somebody runs them; nil: each run packs them for itself.
    private var packing: PackedOnce?

    /// Random weights of one layer in one direction.
    public init(
        cell: CellKind, inputSize: Int, hiddenSize: Int, bias: Bool = true,
        projectionSize: Int? = nil, peephole hasPeephole: Bool = false,
        initialization: RecurrentInitialization = .pytorch, using random: inout RandomGenerator
    ) {
        precondition(
            cell == .lstm || projectionSize == nil && !hasPeephole,
            "recurrent weights: a projection or peepholes for \(cell), which only an LSTM has")
        let bound = 1 / Double(max(hiddenSize, 1)).squareRoot()
        let rows = cell.gateCount * hiddenSize
        let state = projectionSize ?? hiddenSize
        switch initialization.input {
        case .uniform: inputHidden = random.uniform([rows, inputSize], in: -bound...bound)
        case .glorot:
            let limit = (6 / Double(rows + inputSize)).squareRoot()
            inputHidden = random.uniform([rows, inputSize], in: -limit...limit)
        }
        switch initialization.state {
        case .uniform: hiddenHidden = random.uniform([rows, state], in: -bound...bound)
        case .orthogonal:
            hiddenHidden = .concatenate(
                (0..<cell.gateCount).map { _ in random.orthogonal(hiddenSize, state) }, axis: 0)
        }
        if bias {
            switch initialization.bias {
            case .uniform:
                inputBias = random.uniform([rows], in: -bound...bound)
                hiddenBias = random.uniform([rows], in: -bound...bound)
            case .zero:
                inputBias = .zeros([rows])
                hiddenBias = .zeros([rows])
            }
        }
        if let forget = initialization.forgetBias, cell == .lstm, bias {
            func filled(_ old: Tensor, _ value: Double) -> Tensor {
                .concatenate(
                    [
                        old.slice(axis: 0, 0..<hiddenSize), .full([hiddenSize], value),
                        old.slice(axis: 0, 2 * hiddenSize..<rows),
                    ], axis: 0)
            }
            inputBias = filled(inputBias!, forget)
            hiddenBias = filled(hiddenBias!, 0)
        }
        if let projectionSize {
            projection = random.uniform([projectionSize, hiddenSize], in: -bound...bound)
        }
        if hasPeephole { peephole = random.uniform([3 * hiddenSize], in: -bound...bound) }
    }

    /// Visits `weight_ih`, `weight_hh` and, if there are any, `bias_ih`, `bias_hh`, `weight_hr` and `weight_peephole`; and of
    /// quantised ones `weight_ih_scale`, `weight_hh_scale`, `weight_hr_scale`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try visit("weight_ih", &inputHidden)
        try visit("weight_hh", &hiddenHidden)
        try inputBias.visit("bias_ih", visit)
        try hiddenBias.visit("bias_hh", visit)
        try projection.visit("weight_hr", visit)
        try peephole.visit("weight_peephole", visit)
        if quantization != nil {
            try visit("weight_ih_scale", &quantization!.inputScale)
            try visit("weight_hh_scale", &quantization!.stateScale)
            try quantization!.projectionScale.visit("weight_hr_scale", visit)
        }
    }

    /// The same with its matrices in 8 or 4 bits; offsets and peepholes stay as they are. No gradient passes through it.
    public func quantized(to type: QuantizedType) -> RecurrentWeights {
        quantized(type) { $0.quantized(to: type) }
    }

    /// The same with zeros of the shapes that ``quantized(to:)`` gives, which take no memory: for a checkpoint to fill.
    func quantizedPlaceholder(_ type: QuantizedType) -> RecurrentWeights {
        quantized(type) { matrix in
            let (rows, columns) = (matrix.shape[0], matrix.shape[1])
            return (
                Tensor.zeros([], dtype: type.storage)
                    .broadcast(to: type.shape(rows: rows, columns: columns)),
                Tensor.zeros([]).broadcast(to: type.scaleShape(rows: rows, columns: columns))
            )
        }
    }

    private func quantized(
        _ type: QuantizedType, _ convert: (Tensor) -> (values: Tensor, scales: Tensor)
    ) -> RecurrentWeights {
        precondition(quantization == nil, "recurrent weights that are quantised already")
        let (input, state) = (convert(inputHidden), convert(hiddenHidden))
        let shown = projection.map(convert)
        var result = self
        result.inputHidden = input.values
        result.hiddenHidden = state.values
        result.projection = shown?.values
        result.quantization = RecurrentQuantization(
            type: type, inputSize: inputHidden.shape[1], stateSize: hiddenHidden.shape[1],
            inputScale: input.scales, stateScale: state.scales, projectionScale: shown?.scales)
        result.packing = PackedOnce()
        return result
    }

    /// The width P of the state.
    package var stateSize: Int { quantization?.stateSize ?? hiddenHidden.shape[1] }

    /// The parameters as the operation takes them.
    package func arguments(_ cell: CellKind, stateMask: Tensor? = nil) -> RecurrentArguments {
        let plain = RecurrentArguments(
            inputHidden: inputHidden, hiddenHidden: hiddenHidden, inputBias: inputBias,
            hiddenBias: hiddenBias, projection: projection, peephole: peephole,
            stateMask: stateMask, quantization: quantization)
        return packing?.packed(plain, cell) ?? plain
    }

    /// The same, packed once for all later runs, until a parameter is changed; see ``RecurrentStack/prepared``.
    var prepared: RecurrentWeights {
        var result = self
        result.packing = packing ?? PackedOnce()
        return result
    }

    /// Quantised matrices are read packed only.
    private mutating func parameterChanged() {
        if packing != nil { packing = quantization == nil ? nil : PackedOnce() }
    }
}

/// A layer's arguments with packed matrices, made by the first who asks.
private final class PackedOnce: Sendable {
    private let content = Mutex<RecurrentArguments?>(nil)

    func packed(_ plain: RecurrentArguments, _ cell: CellKind) -> RecurrentArguments {
        var result = content.withLock { content in
            if let content { return content }
            let new = plain.packed(cell)
            content = new
            return new
        }
        result.stateMask = plain.stateMask
        return result
    }
}

import CMartletKernels

extension Tensor {
    /// One recurrent layer over whole sequences, in one or both directions.
    ///
    /// The receiver is the input, `[B, T, D]`. Steps that are no real ones are neither read nor worked on.
    ///
    /// - Parameters:
    ///   - weights: the parameters of one direction, or of both.
    ///   - steps: which steps are real; nil: all.
    ///   - isReversed: whether a single direction reads from each sequence's last step to its first.
    ///   - state: the state to start from, for each direction; nil: zeros.
    ///   - isProduct: whether the receiver is not the input but what ``RecurrentArguments/inputTerms(_:_:)`` makes of it,
    ///     `[B, T, G·H]`, for the only direction; no gradient passes then.
    /// - Returns: `output [B, T, P · directions]`, zero where there is no real step; and for each direction the state
    ///   after the last step it read.
    public func recurrent(
        _ kind: CellKind, weights: [RecurrentArguments], steps: RealSteps? = nil,
        isReversed: Bool = false, state: [DirectionState]? = nil, isProduct: Bool = false
    ) -> (output: Tensor, state: [DirectionState]) {
        precondition(
            rank == 3 && (weights.count == 1 || weights.count == 2), "recurrent: input \(shape)")
        precondition(
            state == nil || state!.count == weights.count,
            "recurrent: \(state?.count ?? 0) states for \(weights.count) directions")
        precondition(
            !isProduct || weights.count == 1,
            "recurrent: one product for \(weights.count) directions")
        steps?.check(shape)
        var outputs: [Tensor] = []
        var final: [DirectionState] = []
        for (direction, parameters) in weights.enumerated() {
            let layer = DirectedLayer(
                kind: kind, isReverse: isReversed || direction == 1, x: contiguous(),
                parameters: parameters, steps: steps, state: state?[direction],
                stage: isProduct ? MK_RECURRENT_STATE : MK_RECURRENT_WHOLE)
            let results = layer.run()
            outputs.append(results[0])
            final.append(
                DirectionState(hidden: results[1], cell: results.count > 2 ? results[2] : nil))
        }
        return (outputs.count == 1 ? outputs[0] : Tensor.concatenate(outputs, axis: 2), final)
    }
}

extension RecurrentArguments {
    /// What a layer's product with its input gives, with its offsets, `[N, G·H]`, for inputs `[N, D]`: a table of it serves
    /// inputs that come again and again, as the vectors of a small vocabulary do. Running on from it
    /// (``Tensor/recurrent(_:weights:steps:isReversed:state:isProduct:)``) gives the same bits.
    public func inputTerms(_ inputs: Tensor, _ kind: CellKind) -> Tensor {
        let count = inputs.shape[0]
        let layer = DirectedLayer(
            kind: kind, isReverse: false,
            x: inputs.detached.contiguous().reshaped([count, 1, inputs.shape[1]]),
            parameters: self, steps: nil, state: nil, stage: MK_RECURRENT_INPUT)
        return layer.inputTerms().reshaped([count, -1])
    }

    /// The same, with the weights packed as the kernels read them: for many calls of few steps, where packing them each
    /// time would cost more than the work. The results are the same, bit for bit. Twice the memory.
    public func packed(_ kind: CellKind) -> RecurrentArguments {
        var result = self
        result.packed = nil
        let width = quantization?.inputSize ?? inputHidden.shape[1]
        let layer = DirectedLayer(
            kind: kind, isReverse: false,
            x: Tensor(
                uninitialized: [0, 0, width],
                dtype: quantization == nil ? inputHidden.dtype : .float32), parameters: result,
            steps: nil, state: nil)
        result.packed = layer.packed ?? layer.packedWeights()
        return result
    }
}

/// One layer in one direction with everything it reads.
private struct DirectedLayer: Sendable {
    var kind: CellKind
    var isReverse: Bool
    var steps: RealSteps?
    /// Everything that may want a gradient: see ``Input``.
    var inputs: [Tensor?]
    var stateMask: Tensor?
    var quantization: RecurrentQuantization?
    var packed: PackedRecurrentWeights?
    var stage: mk_recurrent_stage

    /// The places of `inputs`.
    enum Input: Int, CaseIterable {
        case x, weightIH, weightHH, biasIH, biasHH, weightHR, peephole, h0, c0
    }

    private subscript(_ input: Input) -> Tensor? { inputs[input.rawValue] }
    private var x: Tensor { inputs[Input.x.rawValue]! }
    /// The number of units H, and the width P of the state.
    private var units: Int { self[.weightIH]!.shape[0] / kind.gateCount }
    private var stateWidth: Int { quantization?.stateSize ?? self[.weightHH]!.shape[1] }

    init(
        kind: CellKind, isReverse: Bool, x: Tensor, parameters: RecurrentArguments,
        steps: RealSteps?, state: DirectionState?, stage: mk_recurrent_stage = MK_RECURRENT_WHOLE
    ) {
        self.kind = kind
        self.isReverse = isReverse
        self.steps = steps
        inputs = [
            x, parameters.inputHidden, parameters.hiddenHidden, parameters.inputBias,
            parameters.hiddenBias, parameters.projection, parameters.peephole, state?.hidden,
            kind == .lstm ? state?.cell : nil,
        ].map { $0?.contiguous() }
        stateMask = parameters.stateMask?.contiguous()
        quantization = parameters.quantization
        packed = parameters.packed
        self.stage = stage
        check()
        if quantization != nil, packed == nil { packed = packedWeights() }
    }

    /// The width D of the input.
    private var inputWidth: Int { quantization?.inputSize ?? self[.weightIH]!.shape[1] }

    private func check() {
        let (B, D, H, P) = (x.shape[0], inputWidth, units, stateWidth)
        precondition(
            kind == .lstm || self[.weightHR] == nil && self[.peephole] == nil,
            "recurrent \(kind): a projection or peepholes, which only an LSTM has")
        precondition(
            self[.weightHR] != nil || H == P,
            "recurrent \(kind): a state of \(P) for \(H) units without a projection")
        let rows = kind.gateCount * H
        precondition(
            x.shape[2] == (stage == MK_RECURRENT_STATE ? rows : D),
            "recurrent \(kind): an input \(x.shape) for weights \(self[.weightIH]!.shape)")
        func stored(_ rows: Int, _ columns: Int) -> Shape {
            quantization?.type.shape(rows: rows, columns: columns) ?? [rows, columns]
        }
        func scales(_ rows: Int, _ columns: Int) -> Shape {
            quantization?.type.scaleShape(rows: rows, columns: columns) ?? []
        }
        let shapes: [(Tensor?, Shape)] = [
            (self[.weightIH], stored(rows, D)), (self[.weightHH], stored(rows, P)),
            (self[.biasIH], [rows]), (self[.biasHH], [rows]), (self[.weightHR], stored(P, H)),
            (self[.peephole], [3 * H]), (self[.h0], [B, P]), (self[.c0], [B, H]),
            (stateMask, [B, P]), (quantization?.inputScale, scales(rows, D)),
            (quantization?.stateScale, scales(rows, P)),
            (quantization?.projectionScale, scales(P, H)),
        ]
        for (tensor, shape) in shapes {
            precondition(
                tensor == nil || tensor!.shape == shape,
                "recurrent \(kind): \(tensor!.shape), expected \(shape), for an input \(x.shape)")
        }
    }

    /// Calls `body` with the layer as C sees it.
    private func withLayer<Result>(_ body: (UnsafePointer<mk_recurrent_layer>) -> Result) -> Result
    {
        func pointer(_ tensor: Tensor?) -> UnsafeRawPointer? {
            tensor.map { UnsafeRawPointer($0.storage.pointer + $0.offset * $0.dtype.byteCount) }
        }
        func call(_ lengths: UnsafePointer<Int32>?, _ positions: UnsafePointer<Int32>?) -> Result {
            var layer = mk_recurrent_layer()
            layer.cell = kind.code
            layer.reverse = isReverse ? 1 : 0
            (layer.batch, layer.time, layer.input) = (x.shape[0], x.shape[1], inputWidth)
            layer.stage = stage
            (layer.hidden, layer.state) = (units, stateWidth)
            (layer.lengths, layer.positions) = (lengths, positions)
            layer.weight_ih = pointer(self[.weightIH])
            layer.weight_hh = pointer(self[.weightHH])
            layer.bias_ih = pointer(self[.biasIH])
            layer.bias_hh = pointer(self[.biasHH])
            layer.weight_hr = pointer(self[.weightHR])
            layer.peephole = pointer(self[.peephole])
            layer.x = pointer(x)
            if let quantization {
                layer.weights = quantization.type.code
                func scale(_ tensor: Tensor?) -> UnsafePointer<Float>? {
                    pointer(tensor)?.assumingMemoryBound(to: Float.self)
                }
                layer.scale_ih = scale(quantization.inputScale)
                layer.scale_hh = scale(quantization.stateScale)
                layer.scale_hr = scale(quantization.projectionScale)
            }
            layer.h0 = pointer(self[.h0])
            layer.c0 = pointer(self[.c0])
            layer.state_mask = pointer(stateMask)
            return withUnsafePointer(to: &layer) { body($0) }
        }
        return withExtendedLifetime((inputs, stateMask, quantization)) {
            guard let steps else { return call(nil, nil) }
            return steps.lengths.withUnsafeBufferPointer { lengths in
                guard let positions = steps.positions else { return call(lengths.baseAddress, nil) }
                return positions.withUnsafeBufferPointer {
                    call(lengths.baseAddress, $0.baseAddress)
                }
            }
        }
    }

    /// The weights, packed.
    func packedWeights() -> PackedRecurrentWeights {
        let kernels = x.kernels.recurrent
        let parts = Machine.current.threads
        return withLayer { layer in
            var bytes = (0, 0, 0)
            withUnsafeMutableBytes(of: &bytes) {
                kernels.packed_bytes(
                    layer, Int32(parts), $0.assumingMemoryBound(to: Int.self).baseAddress!)
            }
            let (input, state, second) = bytes
            let packed = PackedRecurrentWeights(
                input: Tensor(uninitialized: [input], dtype: .uint8),
                state: Tensor(uninitialized: [state], dtype: .uint8),
                second: Tensor(uninitialized: [second], dtype: .uint8), parts: parts)
            packed.withPacked { kernels.pack(layer, $0) }
            return packed
        }
    }

    /// What the input's product gives, `[B, T, G·H]`.
    func inputTerms() -> Tensor {
        let width = kind.gateCount * units
        let y = Tensor(uninitialized: [x.shape[0], x.shape[1], width], dtype: x.dtype)
        let kernels = x.kernels.recurrent
        withLayer { layer in
            func forward(_ packed: UnsafePointer<mk_recurrent_packed>?) {
                kernels.forward(layer, packed, y.storage.pointer, width, nil, nil, nil)
            }
            if let packed { packed.withPacked { forward($0) } } else { forward(nil) }
        }
        return y
    }

    /// Output `[B, T, P]`, h_n `[B, P]` and, for an LSTM, c_n `[B, H]`, recorded as one operation.
    func run() -> [Tensor] {
        let (B, T, H, P) = (x.shape[0], x.shape[1], units, stateWidth)
        let kernels = x.kernels.recurrent
        let isTraced = inputs.contains { $0.map { !$0.trace.isNone } ?? false }
        precondition(
            !isTraced || quantization == nil,
            "recurrent \(kind): a gradient through quantised weights; train before quantising")
        precondition(
            !isTraced || stage == MK_RECURRENT_WHOLE,
            "recurrent \(kind): a gradient through an input's product that was made before")
        let y = Tensor(uninitialized: [B, T, P], dtype: x.dtype)
        let hN = Tensor(uninitialized: [B, P], dtype: x.dtype)
        let cN = kind == .lstm ? Tensor(uninitialized: [B, H], dtype: x.dtype) : nil
        let saved: Tensor? = withLayer { layer in
            let saved =
                isTraced ? Tensor(uninitialized: [kernels.saved_count(layer)], dtype: x.dtype) : nil
            func forward(_ packed: UnsafePointer<mk_recurrent_packed>?) {
                kernels.forward(
                    layer, packed, y.storage.pointer, P, hN.storage.pointer,
                    cN?.storage.pointer, saved?.storage.pointer)
            }
            if let packed { packed.withPacked { forward($0) } } else { forward(nil) }
            return saved
        }
        let results = [y, hN] + (cN.map { [$0] } ?? [])
        guard let saved else { return results }
        var constant = self
        constant.inputs = inputs.map { $0?.detached }
        constant.packed = nil
        let layer = constant
        let present = inputs.map { $0 != nil }
        return Tensor.recorded("recurrent", from: inputs.compactMap { $0 }, results: results) {
            gradients, wanted in
            var wantedAll = [Bool](repeating: false, count: present.count)
            var next = 0
            for index in present.indices where present[index] {
                wantedAll[index] = wanted[next]
                next += 1
            }
            let all = layer.backward(saved, gradients, wanted: wantedAll)
            return present.indices.filter { present[$0] }.map { all[$0] }
        }
    }

    /// The gradients of `inputs`, from those of the results.
    private func backward(_ saved: Tensor, _ results: [Tensor?], wanted: [Bool]) -> [Tensor?] {
        let found = zip(inputs, wanted).map { input, wanted in
            wanted ? input.map { Tensor(uninitialized: $0.shape, dtype: $0.dtype) } : nil
        }
        let given = results.map { $0?.contiguous() }
        withLayer { layer in
            withExtendedLifetime((saved, found, given)) {
                func pointer(_ tensor: Tensor?) -> UnsafeRawPointer? {
                    tensor.map {
                        UnsafeRawPointer($0.storage.pointer + $0.offset * $0.dtype.byteCount)
                    }
                }
                var gradients = mk_recurrent_gradients()
                gradients.dy = pointer(given[0])
                gradients.dy_row = stateWidth
                gradients.dh_n = pointer(given[1])
                gradients.dc_n = given.count > 2 ? pointer(given[2]) : nil
                func place(_ input: Input) -> UnsafeMutableRawPointer? {
                    found[input.rawValue]?.storage.pointer
                }
                gradients.dx = place(.x)
                gradients.dweight_ih = place(.weightIH)
                gradients.dweight_hh = place(.weightHH)
                gradients.dbias_ih = place(.biasIH)
                gradients.dbias_hh = place(.biasHH)
                gradients.dweight_hr = place(.weightHR)
                gradients.dpeephole = place(.peephole)
                gradients.dh0 = place(.h0)
                gradients.dc0 = place(.c0)
                x.kernels.recurrent.backward(layer, saved.storage.pointer, &gradients)
            }
        }
        return found
    }
}

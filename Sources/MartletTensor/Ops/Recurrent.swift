import CMartletKernels

/// The kinds of recurrent cell; the raw values are those of `config.json`.
public enum RecurrentCell: String, Sendable, Codable, CaseIterable {
    case rnnTanh = "rnn_tanh"
    case rnnRelu = "rnn_relu"
    case lstm, gru

    /// The number of gates G: how many times H rows a weight has.
    public var gateCount: Int {
        switch self {
        case .rnnTanh, .rnnRelu: 1
        case .gru: 3
        case .lstm: 4
        }
    }

    fileprivate var code: mk_cell {
        switch self {
        case .rnnTanh: MK_RNN_TANH
        case .rnnRelu: MK_RNN_RELU
        case .lstm: MK_LSTM
        case .gru: MK_GRU
        }
    }
}

/// The parameters of one recurrent layer in one direction: `[G·H, D]`, `[G·H, H]`, and offsets `[G·H]` or nil.
public struct RecurrentArguments: Sendable {
    var inputHidden: Tensor
    var hiddenHidden: Tensor
    var inputBias: Tensor?
    var hiddenBias: Tensor?

    /// Parameters of these tensors.
    public init(inputHidden: Tensor, hiddenHidden: Tensor, inputBias: Tensor?, hiddenBias: Tensor?)
    {
        self.inputHidden = inputHidden
        self.hiddenHidden = hiddenHidden
        self.inputBias = inputBias
        self.hiddenBias = hiddenBias
    }
}

extension Tensor {
    /// One recurrent layer over whole sequences, in one or both directions.
    ///
    /// The receiver is the input, `[B, T, D]`. Padding is neither read nor worked on.
    ///
    /// - Parameters:
    ///   - weights: the parameters of one direction, or of both.
    ///   - lengths: the real steps of each sequence, 0 … T; nil: all T.
    ///   - hidden: the states to start from, `[directions, B, H]`; nil: zeros.
    ///   - cell: an LSTM's cell states to start from, of the same shape.
    /// - Returns: `output [B, T, H · directions]`, zero beyond a sequence's length; and the last states.
    public func recurrent(
        _ kind: RecurrentCell, weights: [RecurrentArguments], lengths: [Int]? = nil,
        hidden: Tensor? = nil, cell: Tensor? = nil
    ) -> (output: Tensor, hidden: Tensor, cell: Tensor?) {
        precondition(
            rank == 3 && (weights.count == 1 || weights.count == 2), "recurrent: input \(shape)")
        let size = weights[0].hiddenHidden.shape[-1]
        let stateShape: Shape = [weights.count, shape[0], size]
        for state in [hidden, cell] {
            precondition(
                state == nil || state!.shape == stateShape,
                "recurrent: a state \(state!.shape), expected \(stateShape)")
        }
        if let lengths {
            precondition(
                lengths.count == shape[0] && lengths.allSatisfy { $0 >= 0 && $0 <= shape[1] },
                "recurrent: lengths \(lengths) for an input \(shape)")
        }
        var outputs: [Tensor] = []
        var finalHidden: [Tensor] = []
        var finalCell: [Tensor] = []
        for (direction, parameters) in weights.enumerated() {
            let layer = DirectedLayer(
                kind: kind, isReverse: direction == 1, x: contiguous(), parameters: parameters,
                lengths: lengths?.map(Int32.init),
                h0: hidden?.select(axis: 0, direction).contiguous(),
                c0: kind == .lstm ? cell?.select(axis: 0, direction).contiguous() : nil)
            let results = layer.run()
            outputs.append(results[0])
            finalHidden.append(results[1])
            if results.count > 2 { finalCell.append(results[2]) }
        }
        return (
            outputs.count == 1 ? outputs[0] : Tensor.concatenate(outputs, axis: 2),
            Tensor.stack(finalHidden), finalCell.isEmpty ? nil : Tensor.stack(finalCell)
        )
    }
}

/// One layer in one direction with everything it reads.
private struct DirectedLayer: Sendable {
    var kind: RecurrentCell
    var isReverse: Bool
    var x: Tensor
    var weightIH: Tensor
    var weightHH: Tensor
    var biasIH: Tensor?
    var biasHH: Tensor?
    var lengths: [Int32]?
    var h0: Tensor?
    var c0: Tensor?

    init(
        kind: RecurrentCell, isReverse: Bool, x: Tensor, parameters: RecurrentArguments,
        lengths: [Int32]?, h0: Tensor?, c0: Tensor?
    ) {
        self.kind = kind
        self.isReverse = isReverse
        self.x = x
        weightIH = parameters.inputHidden.contiguous()
        weightHH = parameters.hiddenHidden.contiguous()
        biasIH = parameters.inputBias?.contiguous()
        biasHH = parameters.hiddenBias?.contiguous()
        self.lengths = lengths
        self.h0 = h0
        self.c0 = c0
        let rows = kind.gateCount * weightHH.shape[-1]
        precondition(
            weightIH.shape == [rows, x.shape[2]] && weightHH.shape == [rows, weightHH.shape[1]],
            "recurrent \(kind): weights \(weightIH.shape) and \(weightHH.shape) for an input \(x.shape)"
        )
        for bias in [biasIH, biasHH] {
            precondition(
                bias == nil || bias!.shape == [rows],
                "recurrent \(kind): a bias \(bias!.shape), expected [\(rows)]")
        }
    }

    /// Everything that may want a gradient, in a fixed order.
    private var inputs: [Tensor?] { [x, weightIH, weightHH, biasIH, biasHH, h0, c0] }

    /// Calls `body` with the layer as C sees it.
    private func withLayer<Result>(_ body: (UnsafePointer<mk_recurrent_layer>) -> Result) -> Result
    {
        func pointer(_ tensor: Tensor?) -> UnsafeRawPointer? {
            tensor.map { UnsafeRawPointer($0.storage.pointer + $0.offset * $0.dtype.byteCount) }
        }
        func call(_ lengths: UnsafePointer<Int32>?) -> Result {
            var layer = mk_recurrent_layer()
            layer.cell = kind.code
            layer.reverse = isReverse ? 1 : 0
            (layer.batch, layer.time, layer.input) = (x.shape[0], x.shape[1], x.shape[2])
            layer.hidden = weightHH.shape[1]
            layer.lengths = lengths
            layer.weight_ih = pointer(weightIH)
            layer.weight_hh = pointer(weightHH)
            layer.bias_ih = pointer(biasIH)
            layer.bias_hh = pointer(biasHH)
            layer.x = pointer(x)
            layer.h0 = pointer(h0)
            layer.c0 = pointer(c0)
            return withUnsafePointer(to: &layer) { body($0) }
        }
        return withExtendedLifetime(inputs) {
            if let lengths { return lengths.withUnsafeBufferPointer { call($0.baseAddress) } }
            return call(nil)
        }
    }

    /// Output `[B, T, H]`, h_n and, for an LSTM, c_n `[B, H]`, recorded as one operation.
    func run() -> [Tensor] {
        let (B, T, H) = (x.shape[0], x.shape[1], weightHH.shape[1])
        let kernels = x.kernels.recurrent
        let isTraced = inputs.contains { $0.map { !$0.trace.isNone } ?? false }
        let y = Tensor(uninitialized: [B, T, H], dtype: x.dtype)
        let hN = Tensor(uninitialized: [B, H], dtype: x.dtype)
        let cN = kind == .lstm ? Tensor(uninitialized: [B, H], dtype: x.dtype) : nil
        let saved: Tensor? = withLayer { layer in
            let saved =
                isTraced ? Tensor(uninitialized: [kernels.saved_count(layer)], dtype: x.dtype) : nil
            kernels.forward(
                layer, y.storage.pointer, H, hN.storage.pointer, cN?.storage.pointer,
                saved?.storage.pointer)
            return saved
        }
        let results = [y, hN] + (cN.map { [$0] } ?? [])
        guard let saved else { return results }
        var constant = self
        constant.detach()
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

    private mutating func detach() {
        x = x.detached
        weightIH = weightIH.detached
        weightHH = weightHH.detached
        biasIH = biasIH?.detached
        biasHH = biasHH?.detached
        h0 = h0?.detached
        c0 = c0?.detached
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
                gradients.dy_row = weightHH.shape[1]
                gradients.dh_n = pointer(given[1])
                gradients.dc_n = given.count > 2 ? pointer(given[2]) : nil
                gradients.dx = found[0]?.storage.pointer
                gradients.dweight_ih = found[1]?.storage.pointer
                gradients.dweight_hh = found[2]?.storage.pointer
                gradients.dbias_ih = found[3]?.storage.pointer
                gradients.dbias_hh = found[4]?.storage.pointer
                gradients.dh0 = found[5]?.storage.pointer
                gradients.dc0 = found[6]?.storage.pointer
                x.kernels.recurrent.backward(layer, saved.storage.pointer, &gradients)
            }
        }
        return found
    }
}

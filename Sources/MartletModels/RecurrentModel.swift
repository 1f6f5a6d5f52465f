public import MartletNN
public import MartletTensor

/// A bare recurrent stack as a checkpoint: tensors in, tensors out.
///
/// `config.json`: ``Configuration``. Weights: PyTorch's names (`weight_ih_l0` …), so the `state_dict` of an
/// `nn.RNN`, `nn.LSTM` or `nn.GRU` is a checkpoint.
public struct RecurrentModel: QuantizableModel {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `recurrent`.
        public static let architecture = "recurrent"

        /// `rnn_tanh`, `rnn_relu`, `lstm`, `gru` or `gru_reset_first`.
        public var cell: CellKind
        /// The width D of the input.
        public var inputSize: Int
        /// The number of units H of each layer; in `config.json` a list, or one number and `num_layers`.
        public var hiddenSizes: [Int]
        /// The width of an LSTM's states if they are projected.
        public var projectionSize: Int?
        /// Whether an LSTM has peepholes.
        public var peephole: Bool
        /// Whether each layer also reads from the end.
        public var bidirectional: Bool
        /// Whether a single direction reads from the end.
        public var reversed: Bool
        /// Whether the gates have offsets.
        public var bias: Bool
        /// How the matrices are kept, if in fewer bits; in `config.json`, `"quantization": "int8"` or `"int4"`.
        public var quantization: QuantizedType?

        /// A configuration of the given sizes.
        public init(
            cell: CellKind, inputSize: Int, hiddenSizes: [Int], projectionSize: Int? = nil,
            peephole: Bool = false, bidirectional: Bool = false, reversed: Bool = false,
            bias: Bool = true
        ) {
            self.cell = cell
            self.inputSize = inputSize
            self.hiddenSizes = hiddenSizes
            self.projectionSize = projectionSize
            self.peephole = peephole
            self.bidirectional = bidirectional
            self.reversed = reversed
            self.bias = bias
        }

        /// A configuration of layers of one width.
        public init(
            cell: CellKind, inputSize: Int, hiddenSize: Int, layers: Int = 1,
            bidirectional: Bool = false, bias: Bool = true
        ) {
            self.init(
                cell: cell, inputSize: inputSize,
                hiddenSizes: [Int](repeating: hiddenSize, count: layers),
                bidirectional: bidirectional, bias: bias)
        }

        enum CodingKeys: String, CodingKey {
            case cell, bidirectional, bias, peephole, reversed, quantization
            case inputSize = "input_size"
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
            case projectionSize = "proj_size"
        }

        /// Reads the keys; those with a default in PyTorch may be missing, and a `proj_size` of 0 is none.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            func flag(_ key: CodingKeys, _ other: Bool) throws -> Bool {
                try values.decodeIfPresent(Bool.self, forKey: key) ?? other
            }
            cell = try values.decode(CellKind.self, forKey: .cell)
            inputSize = try values.decode(Int.self, forKey: .inputSize)
            let layers = try values.decodeIfPresent(Int.self, forKey: .layers)
            if let one = try? values.decode(Int.self, forKey: .hiddenSize) {
                // Out of range: kept as it is, for `problem` to name.
                let count = layers ?? 1
                hiddenSizes = (1...1024).contains(count) ? [Int](repeating: one, count: count) : []
            } else {
                hiddenSizes = try values.decode([Int].self, forKey: .hiddenSize)
                if let layers, layers != hiddenSizes.count {
                    throw DecodingError.dataCorruptedError(
                        forKey: .layers, in: values,
                        debugDescription:
                            "num_layers is \(layers), but hidden_size lists \(hiddenSizes.count)")
                }
            }
            let projection = try values.decodeIfPresent(Int.self, forKey: .projectionSize) ?? 0
            projectionSize = projection == 0 ? nil : projection
            peephole = try flag(.peephole, false)
            bidirectional = try flag(.bidirectional, false)
            reversed = try flag(.reversed, false)
            bias = try flag(.bias, true)
            quantization = try values.decodeIfPresent(QuantizedType.self, forKey: .quantization)
        }

        /// Writes one `hidden_size` and `num_layers` where the layers are of one width, and no key that says nothing.
        public func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: CodingKeys.self)
            try values.encode(cell, forKey: .cell)
            try values.encode(inputSize, forKey: .inputSize)
            if Set(hiddenSizes).count == 1 {
                try values.encode(hiddenSizes[0], forKey: .hiddenSize)
                try values.encode(hiddenSizes.count, forKey: .layers)
            } else {
                try values.encode(hiddenSizes, forKey: .hiddenSize)
            }
            try values.encodeIfPresent(projectionSize, forKey: .projectionSize)
            if peephole { try values.encode(true, forKey: .peephole) }
            try values.encode(bidirectional, forKey: .bidirectional)
            if reversed { try values.encode(true, forKey: .reversed) }
            try values.encode(bias, forKey: .bias)
            try values.encodeIfPresent(quantization, forKey: .quantization)
        }

        /// Says what is wrong with the sizes, if anything is.
        public var problem: String? {
            guard (1...1024).contains(hiddenSizes.count) else {
                return "num_layers is out of range: expected 1 … 1024"
            }
            let sizes =
                [("input_size", inputSize)] + hiddenSizes.map { ("hidden_size", $0) }
                + (projectionSize.map { [("proj_size", $0)] } ?? [])
            for (key, value) in sizes where value < 1 || value > 1 << 20 {
                return "\(key) is \(value): expected 1 … \(1 << 20)"
            }
            if cell != .lstm, projectionSize != nil || peephole {
                return "proj_size or peephole is given for \(cell.rawValue): only an lstm has them"
            }
            if let projectionSize, let small = hiddenSizes.first(where: { $0 <= projectionSize }) {
                return "proj_size is \(projectionSize): expected less than hidden_size, \(small)"
            }
            return bidirectional && reversed
                ? "bidirectional and reversed are both true: expected one at most" : nil
        }
    }

    /// The sizes.
    public private(set) var configuration: Configuration
    /// The layers.
    public var stack: RecurrentStack

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        stack = RecurrentStack(
            cell: configuration.cell, inputSize: configuration.inputSize,
            hiddenSizes: configuration.hiddenSizes, projectionSize: configuration.projectionSize,
            peephole: configuration.peephole, bidirectional: configuration.bidirectional,
            reversed: configuration.reversed, bias: configuration.bias, using: &random)
        if let type = configuration.quantization {
            stack =
                random.isPlaceholder ? stack.quantizedPlaceholder(type) : stack.quantized(to: type)
        }
    }

    /// How the matrices are kept, if in fewer bits.
    public var quantization: QuantizedType? { configuration.quantization }

    /// The same model with its matrices in 8 or 4 bits; see ``MartletNN/RecurrentStack/quantized(to:)``.
    public func quantized(to type: QuantizedType) -> RecurrentModel {
        var result = self
        result.configuration.quantization = type
        result.stack = stack.quantized(to: type)
        return result
    }

    /// Visits the stack's parameters.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try stack.forEachParameter(visit)
    }

    /// Runs the stack on named tensors.
    ///
    /// - Parameter inputs: `input [B, T, D]`; optionally `lengths [B]` (int32 or int64), `mask [B, T]` (bool, uint8,
    ///   int32 or int64; not 0: a real step), and the states `h0` and, for an LSTM, `c0`, as PyTorch shapes them:
    ///   `[layers · directions, B, P]` and `[…, H]`. Where the layers' widths differ, each has its own: `h0_l0`, `h0_l1` …
    ///   of `[directions, B, P]`, and `c0_l0` ….
    /// - Returns: `output [B, T, P · directions]`, `h_n` and, for an LSTM, `c_n`, shaped and named as the states (`h_n_l0`
    ///   … where the widths differ).
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let input = try reader.take("input", .float32, [nil, nil, configuration.inputSize])
        let (B, T) = (input.shape[0], input.shape[1])
        let lengths = try reader.takeLengths("lengths", count: B, longest: T)
        let mask = try reader.takeMask("mask", [B, T])
        let start = try takeState(&reader, batch: B)
        try reader.finish()
        let (output, state) = stack(input, lengths: lengths, mask: mask, state: start)
        var results = ["output": output]
        for group in stateGroups {
            let parts = state.directions[group.directions]
            results["h_n" + group.suffix] = .stack(parts.map(\.hidden))
            if configuration.cell == .lstm {
                results["c_n" + group.suffix] = .stack(parts.map { $0.cell! })
            }
        }
        return results
    }

    /// The layers whose states share a tensor: all, or each for itself where their widths differ.
    private var stateGroups: [(suffix: String, directions: Range<Int>, hidden: Int)] {
        let (sizes, count) = (configuration.hiddenSizes, stack.directionCount)
        if Set(sizes).count == 1 { return [("", 0..<sizes.count * count, sizes[0])] }
        return sizes.enumerated().map { layer, size in
            ("_l\(layer)", layer * count..<(layer + 1) * count, size)
        }
    }

    /// The state to start from, if any part of it is given; the other parts are zeros.
    private func takeState(_ reader: inout InputReader, batch: Int) throws -> RecurrentState? {
        var isGiven = false
        var parts: [DirectionState] = []
        for group in stateGroups {
            func take(_ name: String, _ width: Int) throws -> Tensor {
                let shape: Shape = [group.directions.count, batch, width]
                let found = try reader.takeIfPresent(
                    name + group.suffix, .float32, [shape[0], batch, width])
                if found != nil { isGiven = true }
                return found ?? .zeros(shape)
            }
            let hidden = try take("h0", configuration.projectionSize ?? group.hidden)
            let cell = configuration.cell == .lstm ? try take("c0", group.hidden) : nil
            parts += RecurrentState(hidden: hidden, cell: cell).directions
        }
        return isGiven ? RecurrentState(parts) : nil
    }
}

public import MartletNN
public import MartletTensor

/// A bare recurrent stack as a checkpoint: tensors in, tensors out.
///
/// `config.json`: ``Configuration``. Weights: PyTorch's names (`weight_ih_l0` …), so the `state_dict` of an
/// `nn.RNN`, `nn.LSTM` or `nn.GRU` is a checkpoint.
public struct RecurrentModel: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `recurrent`.
        public static let architecture = "recurrent"

        /// `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        public var cell: RecurrentCell
        /// The width D of the input.
        public var inputSize: Int
        /// The width H of each state.
        public var hiddenSize: Int
        /// How many layers stand on top of each other.
        public var layers: Int
        /// Whether each layer also reads from the end.
        public var bidirectional: Bool
        /// Whether the gates have offsets.
        public var bias: Bool

        /// A configuration of the given sizes.
        public init(
            cell: RecurrentCell, inputSize: Int, hiddenSize: Int, layers: Int = 1,
            bidirectional: Bool = false, bias: Bool = true
        ) {
            self.cell = cell
            self.inputSize = inputSize
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.bidirectional = bidirectional
            self.bias = bias
        }

        enum CodingKeys: String, CodingKey {
            case cell, bidirectional, bias
            case inputSize = "input_size"
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
        }

        /// Reads the keys; `num_layers`, `bidirectional` and `bias` may be missing, as in PyTorch.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            cell = try values.decode(RecurrentCell.self, forKey: .cell)
            inputSize = try values.decode(Int.self, forKey: .inputSize)
            hiddenSize = try values.decode(Int.self, forKey: .hiddenSize)
            layers = try values.decodeIfPresent(Int.self, forKey: .layers) ?? 1
            bidirectional = try values.decodeIfPresent(Bool.self, forKey: .bidirectional) ?? false
            bias = try values.decodeIfPresent(Bool.self, forKey: .bias) ?? true
        }

        /// Says what is wrong with the sizes, if anything is.
        public var problem: String? {
            for (key, value) in [
                ("input_size", inputSize), ("hidden_size", hiddenSize),
            ] where value < 1 || value > 1 << 20 {
                return "\(key) is \(value): expected 1 … \(1 << 20)"
            }
            if layers < 1 || layers > 1024 { return "num_layers is \(layers): expected 1 … 1024" }
            return nil
        }
    }

    /// The sizes.
    public let configuration: Configuration
    /// The layers.
    public var stack: RecurrentStack

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        stack = RecurrentStack(
            cell: configuration.cell, inputSize: configuration.inputSize,
            hiddenSize: configuration.hiddenSize, layers: configuration.layers,
            bidirectional: configuration.bidirectional, bias: configuration.bias, using: &random)
    }

    /// Visits the stack's parameters.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try stack.forEachParameter(visit)
    }

    /// Runs the stack on named tensors.
    ///
    /// - Parameter inputs: `input [B, T, D]`; optionally `lengths [B]` (int32 or int64) and the states `h0` and,
    ///   for an LSTM, `c0`, `[layers · directions, B, H]`.
    /// - Returns: `output [B, T, H · directions]`, `h_n` and, for an LSTM, `c_n`, shaped as the states.
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let (D, H) = (configuration.inputSize, configuration.hiddenSize)
        let input = try reader.take("input", .float32, [nil, nil, D])
        let (B, T) = (input.shape[0], input.shape[1])
        let lengths = try reader.takeLengths("lengths", count: B, longest: T)
        let stateShape: [Int?] = [configuration.layers * stack.directionCount, B, H]
        let h0 = try reader.takeIfPresent("h0", .float32, stateShape)
        let c0 =
            configuration.cell == .lstm
            ? try reader.takeIfPresent("c0", .float32, stateShape) : nil
        try reader.finish()

        var start: RecurrentState?
        if h0 != nil || c0 != nil {
            let zeros = Tensor.zeros(Shape(stateShape.map { $0! }))
            start = RecurrentState(
                hidden: h0 ?? zeros, cell: configuration.cell == .lstm ? c0 ?? zeros : nil)
        }
        let (output, state) = stack(input, lengths: lengths, state: start)
        var results = ["output": output, "h_n": state.hidden]
        results["c_n"] = state.cell
        return results
    }
}

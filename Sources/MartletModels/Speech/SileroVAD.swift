public import MartletNN
public import MartletTensor

/// Silero VAD (Silero Team, v6): how probable speech is, every 512 samples of 16 kHz audio.
///
/// A chunk of 512 samples with the 64 before it goes through a short-time Fourier transform whose basis stands in the
/// checkpoint, four convolutions, and one step of an LSTM that remembers what came before:
///
/// ```text
/// [576] + 64 mirrored → basis, 256 samples every 128 → |·| [129, 4] → conv [128, 4] → conv [64, 2] → conv [64, 1]
///       → conv [128, 1] → LSTM [128] → relu → weights [128] → σ
/// ```
///
/// Weights: the names of the package's `silero_vad_16k.safetensors`; reference: its `tinygrad_model.py`.
public struct SileroVAD: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `silero-vad`.
        public static let architecture = "silero-vad"
        /// Samples a second; 16,000 if the key is missing.
        public var sampleRate: Int

        /// The configuration of the 16 kHz model.
        public init() { sampleRate = SileroVAD.sampleRate }

        enum CodingKeys: String, CodingKey {
            case sampleRate = "sample_rate"
        }

        /// Reads the keys.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            sampleRate =
                try values.decodeIfPresent(Int.self, forKey: .sampleRate) ?? SileroVAD.sampleRate
        }

        /// Says what is wrong with the rate, if anything is.
        public var problem: String? {
            sampleRate == SileroVAD.sampleRate
                ? nil
                : "sample_rate is \(sampleRate): expected \(SileroVAD.sampleRate), the rate whose network this is"
        }
    }

    /// Samples a second.
    public static let sampleRate = 16_000
    /// The samples that one probability is about: 32 ms.
    public static let chunkSize = 512
    /// The samples before a chunk that are looked at again.
    public static let contextSize = 64
    /// The width H of the LSTM's states.
    public static let hiddenSize = 128
    /// The frequencies of the Fourier transform.
    static let frequencies = 129
    /// The samples of one Fourier transform, and how many further the next one begins.
    static let (windowSize, windowStep) = (256, 128)

    /// The sample rate.
    public let configuration: Configuration
    /// The Fourier basis `[258, 1, 256]`: cosines, then sines.
    public var basis: Conv1D
    /// The convolutions over the four spectra of a chunk.
    public var convolutions: [Conv1D]
    /// The weights of the LSTM.
    public var lstm: RecurrentWeights
    /// From the LSTM's state to the score.
    public var output: Conv1D

    /// A model with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        basis = Conv1D(
            inputSize: 1, outputSize: 2 * Self.frequencies, kernelSize: Self.windowSize,
            stride: Self.windowStep, bias: false, using: &random)
        convolutions = []
        var width = Self.frequencies
        for (size, stride) in [(128, 1), (64, 2), (64, 2), (128, 1)] {
            convolutions.append(
                Conv1D(
                    inputSize: width, outputSize: size, kernelSize: 3, stride: stride, padding: 1,
                    using: &random))
            width = size
        }
        lstm = RecurrentWeights(
            cell: .lstm, inputSize: width, hiddenSize: Self.hiddenSize, using: &random)
        output = Conv1D(inputSize: Self.hiddenSize, outputSize: 1, kernelSize: 1, using: &random)
    }

    /// Visits `stft_conv.weight`, `conv1.…` to `conv4.…`, `lstm_cell.…` and `final_conv.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try basis.forEachParameter(in: "stft_conv", visit)
        for index in convolutions.indices {
            try convolutions[index].forEachParameter(in: "conv\(index + 1)", visit)
        }
        try lstm.forEachParameter(in: "lstm_cell", visit)
        try output.forEachParameter(in: "final_conv", visit)
    }

    /// The LSTM's weights as its operation takes them.
    var arguments: RecurrentArguments {
        RecurrentArguments(
            inputHidden: lstm.inputHidden, hiddenHidden: lstm.hiddenHidden,
            inputBias: lstm.inputBias, hiddenBias: lstm.hiddenBias)
    }

    /// What the LSTM reads, `[R, 128]`, of chunks with their contexts `[R, 576]`.
    func features(_ chunks: Tensor) -> Tensor {
        let size = chunks.shape[1]
        let mirrored = chunks.slice(axis: 1, size - 1 - Self.contextSize..<size - 1)
            .flipped(axis: 1)
        let samples = Tensor.concatenate([chunks, mirrored], axis: 1)  // [R, 640]
        let waves = basis(samples.expandingDimension(at: 1))  // [R, 258, 4]
        let cosines = waves.slice(axis: 1, 0..<Self.frequencies)
        let sines = waves.slice(axis: 1, Self.frequencies..<2 * Self.frequencies)
        var x = (cosines.squared() + sines.squared()).squareRoot()
        for convolution in convolutions { x = convolution(x).relu() }
        return x.squeezed(axis: 2)
    }

    /// The probabilities of recordings side by side.
    ///
    /// - Parameters:
    ///   - input: samples in −1 … 1, `[B, T]`; zeros are added up to whole chunks.
    ///   - context: the 64 samples before, `[B, 64]`; nil: zeros.
    ///   - hidden: the LSTM's state, `[B, 128]`; nil: zeros. `cell` is its other one.
    /// - Returns: `probability [B, ⌈T / 512⌉]` and the last states `[B, 128]`.
    public func callAsFunction(
        _ input: Tensor, context: Tensor? = nil, hidden: Tensor? = nil, cell: Tensor? = nil
    ) -> (probability: Tensor, hidden: Tensor, cell: Tensor) {
        let (B, T) = (input.shape[0], input.shape[1])
        let count = (T + Self.chunkSize - 1) / Self.chunkSize
        let zeros = Tensor.zeros([B, Self.hiddenSize], dtype: input.dtype)
        guard count > 0 else {
            return (Tensor.zeros([B, 0], dtype: input.dtype), hidden ?? zeros, cell ?? zeros)
        }
        let before = context ?? Tensor.zeros([B, Self.contextSize], dtype: input.dtype)
        let chunks = Tensor.concatenate([before, input], axis: 1)
            .padded(axis: 1, after: count * Self.chunkSize - T)
            .windows(size: Self.contextSize + Self.chunkSize, step: Self.chunkSize)
            .reshaped([B * count, Self.contextSize + Self.chunkSize])
        let states = features(chunks).reshaped([B, count, Self.hiddenSize]).recurrent(
            .lstm,
            weights: [arguments],
            state: [DirectionState(hidden: hidden ?? zeros, cell: cell ?? zeros)])
        let scores = output(states.output.relu().transposed())  // [B, 1, count]
        return (
            scores.squeezed(axis: 1).sigmoid(), states.state[0].hidden, states.state[0].cell!
        )
    }

    /// Runs the model on named tensors.
    ///
    /// - Parameter inputs: `input [B, T]`, samples in −1 … 1 at 16 kHz; optionally what a part before has left:
    ///   its last samples `context [B, 64]` and the states `h0` and `c0` `[B, 128]`.
    /// - Returns: `probability [B, ⌈T / 512⌉]`, and the states `h_n` and `c_n` `[B, 128]`.
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let input = try reader.take("input", .float32, [nil, nil])
        let batch = input.shape[0]
        let context = try reader.takeIfPresent("context", .float32, [batch, Self.contextSize])
        let h0 = try reader.takeIfPresent("h0", .float32, [batch, Self.hiddenSize])
        let c0 = try reader.takeIfPresent("c0", .float32, [batch, Self.hiddenSize])
        try reader.finish()
        let (probability, hidden, cell) = self(input, context: context, hidden: h0, cell: c0)
        return ["probability": probability, "h_n": hidden, "c_n": cell]
    }
}

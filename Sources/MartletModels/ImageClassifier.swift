public import MartletNN
public import MartletTensor

/// A classifier of small grey images: two convolutions, each with pooling, and two affine maps (LeCun et al. 1998, "LeNet-5",
/// with today's relu and maximum pooling).
///
/// ```text
/// x = (brightness − mean) / deviation                                   [B, 1, H, W]
/// x = maximum over 2 × 2 of relu(convolution of x)                      twice: [B, C₂, ⌊⌊H/2⌋/2⌋, ⌊⌊W/2⌋/2⌋]
/// scores = output(relu(hidden(x)))                                      [B, labels]
/// ```
///
/// Weights, as PyTorch's `nn.Conv2d` and `nn.Linear` have them: `convolutions.0.weight`, …, `hidden.weight`, `output.weight`.
public struct ImageClassifier: Model {
    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `image-classifier`.
        public static let architecture = "image-classifier"

        /// The size of an image.
        public var height, width: Int
        /// The results of each convolution.
        public var channels: [Int]
        /// The side of a convolution's window, odd.
        public var kernelSize: Int
        /// The width of the first affine map.
        public var hiddenSize: Int
        /// The probability of dropping an element before the last map.
        public var dropout: Double
        /// The mean and the deviation of the brightness, 0 … 1, of what it learned from.
        public var mean, deviation: Double
        /// The classes' names, in the order of the scores.
        public var labels: [String]

        /// A configuration of the given sizes.
        public init(
            height: Int, width: Int, channels: [Int] = [16, 32], kernelSize: Int = 5,
            hiddenSize: Int = 128, dropout: Double = 0, mean: Double = 0, deviation: Double = 1,
            labels: [String]
        ) {
            (self.height, self.width) = (height, width)
            self.channels = channels
            self.kernelSize = kernelSize
            self.hiddenSize = hiddenSize
            self.dropout = dropout
            (self.mean, self.deviation) = (mean, deviation)
            self.labels = labels
        }

        enum CodingKeys: String, CodingKey {
            case height, width, channels, dropout, mean, deviation, labels
            case kernelSize = "kernel_size"
            case hiddenSize = "hidden_size"
        }

        /// The numbers of an image behind the convolutions.
        var features: Int {
            channels.last! * channels.reduce(height) { size, _ in size / 2 }
                * channels.reduce(width) { size, _ in size / 2 }
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            if channels.isEmpty || channels.count > 8 {
                return "channels is \(channels): expected 1 … 8 numbers"
            }
            let sizes = Self.problem(sizes: [
                "height": height, "width": width, "hidden_size": hiddenSize,
                "channels": channels.max() ?? 0, "channels": channels.min() ?? 0,
            ])
            if let sizes { return sizes }
            if features == 0 {
                return
                    "height is \(height) and width \(width): expected at least \(1 << channels.count) for \(channels.count) convolutions"
            }
            if !(1...63).contains(kernelSize) || kernelSize % 2 == 0 {
                return "kernel_size is \(kernelSize): expected an odd number, 1 … 63"
            }
            if !(deviation > 0 && deviation.isFinite && mean.isFinite) {
                return
                    "mean is \(mean) and deviation \(deviation): expected numbers, the last above 0"
            }
            if labels.count < 2 { return "labels are \(labels): expected at least two" }
            return Self.problem(probabilities: ["dropout": dropout])
        }
    }

    /// The sizes and labels.
    public let configuration: Configuration
    /// The convolutions.
    public var convolutions: [Convolution2D]
    /// From what they give to the hidden vector.
    public var hidden: Linear
    /// From the hidden vector to the scores.
    public var output: Linear

    /// A classifier with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        var before = 1
        convolutions = []
        for channels in configuration.channels {
            convolutions.append(
                Convolution2D(
                    inputChannels: before, outputChannels: channels,
                    kernelSize: Size2D(
                        height: configuration.kernelSize, width: configuration.kernelSize),
                    padding: Size2D(
                        height: configuration.kernelSize / 2, width: configuration.kernelSize / 2),
                    using: &random))
            before = channels
        }
        hidden = Linear(
            inputSize: configuration.features, outputSize: configuration.hiddenSize, using: &random)
        output = Linear(
            inputSize: configuration.hiddenSize, outputSize: configuration.labels.count,
            using: &random)
    }

    /// Visits `convolutions.…`, `hidden.…` and `output.…`.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        for place in convolutions.indices {
            try convolutions[place].forEachParameter(in: "convolutions.\(place)", visit)
        }
        try hidden.forEachParameter(in: "hidden", visit)
        try output.forEachParameter(in: "output", visit)
    }

    /// The class scores before the softmax, `[B, labels]`.
    ///
    /// - Parameters:
    ///   - images: the brightness of each point, 0 … 1, `[B, H, W]`.
    ///   - random: random numbers for dropout; nil when not training.
    public func callAsFunction(_ images: Tensor, dropout random: inout RandomGenerator?) -> Tensor {
        let count = images.shape[0]
        var x = ((images - configuration.mean) / configuration.deviation)
            .reshaped([count, 1, configuration.height, configuration.width])
        for convolution in convolutions {
            x = convolution(x).relu().maximumPool2D(size: 2)
        }
        let vector = hidden(x.reshaped([count, configuration.features])).relu()
        return output(Dropout(configuration.dropout)(vector, using: &random))
    }

    /// The class scores before the softmax, `[B, labels]`, without dropout.
    public func callAsFunction(_ images: Tensor) -> Tensor {
        var none: RandomGenerator?
        return self(images, dropout: &none)
    }

    /// Scores of named tensors: `images [B, H, W]`, 0 … 1, give `logits [B, labels]`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let images = try reader.take(
            "images", .float32, [nil, configuration.height, configuration.width])
        try reader.finish()
        return ["logits": self(images)]
    }
}

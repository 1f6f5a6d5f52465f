public import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension SeriesClassifier {
    /// The mean and the deviation of the logarithms of the lengths.
    public struct LengthScale: Codable, Sendable, Equatable {
        /// The mean.
        public var mean: Double
        /// The deviation; above 0.
        public var deviation: Double

        /// A scale of these.
        public init(mean: Double, deviation: Double) {
            self.mean = mean
            self.deviation = deviation
        }

        /// A length as the networks read it.
        func scaled(_ length: Int) -> Double {
            (log(Double(max(length, 1))) - mean) / deviation
        }
    }

    /// The keys of `config.json`.
    public struct Configuration: ModelConfiguration {
        /// The name of the architecture: `series-classifier`.
        public static let architecture = "series-classifier"

        /// `rnn_tanh`, `rnn_relu`, `lstm` or `gru`.
        public var cell: CellKind
        /// The names of the channels.
        public var channels: [String]
        /// The width H of each state.
        public var hiddenSize: Int
        /// How many recurrent layers stand on top of each other.
        public var layers: Int
        /// Whether each layer also reads from the end.
        public var bidirectional: Bool
        /// The probability of dropping an element behind the convolution, between layers, and of a series' vector.
        public var dropout: Double
        /// The number F of kernels of the convolution; 0: there is none.
        public var filters: Int
        /// The steps K that a kernel sees; odd.
        public var kernelSize: Int
        /// The distance s of two windows of the convolution.
        public var stride: Int
        /// The number of networks whose answers are averaged.
        public var members: Int
        /// The mean of each channel.
        public var means: [Double]
        /// The deviation of each channel; above 0.
        public var deviations: [Double]
        /// The deviation of each scaled channel's difference from step to step; nil: differences are not read.
        public var differenceDeviations: [Double]?
        /// How lengths are scaled; nil: they are not read.
        public var lengthScale: LengthScale?
        /// The classes' names, in the order of the scores.
        public var labels: [String]

        /// A configuration of the given sizes; by default one plain network of channels that are scaled already.
        public init(
            cell: CellKind, channels: [String], hiddenSize: Int, layers: Int = 1,
            bidirectional: Bool = true, dropout: Double = 0, filters: Int = 0, kernelSize: Int = 5,
            stride: Int = 1, members: Int = 1, means: [Double]? = nil, deviations: [Double]? = nil,
            differenceDeviations: [Double]? = nil, lengthScale: LengthScale? = nil, labels: [String]
        ) {
            self.cell = cell
            self.channels = channels
            self.hiddenSize = hiddenSize
            self.layers = layers
            self.bidirectional = bidirectional
            self.dropout = dropout
            self.filters = filters
            self.kernelSize = kernelSize
            self.stride = stride
            self.members = members
            self.means = means ?? channels.map { _ in 0 }
            self.deviations = deviations ?? channels.map { _ in 1 }
            self.differenceDeviations = differenceDeviations
            self.lengthScale = lengthScale
            self.labels = labels
        }

        enum CodingKeys: String, CodingKey {
            case cell, channels, bidirectional, dropout, filters, stride, members, means, deviations
            case labels
            case hiddenSize = "hidden_size"
            case layers = "num_layers"
            case kernelSize = "kernel_size"
            case differenceDeviations = "difference_deviations"
            case lengthScale = "length_scale"
        }

        /// Says what is wrong with the values, if anything is.
        public var problem: String? {
            let sizes = Self.problem(
                sizes: [
                    "channels": channels.count, "hidden_size": hiddenSize, "stride": stride,
                    "filters": filters == 0 ? 1 : filters,  // None are fine, too.
                ], layers: layers)
            if let sizes { return sizes }
            if let share = Self.problem(probabilities: ["dropout": dropout]) { return share }
            if labels.count < 2 { return "labels are \(labels): expected at least two" }
            if let twice = labels.indices.first(where: { labels[..<$0].contains(labels[$0]) }) {
                return "labels has \"\(labels[twice])\" twice: expected different ones"
            }
            if !(1...256).contains(members) { return "members is \(members): expected 1 … 256" }
            if !(1...1023).contains(kernelSize) || kernelSize % 2 == 0 {
                return "kernel_size is \(kernelSize): expected an odd number, 1 … 1023"
            }
            // The networks compute with float32: there, too, they must be numbers, and above 0.
            let least = Double(Float.leastNormalMagnitude)
            let most = Double(Float.greatestFiniteMagnitude)
            for (key, values, least) in [
                ("means", means, -most),
                ("deviations", deviations, least),
                ("difference_deviations", differenceDeviations ?? deviations, least),
            ] {
                guard values.count == channels.count else {
                    return
                        "\(key) has \(values.count) numbers: expected \(channels.count), as channels"
                }
                if let value = values.first(where: { !($0 >= least && $0 <= most) }) {
                    return
                        "\(key) has \(value): expected a number of float32\(least > 0 ? " above 0" : "")"
                }
            }
            if let scale = lengthScale,
                !(scale.deviation >= least && scale.deviation.isFinite && scale.mean.isFinite)
            {
                return
                    "length_scale is \(scale.mean), \(scale.deviation): expected a mean and a deviation above 0"
            }
            return nil
        }
    }
}

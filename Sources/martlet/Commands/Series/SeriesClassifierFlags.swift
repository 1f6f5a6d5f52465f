public import ArgumentParser
public import MartletData
import MartletTraining

/// The flags of `SeriesClassifierOptions`; what is not given keeps its default.
struct SeriesClassifierFlags: ParsableArguments {
    private static let defaults = SeriesClassifierOptions()

    @Option(help: "rnn (tanh), rnn_relu, lstm or gru (default: gru).")
    var cell: CellOption?
    @Option(help: "Width of each state (default: \(defaults.hidden)).")
    var hidden: Int?
    @Option(help: "Recurrent layers on top of each other (default: \(defaults.layers)).")
    var layers: Int?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether to read from both ends (default: --bidirectional).")
    var bidirectional: Bool?
    @Option(
        help: "Kernels of a convolution in front; 0: none (default: \(defaults.filters)).")
    var filters: Int?
    @Option(help: "Steps that a kernel sees, an odd number (default: \(defaults.kernel)).")
    var kernel: Int?
    @Option(
        help:
            "The network reads every so many steps of the convolution (default: \(defaults.stride))."
    )
    var stride: Int?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether differences from step to step are read, too (default: --differences).")
    var differences: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether the length of a series is read, too (default: --no-length).")
    var length: Bool?
    @Option(
        help: """
            Networks with weights of their own whose answers are averaged; they learn side by side \
            (default: \(defaults.members)).
            """)
    var members: Int?
    @Option(help: "Share of elements dropped in training (default: \(defaults.dropout)).")
    var dropout: Double?
    @Option(
        help: """
            How uneven time is made in training: the deviation of the logarithm of the speed \
            (default: \(defaults.augmentation.warp)).
            """)
    var warp: Double?
    @Option(
        help:
            "Largest share of the steps cut off in training (default: \(defaults.augmentation.crop))."
    )
    var crop: Double?
    @Option(
        help: """
            Deviation of the logarithm by which channels are made larger or smaller in training \
            (default: \(defaults.augmentation.scale)).
            """)
    var scale: Double?
    @Option(
        help: """
            Noise added in training, in deviations of a channel (default: \(defaults.augmentation.jitter)).
            """)
    var jitter: Double?
    @Option(help: "Certainty spread over all labels (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Double?
    @Option(
        help: """
            One in so many cases of each label is kept back to choose the epoch by; 0: none \
            (default: \(defaults.folds)).
            """)
    var folds: Int?
    @Option(help: "Which of those parts is kept back, from 0 on (default: \(defaults.fold)).")
    var fold: Int?
    @Option(
        help: """
            Missing values: refuse the file, or interpolate them within their channel \
            (default: \(defaults.missing.rawValue)).
            """)
    var missing: MissingValues?

    @OptionGroup var training: TrainingFlags<SeriesClassifierOptions>

    /// The options with what was given.
    func applied(to options: SeriesClassifierOptions) -> SeriesClassifierOptions {
        var options = options
        options.set(\.cell, cell?.kind)
        options.set(\.hidden, hidden)
        options.set(\.layers, layers)
        options.set(\.bidirectional, bidirectional)
        options.set(\.filters, filters)
        options.set(\.kernel, kernel)
        options.set(\.stride, stride)
        options.set(\.differences, differences)
        options.set(\.length, length)
        options.set(\.members, members)
        options.set(\.dropout, dropout)
        options.set(\.augmentation.warp, warp)
        options.set(\.augmentation.crop, crop)
        options.set(\.augmentation.scale, scale)
        options.set(\.augmentation.jitter, jitter)
        options.set(\.labelSmoothing, labelSmoothing)
        options.set(\.folds, folds)
        options.set(\.fold, fold)
        options.set(\.missing, missing)
        training.apply(to: &options)
        return options
    }
}

extension MissingValues: ExpressibleByArgument {}

public import ArgumentParser
import MartletTraining

/// The text, and the flags of `PretrainingOptions`, which all tasks have; what is not given keeps its default.
struct PretrainingFlags: ParsableArguments {
    private static let defaults = PretrainingOptions()

    @Option(
        parsing: .upToNextOption,
        help: "Text files (UTF-8), or folders of .txt files. With --resume it may be left out.")
    var data: [String] = []
    @Option(
        help: """
            Labelled texts, as for `martlet train sentiment`: only their training part is read, after --data, so that a \
            classifier that begins with this model (train encoder-classifier) is tested on texts that neither has seen.
            """)
    var labelled: String?
    @Option(help: "Blocks on top of each other; of an encoder and a decoder, each.")
    var layers: Int?
    @Option(help: "Width of a token's vector.")
    var width: Int?
    @Option(help: "Heads of attention.")
    var heads: Int?
    @Option(help: "Width within the mlp (default: what goes with the architecture).")
    var innerWidth: Int?
    @Option(help: "Tokens of a window (default: \(defaults.context)).")
    var context: Int?
    @Option(help: "A tokenizer.json to cut the text with (default: one is learned).")
    var tokenizer: String?
    @Option(help: "The most tokens of a learned tokenizer (default: \(defaults.vocabulary)).")
    var vocabulary: Int?
    @Option(
        help: "How often pieces must be seen to be joined (default: \(defaults.minimumCount)).")
    var minimumCount: Int?
    @Option(help: "Share of elements dropped (default: \(defaults.dropout)).")
    var dropout: Double?
    @Option(help: "Steps of the run (default: \(defaults.steps)).")
    var steps: Int?
    @Option(help: "Steps from one evaluation to the next (default: a tenth of all).")
    var evaluateEvery: Int?
    @Option(
        help:
            "Batches whose gradients are added up for a step (default: \(defaults.accumulation)).")
    var accumulation: Int?
    @Option(help: "What is left of the learning rate at the end (default: \(defaults.finalShare)).")
    var finalShare: Double?
    @OptionGroup var shared: SharedTrainingFlags<PretrainingOptions>

    /// The options with what was given.
    func applied(to options: PretrainingOptions) -> PretrainingOptions {
        var options = options
        options.set(\.layers, layers)
        options.set(\.width, width)
        options.set(\.heads, heads)
        if let innerWidth { options.innerWidth = innerWidth }
        options.set(\.context, context)
        if let tokenizer { options.tokenizer = tokenizer }
        options.set(\.vocabulary, vocabulary)
        options.set(\.minimumCount, minimumCount)
        options.set(\.dropout, dropout)
        options.set(\.steps, steps)
        if let evaluateEvery { options.evaluateEvery = evaluateEvery }
        options.set(\.accumulation, accumulation)
        options.set(\.finalShare, finalShare)
        shared.apply(to: &options)
        return options
    }
}

extension DecoderKind: ExpressibleByArgument {}

public import ArgumentParser
public import MartletText
import MartletTraining

/// The flags of `LanguageModelOptions`; what is not given keeps its default.
struct LanguageModelFlags: ParsableArguments {
    private static let defaults = LanguageModelOptions()

    @Option(help: "What text is cut into: character or word (default: character).")
    var unit: TextUnit?
    @Option(help: "rnn (tanh), rnn_relu, lstm or gru (default: lstm).")
    var cell: CellOption?
    @Option(help: "Units of each layer (default: \(defaults.hidden)).")
    var hidden: Int?
    @Option(help: "Recurrent layers on top of each other (default: \(defaults.layers)).")
    var layers: Int?
    @Option(help: "Width of a token's vector (default: \(defaults.embedding)).")
    var embedding: Int?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether scores are products with the token vectors (default: --tied for words).")
    var tied: Bool?
    @Option(help: "The most tokens of the vocabulary (default: \(defaults.vocabulary)).")
    var vocabulary: Int?
    @Option(help: "How often a token must occur to be known (default: \(defaults.minimumCount)).")
    var minimumCount: Int?
    @Option(
        help: """
            Share of elements dropped of the vectors, between layers and of the outputs, the same ones at every step of \
            a window (default: \(defaults.dropout)).
            """)
    var dropout: Double?
    @Option(
        help: "Share of the recurrent matrices dropped (default: \(defaults.weightDropout)).")
    var weightDropout: Double?
    @Option(help: "The most epochs (default: as many as make 3,000 steps, 1 to 50).")
    var epochs: Int?
    @Option(help: "Pieces of the text read side by side (default: \(defaults.batch)).")
    var batch: Int?
    @Option(help: "Steps that a gradient goes back (default: \(defaults.window)).")
    var window: Int?
    @Option(help: "The highest learning rate (default: \(defaults.learningRate)).")
    var learningRate: Double?
    @Option(
        help: """
            Steps over which the learning rate rises at the start, at most a tenth of all (default: \(defaults.warmUp)).
            """
    )
    var warmUp: Int?
    @Option(help: "Decay of the weights (default: \(defaults.weightDecay)).")
    var weightDecay: Double?
    @Option(help: "Longest gradient (default: \(defaults.clip)).")
    var clip: Double?
    @Option(
        help: """
            How much of the running average of the weights, which is what gets judged and saved, is kept in a step; \
            0: the last weights are used (default: \(defaults.averaging)).
            """)
    var averaging: Double?
    @Option(
        help:
            "End after this many epochs without a better one (default: a quarter of all, at least 3)."
    )
    var patience: Int?
    @Option(help: "Where all random numbers come from (default: \(defaults.seed)).")
    var seed: UInt64?

    /// The options with what was given.
    func applied(to options: LanguageModelOptions) -> LanguageModelOptions {
        var options = options
        func set<Value>(_ path: WritableKeyPath<LanguageModelOptions, Value>, _ value: Value?) {
            if let value { options[keyPath: path] = value }
        }
        set(\.unit, unit)
        set(\.cell, cell?.kind)
        set(\.hidden, hidden)
        set(\.layers, layers)
        set(\.embedding, embedding)
        if let tied { options.tied = tied }
        set(\.vocabulary, vocabulary)
        set(\.minimumCount, minimumCount)
        set(\.dropout, dropout)
        set(\.weightDropout, weightDropout)
        if let epochs { options.epochs = epochs }
        set(\.batch, batch)
        set(\.window, window)
        set(\.learningRate, learningRate)
        set(\.warmUp, warmUp)
        set(\.weightDecay, weightDecay)
        set(\.clip, clip)
        set(\.averaging, averaging)
        if let patience { options.patience = patience }
        set(\.seed, seed)
        return options
    }
}

extension TextUnit: ExpressibleByArgument {}

public import ArgumentParser
public import MartletText
import MartletTraining

/// The flags of `LanguageModelOptions`; what is not given keeps its default.
struct LanguageModelFlags: ParsableArguments {
    private static let defaults = LanguageModelOptions()

    @Option(help: "What text is cut into: character, word or subword (default: character).")
    var unit: TextUnit?
    @Option(
        help: """
            Cut into the subwords of this tokenizer.json (default: learn byte-level byte pairs from the training text, \
            at most --vocabulary of them, \(LanguageModelOptions.subwordVocabulary) if that is not given).
            """)
    var tokenizer: String?
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
        help: """
            Whether a second network of the same sizes learns to read the text from its end, for a classifier that begins \
            with both (--pretrained of train sentiment) (default: --no-bidirectional).
            """)
    var bidirectional: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether scores are products with the token vectors (default: --tied for words and subwords, if --softmax is \
            full).
            """)
    var tied: Bool?
    @Option(
        help: """
            full, or adaptive: rare tokens are scored only where they come, which is faster for tens of thousands \
            (default: full).
            """)
    var softmax: SoftmaxKind?
    @Option(
        help: """
            Of an adaptive softmax: how many of the commonest tokens are scored at every step, and with a comma where \
            further clusters begin (default: tokens that make 80 % and 95 % of the text).
            """)
    var cutoffs: NumberList?
    @Option(
        help: """
            Share of elements dropped of the vectors, between layers and of the outputs, the same ones at every step of \
            a window (default: \(defaults.dropout)).
            """)
    var dropout: Double?
    @Option(
        help: "Share of the recurrent matrices dropped (default: \(defaults.weightDropout)).")
    var weightDropout: Double?
    @Option(help: "Steps that a gradient goes back (default: \(defaults.window)).")
    var window: Int?

    @OptionGroup var training: TextTrainingFlags<LanguageModelOptions>

    /// The options with what was given.
    func applied(to options: LanguageModelOptions) -> LanguageModelOptions {
        var options = options
        let isNewlySubword =
            options.unit != .subword && (unit == .subword || unit == nil && tokenizer != nil)
        if isNewlySubword { options.vocabulary = LanguageModelOptions.subwordVocabulary }
        options.set(\.unit, unit ?? (tokenizer == nil ? nil : .subword))
        if let tokenizer { options.tokenizer = tokenizer }
        options.set(\.cell, cell?.kind)
        options.set(\.hidden, hidden)
        options.set(\.layers, layers)
        options.set(\.embedding, embedding)
        if let bidirectional { options.bidirectional = bidirectional }
        if let tied { options.tied = tied }
        options.set(\.softmax, softmax)
        if let cutoffs { options.cutoffs = cutoffs.values }
        options.set(\.dropout, dropout)
        options.set(\.weightDropout, weightDropout)
        options.set(\.window, window)
        training.apply(to: &options)
        return options
    }
}

extension TextUnit: ExpressibleByArgument {}
extension SoftmaxKind: ExpressibleByArgument {}

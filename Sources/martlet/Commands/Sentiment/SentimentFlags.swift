public import ArgumentParser
import MartletModels
import MartletNN
import MartletTensor
public import MartletText
import MartletTraining

/// The flags of `SentimentOptions`; what is not given keeps its default.
struct SentimentFlags: ParsableArguments {
    private static let defaults = SentimentOptions()

    @Option(
        help: """
            recurrent, cnn (convolutions over a few tokens, the strongest answer of each; without n-grams unless \
            --longest-ngram is given), transformer (blocks of attention) or bag (the sum of the \
            vectors of tokens and n-grams; seconds of training) (default: recurrent).
            """)
    var architecture: TextArchitecture?
    @Option(help: "rnn (tanh), rnn_relu, lstm or gru, of a recurrent network (default: gru).")
    var cell: CellOption?
    @Option(
        help: "Width of each state; of a CNN, results of each size (default: \(defaults.hidden)).")
    var hidden: Int?
    @Option(help: "Tokens that each convolution of a CNN looks at (default: 3,4,5).")
    var kernelSizes: NumberList?
    @Option(
        help:
            "Recurrent layers, or blocks of attention, on top of each other (default: \(defaults.layers))."
    )
    var layers: Int?
    @Flag(
        inversion: .prefixedNo,
        help:
            "Whether recurrent layers read from both ends, and tokens see those behind them (default: --bidirectional)."
    )
    var bidirectional: Bool?
    @Option(help: "Width of a token's vector (default: \(defaults.embedding)).")
    var embedding: Int?
    @Option(
        help: "Tokens of the longest n-gram that has a vector (default: \(defaults.longestNGram)).")
    var longestNgram: Int?
    @Option(help: "The most n-grams that have a vector (default: \(defaults.nGrams)).")
    var ngrams: Int?
    @Option(
        help: """
            characters, words (parted by white space), dictionary (words learned from the texts, for languages \
            without spaces) or automatic: characters for Chinese and Japanese, else words (default: automatic).
            """)
    var tokenizer: TokenizerKind?
    @Option(help: "Share of vector elements dropped in training (default: \(defaults.dropout)).")
    var dropout: Double?
    @Option(help: "Share of tokens hidden in training (default: \(defaults.tokenDropout)).")
    var tokenDropout: Double?
    @Option(
        help: """
            Share of texts of which only a random part is read in training, so that short texts are understood \
            (default: \(defaults.crop)).
            """)
    var crop: Double?
    @Option(help: "Certainty spread over all labels (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Double?

    @Option(
        help: """
            The run folder of a language model (martlet train language-model) to begin with: its tokens, vectors and \
            recurrent layers, which thaw from the top down, an epoch each. --cell, --hidden, --layers, --embedding and \
            --tokenizer are its own.
            """)
    var pretrained: String?

    @OptionGroup var training: TextTrainingFlags<SentimentOptions>

    /// The options with those of the language model to begin with, if one is given.
    ///
    /// - Throws: `InputError` for a flag that contradicts it; `ModelError` or `StoreError` if it cannot be read.
    func adopting(_ options: SentimentOptions) throws -> SentimentOptions {
        guard let pretrained else { return options }
        let source = try ModelFolder.load(LanguageModel.self, from: pretrained).configuration
        let adopted = try options.adopting(source, of: pretrained)
        for (flag, given, its) in [
            ("--cell", cell.map { $0.kind.rawValue }, adopted.cell.rawValue),
            ("--hidden", hidden.map(String.init), "\(adopted.hidden)"),
            ("--layers", layers.map(String.init), "\(adopted.layers)"),
            ("--embedding", embedding.map(String.init), "\(adopted.embedding)"),
            ("--bidirectional", bidirectional.map { "\($0)" }, "\(adopted.bidirectional)"),
        ] {
            if let given, given != its {
                throw InputError(
                    description:
                        "\(flag) is \(given): with the language model \(pretrained) it is \(its); leave the flag out"
                )
            }
        }
        if tokenizer != nil {
            throw InputError(
                description:
                    "--tokenizer is given: the language model \(pretrained) has its own; leave the flag out"
            )
        }
        return adopted
    }

    /// A flag that the chosen architecture has nothing to do with, in words; nil if there is none.
    var problem: String? {
        guard let architecture, architecture != .recurrent else { return nil }
        let isGiven = [
            ("--cell", cell != nil),
            ("--bidirectional", bidirectional != nil && architecture != .transformer),
            ("--hidden", hidden != nil && architecture == .bag),
        ]
        return isGiven.first { $0.1 }.map {
            "\($0.0) is not for --architecture \(architecture.rawValue); leave one out"
        }
    }

    /// The options with what was given.
    func applied(to options: SentimentOptions) -> SentimentOptions {
        var options = options
        if let architecture { options.architecture = architecture }
        if architecture == .cnn { options.longestNGram = 1 }
        if let kernelSizes { options.kernelSizes = kernelSizes.values }
        options.set(\.cell, cell?.kind)
        options.set(\.hidden, hidden)
        options.set(\.layers, layers)
        options.set(\.bidirectional, bidirectional)
        options.set(\.embedding, embedding)
        options.set(\.longestNGram, longestNgram)
        options.set(\.nGrams, ngrams)
        options.set(\.tokenizer, tokenizer)
        options.set(\.dropout, dropout)
        options.set(\.tokenDropout, tokenDropout)
        options.set(\.crop, crop)
        options.set(\.labelSmoothing, labelSmoothing)
        training.apply(to: &options)
        return options
    }
}

extension TokenizerKind: ExpressibleByArgument {}
extension TextArchitecture: ExpressibleByArgument {}

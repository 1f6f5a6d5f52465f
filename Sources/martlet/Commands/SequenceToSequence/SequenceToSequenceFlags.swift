public import ArgumentParser
public import MartletText
import MartletTraining

/// The flags of `SequenceToSequenceOptions`; what is not given keeps its default.
struct SequenceToSequenceFlags: ParsableArguments {
    private static let defaults = SequenceToSequenceOptions()
    private static let attentive = SequenceToSequenceOptions(.transformer)

    @Option(help: "lstm, gru or transformer (default: lstm).")
    var model: SequenceToSequenceKind?
    @Option(
        help: """
            How an LSTM or GRU looks at what was read: bahdanau (additive, step by step), luong (multiplicative, all steps \
            at once), or none: only the last state is known (default: luong).
            """)
    var attention: AttentionChoice?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether a decoder with Luong's attention also reads what it made of the step before."
    )
    var inputFeeding: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether Bahdanau's attention knows where it looked before, and is kept from looking there again, which is what \
            makes answers repeat themselves.
            """)
    var coverage: Bool?
    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether an LSTM or GRU with attention may copy what it reads, words that it does not know too; both sides are cut \
            into the same tokens then.
            """)
    var copy: Bool?
    @Option(
        help: """
            What sources are cut into: character, word (what stands between white space) or subword (learned byte pairs) \
            (default: character).
            """)
    var sourceUnit: SequenceUnit?
    @Option(help: "The same of targets (default: character).")
    var targetUnit: SequenceUnit?
    @Option(
        help: """
            Units of each layer, of an encoder that reads both ways in each direction; of a Transformer the width \
            (default: \(defaults.hidden)).
            """)
    var hidden: Int?
    @Option(
        help: """
            Layers of the encoder, and of the decoder (default: \(defaults.layers); of a Transformer \(attentive.layers)).
            """)
    var layers: Int?
    @Option(help: "Width of a token's vector, of an LSTM or GRU (default: \(defaults.embedding)).")
    var embedding: Int?
    @Flag(
        inversion: .prefixedNo,
        help:
            "Whether an LSTM's or GRU's encoder also reads from the end (default: --bidirectional)."
    )
    var bidirectional: Bool?
    @Option(help: "Heads of a Transformer (default: \(defaults.heads)).")
    var heads: Int?
    @Option(help: "Width within a Transformer's mlp (default: four times the width).")
    var innerWidth: Int?
    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether scores are products with the vectors of the tokens that are written (default: --tied of a Transformer).
            """)
    var tied: Bool?
    @Option(
        help: """
            Most tokens of a text; pairs with a longer one are left out, and counted (default: \(defaults.longest)).
            """)
    var longest: Int?
    @Option(
        help: """
            Share of elements dropped of the vectors, between layers and of the outputs (default: \(defaults.dropout); of a \
            Transformer \(attentive.dropout)).
            """)
    var dropout: Double?
    @Option(
        help: "Share of probability spread over all tokens (default: \(defaults.labelSmoothing)).")
    var labelSmoothing: Double?
    @Option(
        help: """
            Share of written tokens that the model guesses itself in training, at its end; it rises from 0 (default: \
            \(defaults.scheduledSampling)).
            """)
    var scheduledSampling: Double?
    @Option(
        help: """
            What answers to validation sources are measured by: bleu, chrf, wer, cer, per (phonemes), rouge-1, rouge-2, rouge-l \
            (summaries) or exact (default: cer of characters, else bleu).
            """)
    var metric: PairMetric?
    @Option(
        help: """
            How many beginnings the answers to the test are looked for with; 1 takes the likeliest token each time (default: 1).
            """)
    var beam: Int?
    @Option(
        help: """
            Most tokens of a batch's side, padding included; --batch is the most pairs (default: \(defaults.batchTokens)).
            """)
    var batchTokens: Int?

    @OptionGroup var training: TextTrainingFlags<SequenceToSequenceOptions>

    /// The options with what was given.
    func applied(to options: SequenceToSequenceOptions) -> SequenceToSequenceOptions {
        var options = options
        if let model, model != options.model { options = SequenceToSequenceOptions(model) }
        if let attention { options.attention = attention }
        if let inputFeeding { options.inputFeeding = inputFeeding }
        if let coverage { options.coverage = coverage }
        if let copy { options.copy = copy }
        options.set(\.sourceUnit, sourceUnit)
        options.set(\.targetUnit, targetUnit)
        options.set(\.hidden, hidden)
        options.set(\.layers, layers)
        options.set(\.embedding, embedding)
        options.set(\.bidirectional, bidirectional)
        options.set(\.heads, heads)
        if let innerWidth { options.innerWidth = innerWidth }
        if let tied { options.tied = tied }
        options.set(\.longest, longest)
        options.set(\.dropout, dropout)
        options.set(\.labelSmoothing, labelSmoothing)
        options.set(\.scheduledSampling, scheduledSampling)
        if let metric { options.metric = metric }
        if let beam { options.beam = beam }
        options.set(\.batchTokens, batchTokens)
        training.apply(to: &options)
        return options
    }
}

extension SequenceToSequenceKind: ExpressibleByArgument {}
extension AttentionChoice: ExpressibleByArgument {}
extension SequenceUnit: ExpressibleByArgument {}
extension PairMetric: ExpressibleByArgument {}

import MartletModels
import MartletNN
import MartletTensor
import MartletText

/// Spans that are left out, from what is left (Raffel et al. 2020).
///
/// ```text
/// text      Thank you for inviting me to your party last week
/// read      Thank you <extra_id_0> me to your party <extra_id_1> week </s>
/// written   <extra_id_0> for inviting <extra_id_1> last </s>
/// ```
struct SpanObjective: PretrainingObjective {
    let configuration: T5.Configuration
    let context: Int
    let share: Double
    let spanLength: Double
    let tokenizer: TokenizerPipeline
    private let sentinels: [Int32]
    private let end: Int32

    /// An objective for a tokenizer with the tokens `</s>` and `<extra_id_0>`, `<extra_id_1>` …
    ///
    /// - Throws: ``TrainingError/doesNotFit(_:)`` if it lacks some.
    init(
        configuration: T5.Configuration, context: Int, share: Double, spanLength: Double,
        tokenizer: TokenizerPipeline
    ) throws {
        self.configuration = configuration
        self.context = context
        self.share = share
        self.spanLength = spanLength
        self.tokenizer = tokenizer
        var known: [Int32] = []
        while let id = tokenizer.id(of: "<extra_id_\(known.count)>") { known.append(id) }
        let spans = Self.spans(of: context, share, spanLength).spans
        guard let end = tokenizer.id(of: "</s>"), known.count >= spans else {
            throw TrainingError.doesNotFit(
                "the tokenizer has \(known.count) of the tokens <extra_id_0>, <extra_id_1> …, and \(spans) are needed, with </s>: give one that was made for T5, or leave --tokenizer out"
            )
        }
        (sentinels, self.end) = (known, end)
    }

    /// How many tokens of a window are left out, in how many spans.
    private static func spans(
        of length: Int, _ share: Double, _ spanLength: Double
    ) -> (tokens: Int, spans: Int) {
        let tokens = min(max(Int((Double(length) * share).rounded()), 1), length - 1)
        let spans = max(Int((Double(tokens) / spanLength).rounded()), 1)
        return (tokens, min(spans, length - tokens))
    }

    var window: (length: Int, overlap: Int) { (context, 0) }
    var guess: String { "a token that was left out" }

    func network(using random: inout RandomGenerator) -> T5 { T5(configuration, using: &random) }

    /// What is read, what was written before each token that is to be written, and that token; all rows are of one length.
    func corrupted(
        _ windows: [[Int32]], using random: inout RandomGenerator
    ) -> (source: Tensor, target: Tensor, next: Tensor) {
        var (sources, targets): ([[Int32]], [[Int32]]) = ([], [])
        for window in windows {
            let (left, spans) = Self.spans(of: window.count, share, spanLength)
            let kept = Self.lengths(of: window.count - left, in: spans, using: &random)
            let gone = Self.lengths(of: left, in: spans, using: &random)
            var (source, target): ([Int32], [Int32]) = ([], [])
            var place = 0
            for span in 0..<spans {
                source += window[place..<place + kept[span]] + [sentinels[span]]
                place += kept[span]
                target += [sentinels[span]] + window[place..<place + gone[span]]
                place += gone[span]
            }
            sources.append(source + [end])
            targets.append(target + [end])
        }
        let begin = Int32(configuration.beginning)
        return (
            Tensor(rows: sources), Tensor(rows: targets.map { [begin] + $0.dropLast() }),
            Tensor(rows: targets)
        )
    }

    /// A sum cut at random into so many parts of at least 1.
    private static func lengths(
        of sum: Int, in parts: Int, using random: inout RandomGenerator
    ) -> [Int] {
        let cuts = random.permutation(sum - 1).prefix(parts - 1).map { $0 + 1 }.sorted()
        return zip(cuts + [sum], [0] + cuts).map { $0 - $1 }
    }

    func loss(
        _ model: T5, _ windows: [[Int32]], choices: inout RandomGenerator,
        dropout: inout RandomGenerator?
    ) -> (loss: Tensor, guesses: Int) {
        let (source, target, next) = corrupted(windows, using: &choices)
        let loss = model.loss(
            source: source, sourceMask: .all, target: target, next: next, dropout: &dropout)
        return (loss, next.count)
    }

    func judge(
        _ model: T5, _ windows: [[Int32]], choices: inout RandomGenerator,
        _ sums: inout GuessSums
    ) {
        let (source, target, next) = corrupted(windows, using: &choices)
        let scores = model(source: source, target: target)
        sums.add(
            scores: scores.reshaped([-1, scores.shape[2]]), labels: next.reshaped([next.count]))
    }

    /// A text with what was left out, and what the model writes for it.
    func sample(
        _ model: T5, on windows: [[Int32]], length: Int, using random: inout RandomGenerator
    ) throws -> String {
        guard let window = windows.first else { return "" }
        let (source, _, next) = corrupted([Array(window.prefix(length))], using: &random)
        var none: RandomGenerator?
        let memory = model.encode(source, dropout: &none)
        var state: EncoderDecoderState? = model.state(reading: memory)
        var token = Int32(configuration.beginning)
        var written: [Int32] = []
        while written.count < 2 * next.count {
            let features = model.decode(
                Tensor([token], shape: [1, 1]), memory: nil, state: &state, dropout: &none)
            token =
                model.scores(of: features).select(axis: 1, 0).argmax(axis: 1)
                .cast(to: .int32).scalars(as: Int32.self)[0]
            if token == end { break }
            written.append(token)
        }
        func text(_ ids: [Int32]) throws -> String {
            try tokenizer.decode(ids, skipSpecialTokens: false)
        }
        return
            "\(try text(source.scalars(as: Int32.self)))\n→ \(try text(written))\n(right: \(try text(next.scalars(as: Int32.self))))"
    }
}

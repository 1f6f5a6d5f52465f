import MartletModels
import MartletNN
import MartletTensor
import Testing

/// A model whose scores are random numbers that follow from what was read and all that was written.
struct MadeUpWriter: SequenceToSequenceModel {
    struct Configuration: ModelConfiguration {
        static let architecture = "made-up"
        var vocabularySize = 4
        /// How far scores are apart.
        var deviation = 1.5
        /// All scores are rounded to multiples of this, so that some are equal; 0: they are not.
        var grain = 0.0
        var seed: UInt64 = 0
        var contextLength: Int?
        /// Whether sources begin where others are done.
        var canReplace = true
        var problem: String? { nil }
    }

    /// What each row has read and written, the beginning included.
    struct Progress: WritingProgress {
        var sources: [[Int32]]
        var written: [[Int32]]
        var width: Int

        func selecting(_ rows: [Int]) -> Progress {
            Progress(
                sources: rows.map { sources[$0] }, written: rows.map { written[$0] }, width: width)
        }

        mutating func select(_ rows: [Int], shared: [Int]) {
            #expect(rows.count == written.count && shared.count == rows.count)
            for (row, from) in rows.enumerated() where row != from {
                #expect(rows[from] == from)
                #expect(sources[row] == sources[from])
                #expect(written[row].prefix(shared[row]) == written[from].prefix(shared[row]))
                #expect(shared[row] > 0 && shared[row] < written[row].count)
            }
            self = selecting(rows)
        }
    }

    let configuration: Configuration

    init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
    }

    init(_ configuration: Configuration = .init()) { self.configuration = configuration }

    var sourceVocabularySize: Int { 100 }
    var vocabularySize: Int { configuration.vocabularySize }
    var contextLength: Int? { configuration.contextLength }
    var canReplace: Bool { configuration.canReplace }

    func replace(_ rows: [Int], in progress: inout Progress, with other: Progress, _ others: [Int])
    {
        for (row, from) in zip(rows, others) {
            progress.sources[row] = other.sources[from]
            progress.written[row] = other.written[from]
        }
        progress.width = max(progress.width, other.width)
    }

    func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] { inputs }
    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {}

    func begin(reading source: Tensor, mask: TokenMask) -> Progress {
        let (B, S) = (source.shape[0], source.shape[1])
        let tokens = source.scalars(as: Int32.self)
        return Progress(
            sources: (0..<B).map { Array(tokens[$0 * S..<$0 * S + (mask.lengths?[$0] ?? S)]) },
            written: [[Int32]](repeating: [], count: B), width: S)
    }

    func step(_ tokens: Tensor, _ progress: inout Progress, tellsAttention: Bool) -> (
        scores: Tensor, attention: Tensor?
    ) {
        let tokens = tokens.scalars(as: Int32.self)
        precondition(tokens.count == progress.written.count)
        for (row, token) in tokens.enumerated() { progress.written[row].append(token) }
        let rows = zip(progress.sources, progress.written)
        let width = progress.width
        return (
            Tensor(rows.flatMap { scores($0, $1) }, shape: [tokens.count, vocabularySize]),
            tellsAttention
                ? Tensor(
                    rows.flatMap { source, written in
                        attention(source, written)
                            + [Float](repeating: 0, count: width - source.count)
                    }, shape: [tokens.count, width]) : nil
        )
    }

    /// The scores of what comes after `written`.
    func scores(_ source: [Int32], _ written: [Int32]) -> [Double] {
        var random = random(source, written)
        let numbers = random.normal([vocabularySize], dtype: .float64)
            .scalars(as: Double.self).map { $0 * configuration.deviation }
        let grain = configuration.grain
        return grain > 0 ? numbers.map { ($0 / grain).rounded() * grain } : numbers
    }

    /// The logarithms of the probabilities of what comes after `written`.
    func logarithms(_ source: [Int32], _ written: [Int32]) -> [Double] {
        // The same roundings as in a batch: what is equally likely here is so there.
        let scores = scores(source, written)
        let sum = Tensor(scores).logSumExp().item
        return scores.map { min($0 - sum, 0) }
    }

    /// What the tokens that were read count for what comes next.
    func attention(_ source: [Int32], _ written: [Int32]) -> [Float] {
        var random = random(written, source)
        return random.normal([source.count]).softmax().scalars(as: Float.self)
    }

    private func random(_ a: [Int32], _ b: [Int32]) -> RandomGenerator {
        let hash = (a + [-1] + b).reduce(configuration.seed &+ 0xCBF2_9CE4_8422_2325) {
            ($0 ^ UInt64(truncatingIfNeeded: $1)) &* 0x100_0000_01B3
        }
        return RandomGenerator(seed: hash)
    }
}

import MartletData
import MartletNN
import MartletTensor
import MartletText

/// Pairs as numbers, each side ending with its boundary.
struct PairSequences: Sendable {
    /// The pairs that are short enough.
    private(set) var pairs: [TextPair] = []
    private(set) var sources: [[Int32]] = []
    private(set) var targets: [[Int32]] = []
    /// Of each source the words that are not known, where they can be copied: numbered on from the vocabulary.
    private(set) var words: [[String]] = []
    /// Pairs that were left out, because one side is too long.
    private(set) var skipped = 0
    /// The token that a sequence that is written begins after.
    let boundary: Int32

    /// Pairs as numbers.
    ///
    /// - Parameters:
    ///   - longest: the most tokens of a text, the boundary not counted.
    ///   - copying: whether words that are not known can be copied; then both tokenizers are the same.
    init(
        _ pairs: [TextPair], source: SequenceTokenizer, target: SequenceTokenizer, longest: Int,
        copying: Bool = false
    ) throws {
        boundary = target.boundaryID
        for pair in pairs {
            var words: [String] = []
            let read =
                copying
                ? try source.encode(pair.source, copying: &words, adding: true)
                : try source.encode(pair.source)
            let written =
                copying
                ? try target.encode(pair.target, copying: &words, adding: false)
                : try target.encode(pair.target)
            guard max(read.count, written.count) <= longest + 1 else {
                skipped += 1
                continue
            }
            self.pairs.append(pair)
            sources.append(read)
            targets.append(written)
            self.words.append(words)
        }
    }

    var count: Int { pairs.count }
    /// The tokens of each pair's longer side.
    var lengths: [Int] { zip(sources, targets).map { max($0.count, $1.count) } }

    /// Some pairs side by side.
    func batch(_ rows: [Int]) -> PairBatch {
        PairBatch(
            sources: rows.map { sources[$0] }, targets: rows.map { targets[$0] },
            boundary: boundary)
    }
}

/// Pairs side by side, each side padded at its end.
struct PairBatch {
    /// What is read, int32 `[B, S]`, and which of it is real.
    let source: Tensor
    let mask: TokenMask
    /// What was written before each token, int32 `[B, T]`.
    let target: Tensor
    /// What comes next, int32 `[B, T]`; −100 where nothing does.
    let next: Tensor
    /// The tokens that are to be written, and those that are read or written.
    let written: Int
    let tokens: Int

    init(sources: [[Int32]], targets: [[Int32]], boundary: Int32) {
        (source, mask) = Self.read(sources)
        target = Tensor(rows: targets.map { [boundary] + $0.dropLast() }, padding: 0)
        next = Tensor(rows: targets, padding: -100)
        written = targets.reduce(0) { $0 + $1.count }
        tokens = written + sources.reduce(0) { $0 + $1.count }
    }

    /// Sequences side by side, int32 `[B, S]`, and which tokens are real.
    static func read(_ sources: [[Int32]]) -> (tokens: Tensor, mask: TokenMask) {
        let lengths = sources.map(\.count)
        let isEven = lengths.allSatisfy { $0 == lengths[0] }
        return (Tensor(rows: sources, padding: 0), isEven ? .all : .lengths(lengths))
    }
}

extension Tensor {
    /// Rows of any lengths as an int32 tensor `[rows, longest]`, filled up at their ends.
    init(rows: [[Int32]], padding: Int32) {
        let longest = rows.reduce(0) { Swift.max($0, $1.count) }
        self.init(rows: rows.map { $0 + [Int32](repeating: padding, count: longest - $0.count) })
    }
}

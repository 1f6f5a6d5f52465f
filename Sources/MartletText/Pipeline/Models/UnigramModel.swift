/// Unigram: of all ways to put a word together, the one whose pieces have the greatest sum of scores.
///
/// Source: `models/unigram` of Hugging Face tokenizers (its optimised Viterbi), whose numbers and offsets it gives.
public struct UnigramModel: Sendable {
    let table: PieceTable
    let trie: ByteTrie
    /// The score of each piece, by its number: a logarithm of its probability.
    public let scores: [Double]
    /// The number of the unknown piece (`unk_id`).
    public let unknownID: Int32?
    /// Whether what is unknown becomes pieces `<0x00>` … `<0xFF>` where those exist (`byte_fallback`).
    public let hasByteFallback: Bool
    /// What an unknown character costs: ten less than the lowest score.
    let unknownScore: Double

    /// A model whose piece number `i` is `pieces[i]`.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where `unknownID` is no piece, or a score is no number.
    public init(
        pieces: [(piece: String, score: Double)], unknownID: Int32? = nil,
        hasByteFallback: Bool = false
    ) throws {
        var builder = PieceTable.Builder(capacity: pieces.count, isRepeatable: true)
        for (index, entry) in pieces.enumerated() {
            var piece = entry.piece
            try piece.withUTF8 { try builder.add($0, id: index) }
        }
        try self.init(
            table: try builder.finish(), scores: pieces.map(\.score), unknownID: unknownID,
            hasByteFallback: hasByteFallback)
    }

    init(table: PieceTable, scores: [Double], unknownID: Int32?, hasByteFallback: Bool) throws {
        if let unknownID, unknownID < 0 || unknownID >= Int32(scores.count) {
            throw PipelineError.invalid(
                part: "model.unk_id",
                reason: "\(unknownID) is not one of the \(scores.count) pieces")
        }
        var lowest = Double.infinity
        for (id, score) in scores.enumerated() {
            guard score.isFinite else {
                throw PipelineError.invalid(
                    part: "model.vocab[\(id)]", reason: "the score \(score) is not a finite number")
            }
            lowest = min(lowest, score)
        }
        self.table = table
        self.scores = scores
        self.unknownID = unknownID
        self.hasByteFallback = hasByteFallback
        unknownScore = lowest - 10
        trie = try ByteTrie(table)
    }
}

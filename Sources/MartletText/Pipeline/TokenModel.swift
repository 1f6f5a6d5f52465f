/// How a word becomes pieces of the vocabulary (`model` of `tokenizer.json`).
public enum TokenModel: Sendable {
    /// `BPE`.
    case bytePair(BytePairModel)
    /// `Unigram`.
    case unigram(UnigramModel)
    /// `WordPiece`.
    case wordPiece(WordPieceModel)
    /// `WordLevel`.
    case wordLevel(WordLevelModel)

    /// The pieces and their numbers.
    var table: PieceTable {
        switch self {
        case .bytePair(let model): model.table
        case .unigram(let model): model.table
        case .wordPiece(let model): model.table
        case .wordLevel(let model): model.table
        }
    }

    /// How many pieces there are.
    public var pieceCount: Int { table.count }

    /// The number of `piece`; nil where it is not one.
    public func id(of piece: String) -> Int32? { table.id(of: piece) }

    /// The piece numbered `id`; nil where there is none.
    public func piece(_ id: Int32) -> String? { table.piece(id) }
}

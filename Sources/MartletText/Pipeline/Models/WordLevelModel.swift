/// WordLevel: a word is a piece, or it is unknown.
///
/// Source: `models/wordlevel` of Hugging Face tokenizers.
public struct WordLevelModel: Sendable {
    let table: PieceTable
    /// The piece for all other words (`unk_token`).
    public let unknownToken: String

    /// A model whose piece number `i` is `pieces[i]`.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where a piece occurs twice.
    public init(pieces: [String], unknownToken: String = "<unk>") throws {
        self.init(table: try PieceTable(pieces), unknownToken: unknownToken)
    }

    init(table: PieceTable, unknownToken: String) {
        self.table = table
        self.unknownToken = unknownToken
    }
}

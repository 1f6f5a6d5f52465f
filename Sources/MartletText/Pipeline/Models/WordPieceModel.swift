/// WordPiece: the longest piece that fits, from left to right; a word that does not come out is unknown.
///
/// Source: `models/wordpiece` of Hugging Face tokenizers, whose numbers and offsets it gives.
public struct WordPieceModel: Sendable {
    let table: PieceTable
    /// The piece for words that cannot be put together (`unk_token`).
    public let unknownToken: String
    /// What pieces inside a word begin with (`continuing_subword_prefix`).
    public let continuingPrefix: String
    /// Words with more characters are unknown (`max_input_chars_per_word`).
    public let maximumCharactersPerWord: Int

    /// A model whose piece number `i` is `pieces[i]`.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where a piece occurs twice.
    public init(
        pieces: [String], unknownToken: String = "[UNK]", continuingPrefix: String = "##",
        maximumCharactersPerWord: Int = 100
    ) throws {
        self.init(
            table: try PieceTable(pieces), unknownToken: unknownToken,
            continuingPrefix: continuingPrefix, maximumCharactersPerWord: maximumCharactersPerWord)
    }

    init(
        table: PieceTable, unknownToken: String, continuingPrefix: String,
        maximumCharactersPerWord: Int
    ) {
        self.table = table
        self.unknownToken = unknownToken
        self.continuingPrefix = continuingPrefix
        self.maximumCharactersPerWord = maximumCharactersPerWord
    }
}

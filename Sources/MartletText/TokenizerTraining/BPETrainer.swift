/// Learns byte pair encoding: the most frequent pair of neighbours becomes a piece, again and again.
///
/// The merges are those of Hugging Face's `BpeTrainer` on the same words and options, its rules included: among equally
/// frequent pairs the one with the smaller numbers wins; a pair that was merged before comes back where another merge
/// makes its pieces anew, and keeps the later place. (Sennrich et al. 2016; tokenizers 0.23.)
public struct BPETrainer: Sendable {
    /// What words consist of at first.
    public enum Symbols: Sendable, Equatable {
        /// Bytes: pieces are written with the characters that stand for bytes in GPT-2, and every text can be encoded.
        case bytes
        /// Characters (Unicode scalars).
        case characters
    }

    /// How many pieces there shall be in all.
    public var size = 30_000
    /// The least number of times a pair must be seen to become a piece.
    public var minimumFrequency = 0
    /// What words consist of at first.
    public var symbols = Symbols.bytes
    /// Pieces with the first numbers.
    public var specialTokens: [String] = []
    /// Whether `<0x00>` to `<0xFF>` follow the special tokens: for characters that are not in the alphabet.
    public var hasByteFallback = false
    /// With characters: how many of them become pieces, the most frequent; nil: all.
    public var alphabetLimit: Int?
    /// With characters: those that become pieces even if they are not seen.
    public var initialAlphabet: [Unicode.Scalar] = []
    /// What stands before a piece that does not begin a word: `##` in WordPiece.
    public var continuingPrefix: String?
    /// Pieces are made of fewer symbols than this (as tokenizers counts it: pairs at the start are not held to it).
    public var maximumLength: Int?

    /// A trainer for `size` pieces.
    public init(size: Int = 30_000) { self.size = size }

    /// Learns from `words`.
    ///
    /// There are less pieces than `size` where the words have no pairs left. Throws ``TokenizerTrainingError`` where
    /// there are no words, or `size` has no room for special tokens, bytes and the alphabet.
    public func train(
        on words: WordCounts, report: TokenizerTrainingReport = { _ in }
    ) throws -> TrainedBPE {
        guard words.count > 0 else { throw TokenizerTrainingError.empty(paths: ["words"]) }
        guard symbols == .characters || !hasByteFallback,
            symbols == .characters || continuingPrefix == nil
        else {
            throw TokenizerTrainingError.option(
                "byte fallback and a continuing prefix need characters as symbols, not bytes")
        }
        var pieces = PieceNumbers()
        for token in specialTokens { pieces.add(token) }
        if hasByteFallback { for piece in BytePieces.fallbackPieces { pieces.add(piece) } }
        var symbolised =
            symbols == .bytes
            ? SymbolisedWords(bytesOf: words, pieces: &pieces)
            : SymbolisedWords(
                charactersOf: words,
                alphabet: alphabet(of: words), prefix: continuingPrefix, pieces: &pieces)
        guard pieces.count <= size else {
            throw TokenizerTrainingError.tooSmall(
                size: size, least: pieces.count,
                why: symbols == .bytes
                    ? "special tokens and the 256 bytes"
                    : "special tokens\(hasByteFallback ? ", 256 bytes" : "") and the alphabet")
        }
        var merger = PairMerger(
            &symbolised, pieces: pieces, prefix: continuingPrefix, maximumLength: maximumLength)
        merger.run(size: size, minimumFrequency: minimumFrequency, report: report)
        return TrainedBPE(pieces: merger.pieces.texts, merges: merger.distinctMerges)
    }

    /// The characters that become pieces, by their scalar values.
    private func alphabet(of words: WordCounts) -> [UInt32] {
        var counts = words.characterCounts()
        for scalar in initialAlphabet { counts[scalar.value] = .max }
        return WordCounts.alphabet(counts, limit: alphabetLimit)
    }
}

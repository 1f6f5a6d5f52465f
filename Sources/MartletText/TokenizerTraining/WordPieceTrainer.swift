/// Learns WordPiece pieces: by the merges of ``BPETrainer``, with `##` before what does not begin a word.
///
/// That is how Hugging Face's `WordPieceTrainer` learns them. It numbers the pieces `##a`, `##b`, ... in an order that
/// changes from run to run, and with it which of equally frequent pairs wins; here they follow the alphabet.
public struct WordPieceTrainer: Sendable {
    /// How many pieces there shall be in all.
    public var size = 30_000
    /// The least number of times a pair must be seen to become a piece.
    public var minimumFrequency = 0
    /// Pieces with the first numbers; one of them should be what unknown words become.
    public var specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    /// How many characters become pieces, the most frequent; nil: all.
    public var alphabetLimit: Int? = 1000
    /// What stands before a piece that does not begin a word.
    public var continuingPrefix = "##"

    /// A trainer for `size` pieces.
    public init(size: Int = 30_000) { self.size = size }

    /// The pieces by their numbers. Throws as ``BPETrainer/train(on:report:)`` does.
    public func train(
        on words: WordCounts, report: TokenizerTrainingReport = { _ in }
    ) throws -> [String] {
        var trainer = BPETrainer(size: size)
        trainer.symbols = .characters
        trainer.minimumFrequency = minimumFrequency
        trainer.specialTokens = specialTokens
        trainer.alphabetLimit = alphabetLimit
        trainer.continuingPrefix = continuingPrefix
        return try trainer.train(on: words, report: report).pieces
    }
}

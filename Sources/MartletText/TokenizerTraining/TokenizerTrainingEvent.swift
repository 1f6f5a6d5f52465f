/// What happens while a tokenizer is trained, for who wants to show it.
public enum TokenizerTrainingEvent: Sendable, Equatable {
    /// So many bytes of all files are read and counted.
    case reading(bytes: Int, of: Int)
    /// Everything is read: how many words there were, and how many different ones.
    case counted(words: Int, distinct: Int)
    /// Merges are being learned: how many pieces there are, of how many at the end.
    case merging(pieces: Int, of: Int)
    /// The seeds of a Unigram model are there: how many.
    case seeded(pieces: Int)
    /// A Unigram model was fitted once more: how many pieces it has, of how many at the end, and the mean logarithm
    /// of a word's probability (natural).
    case fitted(pieces: Int, of: Int, logProbability: Double)
}

/// Takes what happens while a tokenizer is trained.
public typealias TokenizerTrainingReport = (TokenizerTrainingEvent) -> Void

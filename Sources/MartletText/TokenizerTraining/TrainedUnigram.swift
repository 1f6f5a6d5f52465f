/// What Unigram training found: pieces by number with the logarithms of their probabilities.
public struct TrainedUnigram: Sendable, Equatable {
    /// A piece and its score.
    public struct Piece: Sendable, Equatable {
        /// The piece.
        public var text: String
        /// The natural logarithm of its probability; 0 for special tokens and bytes.
        public var score: Double
    }

    /// Special tokens, bytes, then what was learned, by falling score.
    public var pieces: [Piece]
}

/// What BPE training found: pieces by number, and the merges that make them.
public struct TrainedBPE: Sendable, Equatable {
    /// Two pieces that become one.
    public struct Merge: Sendable, Equatable {
        /// The number of the left piece.
        public var left: Int
        /// The number of the right piece.
        public var right: Int
        /// The number of the piece they make.
        public var piece: Int
    }

    /// The pieces by their numbers: special tokens, bytes, the alphabet, and what merges made.
    public var pieces: [String]
    /// The merges, the first to be applied first.
    public var merges: [Merge]
}

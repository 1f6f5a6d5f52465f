/// What a text, or two, became: numbers, and where each token stands in the text.
public struct Encoding: Sendable, Equatable {
    /// The numbers of the tokens.
    public var ids: [Int32] = []
    /// The texts of the tokens, as the model sees them (`Ġthe`).
    public var tokens: [String] = []
    /// Which text each token is of, by the post-processor: 0 or 1.
    public var typeIDs: [Int32] = []
    /// Which word (piece of the pre-tokenizer) each token is of; nil for special tokens and padding.
    public var words: [Int32?] = []
    /// Where each token stands in its text, in bytes of UTF-8; `0..<0` for special tokens and padding.
    public var byteOffsets: [Range<Int>] = []
    /// Where each token stands in its text, in Unicode scalars (Python's characters).
    public var offsets: [Range<Int>] = []
    /// 1 for tokens that the post-processor or padding put in.
    public var specialTokensMask: [Int32] = []
    /// 0 for padding, 1 for all others.
    public var attentionMask: [Int32] = []
    /// What truncation cut off, in parts of the same size.
    public var overflowing: [Encoding] = []
    /// Which tokens are of the first text (0) and of the second (1); empty: all are of the first.
    public var sequenceRanges: [Int: Range<Int>] = [:]

    /// An encoding without tokens.
    public init() {}

    /// How many tokens there are.
    public var count: Int { ids.count }

    /// For each token, which text it is of; nil for special tokens and padding.
    public var sequenceIDs: [Int?] {
        guard !sequenceRanges.isEmpty else { return Array(repeating: 0, count: count) }
        var result = [Int?](repeating: nil, count: count)
        for (sequence, range) in sequenceRanges {
            for index in range.clamped(to: 0..<count) { result[index] = sequence }
        }
        return result
    }
}

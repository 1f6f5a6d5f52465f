public import MartletTensor

/// Sequences of tokens side by side, padded at their ends with 0.
public struct TokenBatch: Sendable {
    /// The tokens, int32 `[B, T]`, where T is the longest length, at least 1.
    public let tokens: Tensor
    /// The number of real tokens of each sequence.
    public let lengths: [Int]

    /// A batch of these sequences.
    public init(sequences: [[Int32]]) {
        lengths = sequences.map(\.count)
        let longest = max(1, lengths.max() ?? 1)
        var padded = [Int32](repeating: 0, count: sequences.count * longest)
        for (row, sequence) in sequences.enumerated() {
            for (place, token) in sequence.enumerated() { padded[row * longest + place] = token }
        }
        tokens = Tensor(padded, shape: [sequences.count, longest])
    }
}

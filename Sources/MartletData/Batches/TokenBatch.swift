public import MartletTensor
public import MartletText

/// Sequences of tokens side by side, padded at their ends with 0.
public struct TokenBatch: Sendable {
    /// The tokens, int32 `[B, T]`, where T is the longest length, at least 1.
    public let tokens: Tensor
    /// The number of real tokens of each sequence.
    public let lengths: [Int]

    /// The n-grams that end at each token, int32 `[B, T, N − 1]`; nil where the tokenizer numbers none.
    public let nGrams: Tensor?

    /// A batch of these sequences.
    public init(_ sequences: [TokenSequence]) {
        let lengths = sequences.map(\.tokens.count)
        let longest = max(1, lengths.max() ?? 1)
        self.lengths = lengths
        tokens = Self.padded(sequences.map(\.tokens), to: longest, [sequences.count, longest])
        let width = sequences.map(\.nGramWidth).max() ?? 0
        nGrams =
            width == 0
            ? nil
            : Self.padded(
                sequences.map(\.nGrams), to: longest * width, [sequences.count, longest, width])
    }

    private static func padded(_ rows: [[Int32]], to length: Int, _ shape: Shape) -> Tensor {
        Tensor(shape: shape, dtype: .int32) { bytes in
            let elements = bytes.bindMemory(to: Int32.self)
            elements.initialize(repeating: 0)
            for (row, values) in rows.enumerated() {
                for (place, value) in values.enumerated() { elements[row * length + place] = value }
            }
        }
    }
}

/// A text as numbers: its tokens, and the n-grams that end at each.
public struct TokenSequence: Sendable, Equatable {
    /// The tokens.
    public var tokens: [Int32]
    /// For each token, the n-grams of 2 … N tokens that end there; empty where the tokenizer numbers none.
    public var nGrams: [Int32]
    /// How many n-grams there are for each token: N − 1.
    public let nGramWidth: Int

    /// A text as numbers.
    public init(_ text: String, _ tokenizer: Tokenizer) {
        tokens = tokenizer.encode(text)
        nGrams = tokenizer.nGrams?.rows(tokens) ?? []
        nGramWidth = (tokenizer.nGrams?.longest ?? 1) - 1
    }

    /// The number of tokens.
    public var count: Int { tokens.count }

    /// A part of the text, as if it stood alone: an n-gram that begins before it is none of its own.
    public func slice(_ start: Int, _ count: Int) -> TokenSequence {
        var part = self
        part.tokens = Array(tokens[start..<start + count])
        part.nGrams = Array(nGrams[start * nGramWidth..<(start + count) * nGramWidth])
        for place in 0..<min(nGramWidth, count) {
            for width in place..<nGramWidth { part.nGrams[place * nGramWidth + width] = 0 }
        }
        return part
    }

    /// The beginning of the text.
    public func prefix(_ count: Int) -> TokenSequence {
        var beginning = self
        beginning.tokens = Array(tokens.prefix(count))
        beginning.nGrams = Array(nGrams.prefix(count * nGramWidth))
        return beginning
    }
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A language model that counts: what came after the same few tokens in the training text.
///
/// Interpolated as Witten & Bell 1991:
///
/// ```text
/// p(w | h) = (count(h w) + kinds(h) · p(w | h without its first token)) / (count(h) + kinds(h))
/// kinds(h): how many different tokens came after h; below the single token: 1 / V
/// ```
public struct NGramLanguageModel: Sendable {
    /// Tokens of an n-gram: the guessed one and those before it.
    public let order: Int
    private let vocabularySize: Int
    private var counts: [UInt64: Int32] = [:]
    private var contexts: [UInt64: (count: Int32, kinds: Int32)] = [:]

    /// Counts the n-grams of a text.
    ///
    /// - Parameter vocabularySize: V; each token is 0 ..< V.
    public init(_ tokens: [Int32], order: Int, vocabularySize: Int) {
        precondition(order > 0 && vocabularySize > 0, "n-grams of \(order) tokens")
        self.order = order
        self.vocabularySize = vocabularySize
        for place in tokens.indices {
            Self.forEachContext(tokens, before: place, longest: order - 1) { context in
                let gram = Self.extended(context, tokens[place])
                let known = counts[gram, default: 0]
                counts[gram] = known + 1
                var total = contexts[context] ?? (0, 0)
                total.count += 1
                if known == 0 { total.kinds += 1 }
                contexts[context] = total
            }
        }
    }

    /// The mean of −log p, in nats, of all tokens of a text but the first.
    public func loss(_ tokens: [Int32]) -> Double {
        var sum = 0.0
        for place in tokens.indices.dropFirst() { sum -= log(probability(tokens, at: place)) }
        return sum / Double(max(tokens.count - 1, 1))
    }

    /// The probability of the token at a place, given those before it.
    func probability(_ tokens: [Int32], at place: Int) -> Double {
        var result = 1 / Double(vocabularySize)
        Self.forEachContext(tokens, before: place, longest: order - 1) { context in
            guard let total = contexts[context] else { return }
            let count = Double(counts[Self.extended(context, tokens[place])] ?? 0)
            result =
                (count + Double(total.kinds) * result) / Double(total.count + total.kinds)
        }
        return result
    }

    /// The contexts before a place, from none to the longest: their hashes.
    private static func forEachContext(
        _ tokens: [Int32], before place: Int, longest: Int, _ body: (UInt64) -> Void
    ) {
        var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
        body(hash)
        for back in 1...max(longest, 1) where back <= longest && back <= place {
            hash = extended(hash, tokens[place - back]) &+ 1
            body(hash)
        }
    }

    /// The hash of something and one token more (the mixer of SplitMix64).
    private static func extended(_ hash: UInt64, _ token: Int32) -> UInt64 {
        var z = hash ^ (UInt64(UInt32(bitPattern: token)) &+ 1) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

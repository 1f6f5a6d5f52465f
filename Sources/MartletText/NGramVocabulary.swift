/// The n-grams of tokens that are frequent enough to have a vector of their own, numbered from 1; 0 stands for none.
///
/// An n-gram of two or three tokens is told by their numbers, so the tokens' own vocabulary comes first.
public struct NGramVocabulary: Sendable, Equatable {
    /// The most tokens of an n-gram: an n-gram is one integer, of 20 bits a token.
    public static let longestPossible = 3
    private static let bits: UInt64 = 20

    /// The tokens of the longest n-gram, 2 or 3.
    public let longest: Int
    /// The n-grams in the order of their numbers, each with its length in the two highest bits.
    private let keys: [UInt64]
    private let rows: CountTable

    /// The n-grams of sequences of tokens that occur often enough, the frequent first.
    ///
    /// An n-gram with the unknown token in it is none. Of equally frequent ones, the order is that of the tokens.
    ///
    /// - Parameters:
    ///   - longest: the tokens of the longest n-gram, 2 … ``longestPossible``.
    ///   - maximumSize: how many there may be.
    public init(
        counting sequences: [[Int32]], longest: Int, minimumCount: Int = 3,
        maximumSize: Int = 30_000
    ) {
        precondition(
            (2...Self.longestPossible).contains(longest), "n-grams of up to \(longest) tokens")
        var counts = CountTable()
        for sequence in sequences {
            for end in sequence.indices {
                for length in 2...longest {
                    if let key = Self.key(sequence, end, length) { counts.add(1, to: key) }
                }
            }
        }
        var kept: [(key: UInt64, count: Int32)] = []
        counts.forEach { key, count in
            if count >= minimumCount { kept.append((key, count)) }
        }
        kept.sort { ($1.count, $0.key) < ($0.count, $1.key) }
        self.init(longest: longest, keys: kept.prefix(maximumSize).map(\.key))
    }

    private init(longest: Int, keys: [UInt64]) {
        self.longest = longest
        self.keys = keys
        var rows = CountTable()
        for (index, key) in keys.enumerated() { rows.add(Int32(index + 1), to: key) }
        self.rows = rows
    }

    /// The n-grams given as their tokens; nil if one is too short, too long, occurs twice, or has a number that is
    /// none.
    init?(longest: Int, nGrams: [[Int32]]) {
        guard (2...Self.longestPossible).contains(longest) else { return nil }
        var keys: [UInt64] = []
        keys.reserveCapacity(nGrams.count)
        for tokens in nGrams {
            guard (2...longest).contains(tokens.count),
                let key = Self.key(tokens, tokens.count - 1, tokens.count)
            else { return nil }
            keys.append(key)
        }
        self.init(longest: longest, keys: keys)
        guard rows.count == keys.count else { return nil }
    }

    /// How many rows a table of vectors needs: one for each n-gram, and row 0.
    public var rowCount: Int { keys.count + 1 }

    /// The tokens of each n-gram.
    var nGrams: [[Int32]] {
        keys.map { key in
            let length = key >> 62
            return (0..<length).reversed().map {
                Int32(key >> ($0 * Self.bits) & (1 << Self.bits - 1))
            }
        }
    }

    /// The numbers of the n-grams that end at each token: first of two tokens, then of three; `longest − 1` for
    /// each token. 0 where there is none that is known.
    public func rows(_ tokens: [Int32]) -> [Int32] {
        var result: [Int32] = []
        result.reserveCapacity(tokens.count * (longest - 1))
        for end in tokens.indices {
            for length in 2...longest {
                result.append(Self.key(tokens, end, length).map { rows[$0] } ?? 0)
            }
        }
        return result
    }

    /// The n-gram of `length` tokens whose last is at `end`; nil before the start or with a token that is not known.
    private static func key(_ tokens: [Int32], _ end: Int, _ length: Int) -> UInt64? {
        guard end + 1 >= length else { return nil }
        var key = UInt64(length) << (62 - UInt64(length) * bits)
        for place in end + 1 - length...end {
            guard tokens[place] > Vocabulary.unknownID, tokens[place] < 1 << bits else {
                return nil
            }
            key = key << bits | UInt64(tokens[place])
        }
        return key
    }

    /// Two are equal when they number the same n-grams in the same way.
    public static func == (left: NGramVocabulary, right: NGramVocabulary) -> Bool {
        left.longest == right.longest && left.keys == right.keys
    }
}

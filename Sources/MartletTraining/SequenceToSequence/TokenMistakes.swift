/// A token that was written in place of another, or too much, or left out.
public struct TokenMistake: Codable, Sendable, Hashable {
    /// What would be right; nil: nothing was to be written.
    public var expected: String?
    /// What was written; nil: it was left out.
    public var written: String?

    /// A mistake of these tokens.
    public init(expected: String?, written: String?) {
        self.expected = expected
        self.written = written
    }

    /// The fewest edits that make what would be right of what was written.
    ///
    /// Of equally few, tokens are rather replaced than left out and put in.
    static func between(_ written: [String], _ expected: [String]) -> [TokenMistake] {
        let width = expected.count + 1
        // Edits of the first i written and the first j expected tokens.
        var edits = [Int](repeating: 0, count: (written.count + 1) * width)
        for j in 0..<width { edits[j] = j }
        for (i, token) in written.enumerated() {
            let (row, above) = ((i + 1) * width, i * width)
            edits[row] = i + 1
            for (j, other) in expected.enumerated() {
                edits[row + j + 1] = min(
                    edits[above + j] + (token == other ? 0 : 1),
                    min(edits[above + j + 1], edits[row + j]) + 1)
            }
        }
        var (i, j) = (written.count, expected.count)
        var mistakes: [TokenMistake] = []
        while i > 0 || j > 0 {
            let here = edits[i * width + j]
            if i > 0, j > 0 {
                let isSame = written[i - 1] == expected[j - 1]
                if here == edits[(i - 1) * width + j - 1] + (isSame ? 0 : 1) {
                    (i, j) = (i - 1, j - 1)
                    if !isSame {
                        mistakes.append(.init(expected: expected[j], written: written[i]))
                    }
                    continue
                }
            }
            if i > 0, here == edits[(i - 1) * width + j] + 1 {
                i -= 1
                mistakes.append(.init(expected: nil, written: written[i]))
            } else {
                j -= 1
                mistakes.append(.init(expected: expected[j], written: nil))
            }
        }
        return mistakes.reversed()
    }
}

/// The mistakes that were made most often.
struct TokenMistakeCounter {
    private var counts: [TokenMistake: Int] = [:]

    /// Counts the mistakes of an answer, beside the reference that it is closest to.
    mutating func add(_ written: [String], references: [[String]]) {
        let all = references.map { TokenMistake.between(written, $0) }
        for mistake in all.min(by: { $0.count < $1.count }) ?? [] {
            counts[mistake, default: 0] += 1
        }
    }

    /// The most frequent ones, of equally frequent the first in the alphabet.
    func most(_ limit: Int) -> [SequenceToSequenceRecord.FrequentMistake] {
        counts.sorted { a, b in
            func key(_ mistake: TokenMistake) -> [String] {
                [mistake.expected ?? "", mistake.written ?? ""]
            }
            return a.value != b.value
                ? a.value > b.value : key(a.key).lexicographicallyPrecedes(key(b.key))
        }.prefix(limit).map { .init(mistake: $0.key, count: $0.value) }
    }
}

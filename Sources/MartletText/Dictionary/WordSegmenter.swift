#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Cuts a run of CJK characters into the most probable words, where each word has a probability
/// of its own (a unigram model; the best path by Viterbi's algorithm).
struct WordSegmenter: Sendable {
    /// Number of the word in `scores`, plus one, by ``WordKey``.
    private var places = CountTable()
    private var scores: [Double] = []
    /// The score of a character that is not a word.
    private var unknownScore: Double = -20

    /// A segmenter of `words` and how often each was seen.
    init(_ words: [(key: UInt64, count: Int)]) {
        let total = Double(words.reduce(0) { $0 + $1.count })
        scores.reserveCapacity(words.count)
        for (key, count) in words where count > 0 {
            scores.append(log(Double(count) / total))
            places.add(Int32(scores.count), to: key)
        }
        if total > 0 { unknownScore = log(0.1 / total) }
    }

    /// The lengths of the words of `characters`, in order.
    ///
    /// Among paths of equal probability, the one whose last word is shortest wins.
    func lengths(_ characters: [UInt16]) -> [Int] {
        let count = characters.count
        var best = [Double](repeating: -.infinity, count: count + 1)
        var back = [UInt8](repeating: 1, count: count + 1)
        best[0] = 0
        for end in 1...max(count, 1) where end <= count {
            var key: UInt64 = 0
            for length in 1...min(WordKey.longest, end) {
                key |= UInt64(characters[end - length]) << UInt64(16 * (length - 1))
                let place = places[key]
                if place == 0, length > 1 { continue }
                let score = place == 0 ? unknownScore : scores[Int(place) - 1]
                let candidate = best[end - length] + score
                if candidate > best[end] {
                    best[end] = candidate
                    back[end] = UInt8(length)
                }
            }
        }
        var lengths: [Int] = []
        var end = count
        while end > 0 {
            lengths.append(Int(back[end]))
            end -= Int(back[end])
        }
        return lengths.reversed()
    }
}

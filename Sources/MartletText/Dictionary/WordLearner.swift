#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Finds the words of a text that is written without spaces.
///
/// 1. Candidates are n-grams of two to four characters that are frequent.
/// 2. A word holds together: its parts occur together more often than by chance (normalised pointwise
///    mutual information, Bouma 2009, the least over all ways to part it in two).
/// 3. A word stands in many surroundings: the entropy of its left and of its right neighbours is high.
/// 4. A few rounds of hard expectation-maximisation keep the words that the best segmentation uses.
///
/// Only the text itself is read; there is no given dictionary.
struct WordLearner {
    /// The least number of times that a candidate occurs.
    var minimumCount = 5
    /// The least normalised pointwise mutual information, −1 … 1, for each joint between characters: a longer
    /// word must hold together better, or 喜欢这 would be one.
    var minimumCohesion = 0.2
    /// The least entropy of the neighbours on either side, in nats.
    var minimumEntropy = 0.9
    /// How often the words are counted anew.
    var rounds = 3

    /// The words of `runs` (and all their single characters) for a segmenter.
    func words(in runs: [[UInt16]]) -> [(key: UInt64, count: Int)] {
        let grams = countGrams(runs)
        let characters = runs.reduce(0) { $0 + $1.count }
        let candidates = cohesive(grams, characters: characters)
        var words = separable(candidates, runs: runs)
        grams.forEach { key, count in
            if WordKey.length(key) == 1 { words.append((key, Int(count))) }
        }
        for _ in 0..<rounds { words = recount(words, runs: runs) }
        return words
    }

    /// Counts n-grams; a longer one only where both its shorter halves are frequent enough.
    private func countGrams(_ runs: [[UInt16]]) -> CountTable {
        var grams = CountTable()
        for run in runs {
            for start in run.indices { grams.add(1, to: WordKey.make(run, start, 1)) }
        }
        for length in 2...WordKey.longest {
            var longer = CountTable()
            for run in runs where run.count >= length {
                for start in 0...(run.count - length) {
                    let key = WordKey.make(run, start, length)
                    if grams[WordKey.prefix(key, length - 1)] >= minimumCount,
                        grams[WordKey.suffix(key, length - 1)] >= minimumCount
                    {
                        longer.add(1, to: key)
                    }
                }
            }
            longer.forEach { key, count in
                if count >= minimumCount { grams.add(count, to: key) }
            }
        }
        return grams
    }

    private func cohesive(_ grams: CountTable, characters: Int) -> [(key: UInt64, count: Int)] {
        var kept: [(key: UInt64, count: Int)] = []
        grams.forEach { key, count in
            let length = WordKey.length(key)
            let joints = length - 1
            guard joints > 0 else { return }
            let product = (1..<length).map {
                Double(grams[WordKey.prefix(key, $0)])
                    * Double(grams[WordKey.suffix(key, length - $0)])
            }
            let cohesion =
                log(Double(count) * Double(characters) / product.max()!)
                / log(Double(characters) / Double(count))
            if cohesion >= Double(joints) * minimumCohesion { kept.append((key, Int(count))) }
        }
        return kept
    }

    /// The candidates with many different neighbours on both sides.
    ///
    /// The end of a run is a neighbour that never repeats, as punctuation shows a word's end.
    private func separable(
        _ candidates: [(key: UInt64, count: Int)], runs: [[UInt16]]
    ) -> [(key: UInt64, count: Int)] {
        var places = CountTable()
        for (index, candidate) in candidates.enumerated() {
            places.add(Int32(index + 1), to: candidate.key)
        }
        var neighbours = CountTable()
        for run in runs where run.count > 1 {
            for start in 0..<(run.count - 1) {
                for length in 2...WordKey.longest where start + length <= run.count {
                    let place = places[WordKey.make(run, start, length)]
                    guard place > 0 else { continue }
                    let left = UInt64(place) << 17
                    let right = left | 1 << 16
                    if start > 0 { neighbours.add(1, to: left | UInt64(run[start - 1])) }
                    if start + length < run.count {
                        neighbours.add(1, to: right | UInt64(run[start + length]))
                    }
                }
            }
        }
        // Entropy of counts c that sum to n: log n - (sum of c log c) / n; a lone neighbour adds 0.
        var sums = [Double](repeating: 0, count: candidates.count * 2)
        neighbours.forEach { key, count in
            let place = Int(key >> 17) - 1
            sums[place * 2 + Int(key >> 16 & 1)] += Double(count) * log(Double(count))
        }
        return candidates.indices.filter { index in
            let count = Double(candidates[index].count)
            let least = log(count) - max(sums[index * 2], sums[index * 2 + 1]) / count
            return least >= minimumEntropy
        }.map { candidates[$0] }
    }

    /// Segments everything with `words` and counts the words that come out.
    private func recount(
        _ words: [(key: UInt64, count: Int)], runs: [[UInt16]]
    ) -> [(key: UInt64, count: Int)] {
        let segmenter = DictionarySegmenter(words)
        var used = CountTable()
        for run in runs {
            var start = 0
            for length in segmenter.lengths(run) {
                used.add(1, to: WordKey.make(run, start, length))
                start += length
            }
        }
        return words.compactMap { word in
            let count = Int(used[word.key])
            // A character stays a word, however rare, so that every text has a segmentation.
            return WordKey.length(word.key) == 1
                ? (word.key, max(count, 1)) : count >= minimumCount ? (word.key, count) : nil
        }
    }
}

import MartletData
import MartletText

/// Sources, each once, with all that would be right for it: what answers are judged by.
struct JudgedSources {
    private(set) var texts: [String] = []
    private(set) var sequences: [[Int32]] = []
    /// Of each the words that are not known, where they can be copied.
    private(set) var words: [[String]] = []
    private(set) var references: [[String]] = []

    /// The sources of some pairs; where there are more than `limit`, so many at even distances.
    init(_ pairs: PairSequences, limit: Int = .max) {
        var places: [String: Int] = [:]
        for (index, pair) in pairs.pairs.enumerated() {
            if let place = places[pair.source] {
                references[place].append(pair.target)
            } else {
                places[pair.source] = texts.count
                texts.append(pair.source)
                sequences.append(pairs.sources[index])
                words.append(pairs.words[index])
                references.append([pair.target])
            }
        }
        let count = texts.count
        if count > limit { self = selecting((0..<limit).map { $0 * count / limit }) }
    }

    /// Some of the sources.
    func selecting(_ rows: [Int]) -> JudgedSources {
        var part = self
        part.texts = rows.map { texts[$0] }
        part.sequences = rows.map { sequences[$0] }
        part.words = rows.map { words[$0] }
        part.references = rows.map { references[$0] }
        return part
    }

    /// Answers beside what would be right.
    func parallel(_ answers: [String]) throws -> ParallelTexts {
        try ParallelTexts(hypotheses: answers, references: references)
    }

    /// The sources in at most so many groups of like size, by their length in tokens; those of one length are in one group.
    func groups(atMost count: Int) -> [[Int]] {
        let order = sequences.indices.sorted {
            (sequences[$0].count, $0) < (sequences[$1].count, $1)
        }
        var groups: [[Int]] = []
        for (place, row) in order.enumerated() {
            let wanted = place * count / order.count
            let isSame =
                place > 0 && sequences[order[place - 1]].count == sequences[row].count
            if groups.isEmpty || wanted >= groups.count && !isSame { groups.append([]) }
            groups[groups.count - 1].append(row)
        }
        return groups
    }
}

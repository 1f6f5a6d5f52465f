#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Cuts text that is written without spaces into words: those of a dictionary by how often they were seen, and new ones.
///
/// Of all ways to cut, the most probable one is taken, where each word has a probability of its own (a unigram model;
/// the best path by Viterbi's algorithm). A word that is not in the dictionary has the probability that the words seen
/// once tell (``UnknownWordModel``). White space parts words and is left out. The work is linear in the text's length.
///
/// Words of a user dictionary always win: wherever one stands in the text, it is cut out as it is, the leftmost first and
/// of several the longest.
public struct DictionarySegmenter: Sendable {
    private var known = ScalarTrie()
    private let unknown: UnknownWordModel
    private var user = ScalarTrie()

    /// A segmenter with the words of `dictionary`, and those of `userWords`, which always win.
    public init(_ dictionary: WordDictionary, userWords: [String] = []) {
        let total = Double(max(dictionary.total, 1))
        for (word, count) in dictionary.words {
            known.insert(word.unicodeScalars.map(\.value), log(Double(count) / total))
        }
        unknown = UnknownWordModel(dictionary.words, total: dictionary.total)
        for word in userWords where !word.isEmpty {
            user.insert(word.unicodeScalars.map(\.value), 0)
        }
    }

    /// A segmenter of words by their ``WordKey`` with their counts, in which every character that no word has is alone; a word
    /// with the count 0 is none.
    init(_ words: [(key: UInt64, count: Int)]) {
        let total = words.reduce(0) { $0 + $1.count }
        for (key, count) in words where count > 0 {
            known.insert(WordKey.characters(key), log(Double(count) / Double(total)))
        }
        unknown = UnknownWordModel([], total: total, longest: 1)
    }

    /// The words of `text`.
    public func words(_ text: String) -> [String] {
        var text = text
        return text.withUTF8 { bytes in
            ranges(bytes).map {
                String(decoding: UnsafeBufferPointer(rebasing: bytes[$0]), as: UTF8.self)
            }
        }
    }

    /// Where the words of valid UTF-8 lie.
    func ranges(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var scalars: [UInt32] = []
        // Where each character begins, and where the last one ends.
        var offsets = [0]
        scalars.reserveCapacity(bytes.count / 2)
        offsets.reserveCapacity(bytes.count / 2)
        var offset = 0
        forEachScalar(bytes) { scalar in
            scalars.append(scalar)
            offset += scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
            offsets.append(offset)
        }
        var words: [Range<Int>] = []
        var path = SegmentPath()
        var start = 0
        var place = 0
        func close(_ end: Int) {
            if end > start { path.cut(scalars, start..<end, known, unknown, into: &words) }
        }
        while place < scalars.count {
            if Self.isSpace(scalars[place]) {
                close(place)
                place += 1
                start = place
            } else if let end = userWordEnd(scalars, place) {
                close(place)
                words.append(place..<end)
                place = end
                start = end
            } else {
                place += 1
            }
        }
        close(place)
        return words.map { offsets[$0.lowerBound]..<offsets[$0.upperBound] }
    }

    /// Where the words of characters lie that have neither white space nor user words among them.
    func words(of scalars: [UInt32]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var path = SegmentPath()
        path.cut(scalars, scalars.indices, known, unknown, into: &words)
        return words
    }

    /// Where the longest user word from `place` on ends.
    private func userWordEnd(_ scalars: [UInt32], _ place: Int) -> Int? {
        guard !user.isEmpty else { return nil }
        var node = ScalarTrie.root
        var longest: Int?
        for end in place..<scalars.count {
            guard let next = user.next(node, scalars[end]) else { break }
            node = next
            if !user.value(node).isNaN { longest = end + 1 }
        }
        return longest
    }

    /// White space of Unicode, and the control characters below it.
    private static func isSpace(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            true
        default: false
        }
    }
}

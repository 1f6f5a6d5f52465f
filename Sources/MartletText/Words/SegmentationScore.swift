/// How well a segmenter finds the words of a text that somebody cut by hand.
public struct SegmentationScore: Sendable, Equatable {
    /// Words that both have, at the same place.
    public private(set) var right = 0
    /// Words that the segmenter found.
    public private(set) var found = 0
    /// Words there are.
    public private(set) var wanted = 0
    /// Words there are that the dictionary does not have, and how many of them were found.
    public private(set) var new = (wanted: 0, right: 0)

    /// Nothing compared yet.
    public init() {}

    /// Compares what a segmenter makes of the words, put together without spaces.
    ///
    /// - Parameter isKnown: whether the dictionary has a word.
    public mutating func add(
        _ words: [String], _ segmenter: DictionarySegmenter, isKnown: (String) -> Bool
    ) {
        var text = words.joined()
        let cut = text.withUTF8 { segmenter.ranges($0) }
        found += cut.count
        wanted += words.count
        var place = 0
        var index = 0
        for word in words {
            let range = place..<place + word.utf8.count
            while index < cut.count, cut[index].lowerBound < range.lowerBound { index += 1 }
            let isRight = index < cut.count && cut[index] == range
            if isRight { right += 1 }
            if !isKnown(word) {
                new.wanted += 1
                if isRight { new.right += 1 }
            }
            place = range.upperBound
        }
    }

    /// The share of the found words that are right.
    public var precision: Double { found == 0 ? 0 : Double(right) / Double(found) }
    /// The share of the words there are that were found.
    public var recall: Double { wanted == 0 ? 0 : Double(right) / Double(wanted) }
    /// The harmonic mean of precision and recall.
    public var f1: Double {
        right == 0 ? 0 : 2 * precision * recall / (precision + recall)
    }
    /// The share of the words that the dictionary does not have that were found; nil where there are none.
    public var newRecall: Double? {
        new.wanted == 0 ? nil : Double(new.right) / Double(new.wanted)
    }

    /// Equal counts.
    public static func == (left: SegmentationScore, right: SegmentationScore) -> Bool {
        left.right == right.right && left.found == right.found && left.wanted == right.wanted
            && left.new == right.new
    }
}

import MartletText

/// Texts as bags of n-grams: of one to three characters where the texts are Chinese or Japanese, else of one or
/// two words, in lower case.
struct NGramFeatures: Sendable {
    let isCJK: Bool
    /// The number of an n-gram, by its hash.
    private let places: [UInt64: Int32]
    /// How much an n-gram weighs: `1 + log((1 + texts) / (1 + texts that have it))`.
    private let rarity: [Float]

    /// A feature and its weight in a text.
    struct Entry {
        var place: Int32
        var weight: Float
    }

    /// How many features there are.
    var count: Int { rarity.count }

    /// The n-grams that at least two of the texts have.
    init(_ texts: [String]) {
        isCJK = isMostlyCJK(texts)
        var holders: [UInt64: Int32] = [:]
        var order: [UInt64] = []
        for text in texts {
            for hash in Set(Self.hashes(text, isCJK)) { holders[hash, default: 0] += 1 }
        }
        for (hash, number) in holders where number >= 2 { order.append(hash) }
        order.sort()
        rarity = order.map { hash in
            1 + logarithm(Float(1 + texts.count) / Float(1 + holders[hash]!))
        }
        places = Dictionary(
            uniqueKeysWithValues: order.enumerated().map { ($1, Int32($0)) })
    }

    /// The features of a text, each once, in rising order; their squares sum to 1.
    func entries(_ text: String) -> [Entry] {
        var found = Self.hashes(text, isCJK).compactMap { places[$0] }
        found.sort()
        var entries: [Entry] = []
        var start = 0
        while start < found.count {
            var end = start
            while end < found.count, found[end] == found[start] { end += 1 }
            let weight = (1 + logarithm(Float(end - start))) * rarity[Int(found[start])]
            entries.append(Entry(place: found[start], weight: weight))
            start = end
        }
        let length = entries.reduce(0) { $0 + $1.weight * $1.weight }.squareRoot()
        for place in entries.indices { entries[place].weight /= length }
        return entries
    }

    /// The hashes of all n-grams of a text, FNV-1a over their units.
    private static func hashes(_ text: String, _ isCJK: Bool) -> [UInt64] {
        let units: [UInt64] =
            isCJK
            ? text.lowercased().unicodeScalars.filter { !$0.properties.isWhitespace }.map {
                UInt64($0.value)
            }
            : words(text)
        var hashes: [UInt64] = []
        hashes.reserveCapacity(units.count * 3)
        for start in units.indices {
            var hash: UInt64 = 0xCBF2_9CE4_8422_2325
            for end in start..<min(start + (isCJK ? 3 : 2), units.count) {
                hash = (hash ^ units[end]) &* 0x0000_0100_0000_01B3
                hash ^= hash >> 29
                hashes.append(hash)
            }
        }
        return hashes
    }

    private static func words(_ text: String) -> [UInt64] {
        wordSplitter.tokens(text).map { word in
            word.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        }
    }

    /// Cuts into words as a classifier's tokenizer does; its vocabulary plays no part.
    private static let wordSplitter = Tokenizer.train(on: [], kind: .words)
}

/// Different words and how often each was seen: what every trainer learns from.
///
/// The words are ordered by their bytes, so that the same counts give the same table, whoever counted.
public struct WordCounts: Sendable {
    private let bytes: [UInt8]
    private let ends: [Int]
    private let numbers: [Int]
    /// How many words there are in all.
    public let total: Int

    init(_ table: WordCountTable) {
        let order = (0..<table.count).sorted { precedes(table[$0], table[$1]) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(table.ends.last ?? 0)
        var ends: [Int] = []
        ends.reserveCapacity(order.count)
        for index in order {
            bytes.append(contentsOf: table[index])
            ends.append(bytes.count)
        }
        self.bytes = bytes
        self.ends = ends
        numbers = order.map { table.counts[$0] }
        total = numbers.reduce(0, +)
    }

    /// Words with their counts; a word that stands there twice is counted together.
    ///
    /// - Precondition: no count is negative. Words with the count 0 and empty words are left out.
    public init(_ words: some Sequence<(String, Int)>) {
        let table = WordCountTable()
        for (word, count) in words where count != 0 {
            precondition(count > 0, "WordCounts: \(word) has the count \(count)")
            var word = word
            word.withUTF8 { table.add($0, count) }
        }
        self.init(table)
    }

    /// How many different words there are.
    public var count: Int { ends.count }

    /// The UTF-8 of word `index`.
    public func word(_ index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// How often word `index` was seen.
    public func count(of index: Int) -> Int { numbers[index] }

    /// The bytes of all words.
    var byteCount: Int { bytes.count }

    /// Calls `body` with each word's UTF-8 and its count.
    func forEach(_ body: (_ word: UnsafeBufferPointer<UInt8>, _ count: Int) -> Void) {
        bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for (end, number) in zip(ends, numbers) {
                body(UnsafeBufferPointer(rebasing: bytes[start..<end]), number)
                start = end
            }
        }
    }

    /// How often each character stands in the words, by its scalar value.
    func characterCounts() -> [UInt32: Int] {
        var counts: [UInt32: Int] = [:]
        forEach { word, count in
            forEachScalar(word) { counts[$0, default: 0] += count }
        }
        return counts
    }

    /// The `limit` most frequent of counted characters (nil: all; of equally frequent ones the smaller), in order.
    static func alphabet(_ counts: [UInt32: Int], limit: Int?) -> [UInt32] {
        guard let limit, counts.count > limit else { return counts.keys.sorted() }
        return counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(max(0, limit))
            .map(\.key).sorted()
    }
}

/// Whether `left` comes before `right`, byte by byte.
func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
    let shared = min(left.count, right.count)
    var place = 0
    while place < shared {
        if left[place] != right[place] { return left[place] < right[place] }
        place += 1
    }
    return left.count < right.count
}

/// Calls `body` with each scalar of valid UTF-8.
func forEachScalar(_ bytes: UnsafeBufferPointer<UInt8>, _ body: (_ scalar: UInt32) -> Void) {
    var place = 0
    while place < bytes.count {
        let first = UInt32(bytes[place])
        if first < 0x80 {
            body(first)
            place += 1
            continue
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        var scalar = first & (0x7F >> UInt32(length))
        for next in place + 1..<place + length { scalar = scalar << 6 | UInt32(bytes[next] & 0x3F) }
        body(scalar)
        place += length
    }
}

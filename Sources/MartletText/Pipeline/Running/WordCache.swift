/// The tokens of words that were seen before; a worker has its own.
///
/// Words and numbers lie end to end. It is emptied when it is full, so that it never grows without bound.
struct WordCache: ~Copyable {
    private struct Entry: BitwiseCopyable {
        var hash: UInt64
        var word: UInt32
        var ids: UInt32
        var wordCount: UInt16
        /// One more than how many numbers; 0 is a free place.
        var idCount: UInt16
    }

    /// Longer words are not kept.
    static let longestWord = 64
    private static let largestSize = 1 << 16
    private static let largestWords = 1 << 21

    private var entries: UnsafeMutablePointer<Entry>
    private var size = 1 << 10
    private var count = 0
    private var words = FlatBuffer<UInt8>(capacity: 1 << 14)
    private var numbers = FlatBuffer<Int32>(capacity: 1 << 12)

    init() {
        entries = .allocate(capacity: size)
        Self.clear(entries, size)
    }

    deinit { entries.deallocate() }

    private static func clear(_ entries: UnsafeMutablePointer<Entry>, _ size: Int) {
        entries.update(
            repeating: Entry(hash: 0, word: 0, ids: 0, wordCount: 0, idCount: 0), count: size)
    }

    /// Appends the numbers of a word whose hash is `key`; false where it is not known.
    @inline(__always)
    func append(
        _ word: UnsafePointer<UInt8>, _ length: Int, _ key: UInt64,
        to ids: inout FlatBuffer<Int32>
    ) -> Bool {
        var place = Int(truncatingIfNeeded: key) & (size - 1)
        while true {
            let entry = entries[place]
            if entry.idCount == 0 { return false }
            if entry.hash == key, Int(entry.wordCount) == length,
                equal(words.base + Int(entry.word), word, length)
            {
                let known = numbers.base + Int(entry.ids)
                let number = Int(entry.idCount) - 1
                ids.reserve(number)
                for index in 0..<number { ids.base[ids.count + index] = known[index] }
                ids.count += number
                return true
            }
            place = (place + 1) & (size - 1)
        }
    }

    /// Keeps the numbers of a word that is not known.
    mutating func insert(
        _ word: UnsafePointer<UInt8>, _ length: Int, _ key: UInt64,
        _ ids: UnsafePointer<Int32>, _ number: Int
    ) {
        guard number < Int(UInt16.max) else { return }
        if count * 2 >= size { grow() }
        if words.count > Self.largestWords { removeAll() }
        var place = Int(truncatingIfNeeded: key) & (size - 1)
        while entries[place].idCount != 0 { place = (place + 1) & (size - 1) }
        entries[place] = Entry(
            hash: key, word: UInt32(words.count), ids: UInt32(numbers.count),
            wordCount: UInt16(length), idCount: UInt16(number + 1))
        words.append(word, length)
        numbers.append(ids, number)
        count += 1
    }

    private mutating func removeAll() {
        Self.clear(entries, size)
        words.count = 0
        numbers.count = 0
        count = 0
    }

    private mutating func grow() {
        guard size < Self.largestSize else { return removeAll() }
        let (old, oldSize) = (entries, size)
        size *= 4
        entries = .allocate(capacity: size)
        Self.clear(entries, size)
        for index in 0..<oldSize where old[index].idCount != 0 {
            var place = Int(truncatingIfNeeded: old[index].hash) & (size - 1)
            while entries[place].idCount != 0 { place = (place + 1) & (size - 1) }
            entries[place] = old[index]
        }
        old.deallocate()
    }
}

/// The pairs that wait to be merged: the most frequent first, among equals the one with the smaller numbers.
struct PairQueue {
    /// A pair as it was counted when it was queued, with the words it was found in.
    struct Entry {
        var count: Int
        var key: UInt64
        /// The pair's number.
        var pair: UInt32
        /// The first node of its list of words.
        var first: Int32

        func precedes(_ other: Entry) -> Bool {
            count != other.count ? count > other.count : key < other.key
        }
    }

    /// A heap with four children a node.
    private var entries: [Entry] = []

    /// Adds an entry.
    mutating func push(_ entry: Entry) {
        var place = entries.count
        entries.append(entry)
        while place > 0 {
            let parent = (place - 1) / 4
            guard entry.precedes(entries[parent]) else { break }
            entries[place] = entries[parent]
            place = parent
        }
        entries[place] = entry
    }

    /// Removes the first entry; nil where there is none.
    mutating func pop() -> Entry? {
        guard let first = entries.first, let moved = entries.popLast() else { return nil }
        guard !entries.isEmpty else { return first }
        var place = 0
        while true {
            let children = place * 4 + 1
            guard children < entries.count else { break }
            var best = children
            for child in children + 1..<max(children + 1, min(children + 4, entries.count))
            where entries[child].precedes(entries[best]) { best = child }
            guard entries[best].precedes(moved) else { break }
            entries[place] = entries[best]
            place = best
        }
        entries[place] = moved
        return first
    }
}

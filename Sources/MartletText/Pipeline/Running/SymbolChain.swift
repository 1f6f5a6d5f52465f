/// The symbols of one word, and their merging; a worker has its own.
///
/// Short words are merged by looking for the best pair again and again, in an array that shrinks; long ones by a heap of
/// pairs over a linked list, in n log n. Either way the pair of the lowest rank goes first, of equal ones the leftmost.
struct SymbolChain: ~Copyable {
    private(set) var ids = FlatBuffer<Int32>()
    private(set) var lengths = FlatBuffer<Int32>()
    private var ranks = FlatBuffer<UInt64>()
    private var previous = FlatBuffer<Int32>()
    private var next = FlatBuffer<Int32>()
    private var heap = FlatBuffer<UInt64>()
    private var skipped = FlatBuffer<UInt64>()
    /// Up to so many symbols the array is faster than the heap.
    private static let shortCount = 96

    /// How many symbols there are.
    var count: Int { ids.count }

    mutating func removeAll() {
        ids.count = 0
        lengths.count = 0
    }

    /// Adds a symbol of `length` bytes.
    @inline(__always)
    mutating func append(_ id: Int32, _ length: Int) {
        ids.append(id)
        lengths.append(Int32(truncatingIfNeeded: length))
    }

    /// Merges all that can be merged; `dropout`: how likely a merge is put off.
    mutating func merge(_ merges: MergeTable, dropout: Float) {
        guard count > 1 else { return }
        if dropout > 0 || count > Self.shortCount {
            mergeLong(merges, dropout)
        } else {
            mergeShort(merges)
        }
    }

    private mutating func mergeShort(_ merges: MergeTable) {
        var count = ids.count
        ranks.count = 0
        ranks.reserve(count)
        let (ids, lengths, ranks) = (self.ids.base, self.lengths.base, self.ranks.base)
        for index in 0..<count - 1 { ranks[index] = merges.find(ids[index], ids[index + 1]) }
        while count > 1 {
            var best = MergeTable.none
            var place = -1
            for index in 0..<count - 1 where ranks[index] < best {
                best = ranks[index]
                place = index
            }
            guard place >= 0 else { break }
            ids[place] = Int32(truncatingIfNeeded: best)
            lengths[place] += lengths[place + 1]
            count -= 1
            var index = place + 1
            while index < count {
                ids[index] = ids[index + 1]
                lengths[index] = lengths[index + 1]
                ranks[index] = ranks[index + 1]
                index += 1
            }
            if place > 0 { ranks[place - 1] = merges.find(ids[place - 1], ids[place]) }
            if place + 1 < count { ranks[place] = merges.find(ids[place], ids[place + 1]) }
        }
        self.ids.count = count
        self.lengths.count = count
    }

    private mutating func mergeLong(_ merges: MergeTable, _ dropout: Float) {
        let count = ids.count
        previous.count = 0
        next.count = 0
        heap.count = 0
        skipped.count = 0
        previous.reserve(count)
        next.reserve(count)
        for index in 0..<count {
            previous.append(Int32(index - 1))
            next.append(index + 1 < count ? Int32(index + 1) : -1)
        }
        for index in 0..<count - 1 { push(merges, index, index + 1) }
        var random = SystemRandomNumberGenerator()
        while let top = pop() {
            if dropout > 0, Float.random(in: 0..<1, using: &random) < dropout {
                skipped.append(top)
                continue
            }
            for index in 0..<skipped.count { push(skipped[index]) }
            skipped.count = 0
            let place = Int(top & 0xFFFF_FFFF)
            guard lengths[place] != 0, next[place] >= 0 else { continue }
            let right = Int(next[place])
            let merge = merges.find(ids[place], ids[right])
            guard merge != MergeTable.none, merge >> 32 == top >> 32 else { continue }
            ids[place] = Int32(truncatingIfNeeded: merge)
            lengths[place] += lengths[right]
            lengths[right] = 0
            next[place] = next[right]
            if next[place] >= 0 { previous[Int(next[place])] = Int32(place) }
            if previous[place] >= 0 { push(merges, Int(previous[place]), place) }
            if next[place] >= 0 { push(merges, place, Int(next[place])) }
        }
        var kept = 0
        for index in 0..<count where lengths[index] != 0 {
            ids[kept] = ids[index]
            lengths[kept] = lengths[index]
            kept += 1
        }
        ids.count = kept
        lengths.count = kept
    }

    @inline(__always)
    private mutating func push(_ merges: MergeTable, _ left: Int, _ right: Int) {
        let merge = merges.find(ids[left], ids[right])
        if merge != MergeTable.none { push((merge >> 32) << 32 | UInt64(left)) }
    }

    private mutating func push(_ key: UInt64) {
        heap.append(key)
        var place = heap.count - 1
        while place > 0 {
            let parent = (place - 1) / 2
            if heap[parent] <= key { break }
            heap[place] = heap[parent]
            place = parent
        }
        heap[place] = key
    }

    private mutating func pop() -> UInt64? {
        guard heap.count > 0 else { return nil }
        let top = heap[0]
        heap.count -= 1
        let last = heap[heap.count]
        var place = 0
        while true {
            var child = place * 2 + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
            if last <= heap[child] { break }
            heap[place] = heap[child]
            place = child
        }
        heap[place] = last
        return top
    }
}

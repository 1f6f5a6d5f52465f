/// The symbols of one word, and their merging; a worker has its own.
///
/// Short words are merged by looking for the best pair again and again, four pairs at a time; long ones by a heap of pairs,
/// in n log n. Either way the pair of the lowest rank goes first, of equal ones the leftmost.
struct SymbolChain: ~Copyable {
    private(set) var ids = FlatBuffer<Int32>()
    private(set) var lengths = FlatBuffer<Int32>()
    private var shortRanks = FlatBuffer<Int32>()
    private var joined = FlatBuffer<Int32>()
    private var previous = FlatBuffer<Int32>()
    private var next = FlatBuffer<Int32>()
    private var heap = FlatBuffer<UInt64>()
    private var skipped = FlatBuffer<UInt64>()
    /// Up to so many symbols looking through all pairs is faster than the heap.
    private static let shortCount = 192

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
        let count = ids.count
        // Ranks are looked through four at a time: the row is filled up with pairs that are never joined.
        let padded = (count + 3) & ~3
        shortRanks.count = 0
        joined.count = 0
        previous.count = 0
        next.count = 0
        shortRanks.reserve(padded)
        joined.reserve(count)
        previous.reserve(count)
        next.reserve(count)
        let (ids, lengths, ranks, joined) = (ids.base, lengths.base, shortRanks.base, joined.base)
        let (previous, next) = (previous.base, next.base)
        @inline(__always)
        func look(_ left: Int, _ right: Int) {
            let merge = merges.find(ids[left], ids[right])
            ranks[left] = merge == MergeTable.none ? .max : Int32(truncatingIfNeeded: merge >> 32)
            joined[left] = Int32(truncatingIfNeeded: merge)
        }
        for index in 0..<count {
            previous[index] = Int32(truncatingIfNeeded: index) - 1
            next[index] = Int32(truncatingIfNeeded: index) + 1
        }
        for index in 0..<count - 1 { look(index, index + 1) }
        for index in count - 1..<padded { ranks[index] = .max }
        let raw = UnsafeRawPointer(ranks)
        while true {
            var least = SIMD4<Int32>(repeating: .max)
            var place = 0
            while place < padded {
                let four = raw.loadUnaligned(fromByteOffset: place * 4, as: SIMD4<Int32>.self)
                least = pointwiseMin(least, four)
                place += 4
            }
            let best = least.min()
            guard best != .max else { break }
            place = 0
            while ranks[place] != best { place += 1 }
            let right = Int(next[place])
            ids[place] = joined[place]
            lengths[place] += lengths[right]
            lengths[right] = 0
            ranks[right] = .max
            let after = Int(next[right])
            next[place] = Int32(truncatingIfNeeded: after)
            if after < count {
                previous[after] = Int32(truncatingIfNeeded: place)
                look(place, after)
            } else {
                ranks[place] = .max
            }
            if previous[place] >= 0 { look(Int(previous[place]), place) }
        }
        compact(count)
    }

    /// Puts the symbols that are left side by side.
    private mutating func compact(_ count: Int) {
        var kept = 0
        for index in 0..<count where lengths[index] != 0 {
            ids[kept] = ids[index]
            lengths[kept] = lengths[index]
            kept += 1
        }
        ids.count = kept
        lengths.count = kept
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
        compact(count)
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

/// The places of a text in the order of what follows them, compared up to a depth or the end of a word.
struct SuffixOrder {
    /// The places.
    private(set) var places: [UInt32]
    /// How many characters each place's text shares with that of the place before it, up to the depth.
    private(set) var shared: [UInt8]

    /// The order of all places of `symbols` that are not 0; a word ends at a 0, and two ends are never equal.
    init(_ symbols: [UInt32], alphabetCount: Int, depth: Int) {
        precondition(symbols.count < Int(UInt32.max), "SuffixOrder: the words are longer than 2^32")
        // First by the first character, then each group by the rest.
        var ends = [Int](repeating: 0, count: alphabetCount + 2)
        for symbol in symbols { ends[Int(symbol) + 1] += 1 }
        ends[1] = 0
        for index in 1..<ends.count { ends[index] += ends[index - 1] }
        let bounds = ends
        var places = [UInt32](repeating: 0, count: ends[alphabetCount + 1])
        for (place, symbol) in symbols.enumerated() where symbol != 0 {
            places[ends[Int(symbol)]] = UInt32(place)
            ends[Int(symbol)] += 1
        }
        var shared = [UInt8](repeating: 0, count: places.count)
        symbols.withUnsafeBufferPointer { symbols in
            places.withUnsafeMutableBufferPointer { places in
                for symbol in 1..<max(2, bounds.count - 1) where symbol < bounds.count - 1 {
                    Self.sort(places, bounds[symbol], bounds[symbol + 1], symbols, 1, depth)
                }
                for rank in places.indices.dropFirst() {
                    shared[rank] = Self.sharedLength(
                        symbols, Int(places[rank - 1]), Int(places[rank]), depth)
                }
            }
        }
        self.places = places
        self.shared = shared
    }

    /// Sorts `places[low..<high]`, which share `offset` characters: quicksort by one character in three parts.
    private static func sort(
        _ places: UnsafeMutableBufferPointer<UInt32>, _ low: Int, _ high: Int,
        _ symbols: UnsafeBufferPointer<UInt32>, _ offset: Int, _ depth: Int
    ) {
        var (low, high, offset) = (low, high, offset)
        while high - low > 1, offset < depth {
            if high - low < 12 {
                insertionSort(places, low, high, symbols, offset, depth)
                return
            }
            let pivot = median(
                symbols[Int(places[low]) + offset], symbols[Int(places[(low + high) / 2]) + offset],
                symbols[Int(places[high - 1]) + offset])
            var (less, scan, greater) = (low, low, high)
            while scan < greater {
                let symbol = symbols[Int(places[scan]) + offset]
                if symbol < pivot {
                    places.swapAt(less, scan)
                    less += 1
                    scan += 1
                } else if symbol > pivot {
                    greater -= 1
                    places.swapAt(scan, greater)
                } else {
                    scan += 1
                }
            }
            sort(places, low, less, symbols, offset, depth)
            sort(places, greater, high, symbols, offset, depth)
            // Where words end nothing follows: their order is that of the places, for the same result every time.
            if pivot == 0 {
                places[less..<greater].sort()
                return
            }
            (low, high, offset) = (less, greater, offset + 1)
        }
        if high - low > 1 { places[low..<high].sort() }
    }

    private static func insertionSort(
        _ places: UnsafeMutableBufferPointer<UInt32>, _ low: Int, _ high: Int,
        _ symbols: UnsafeBufferPointer<UInt32>, _ offset: Int, _ depth: Int
    ) {
        for next in low + 1..<high {
            let moved = places[next]
            var place = next
            while place > low,
                isOrdered(symbols, Int(moved), Int(places[place - 1]), offset, depth)
            {
                places[place] = places[place - 1]
                place -= 1
            }
            places[place] = moved
        }
    }

    private static func isOrdered(
        _ symbols: UnsafeBufferPointer<UInt32>, _ left: Int, _ right: Int, _ offset: Int,
        _ depth: Int
    ) -> Bool {
        for step in offset..<max(offset, depth) {
            let (a, b) = (symbols[left + step], symbols[right + step])
            if a != b { return a < b }
            if a == 0 { break }
        }
        return left < right
    }

    private static func sharedLength(
        _ symbols: UnsafeBufferPointer<UInt32>, _ left: Int, _ right: Int, _ depth: Int
    ) -> UInt8 {
        var length = 0
        while length < depth, symbols[left + length] == symbols[right + length],
            symbols[left + length] != 0
        {
            length += 1
        }
        return UInt8(length)
    }

    private static func median(_ a: UInt32, _ b: UInt32, _ c: UInt32) -> UInt32 {
        max(min(a, b), min(max(a, b), c))
    }
}

/// Numbers pairs of numbers from 0 on, in the order in which they come: equal pairs have equal numbers.
struct PairNumbering {
    private static let free = UInt64.max
    private var keys: [UInt64]
    private var numbers: [UInt32]
    private let shift: UInt64
    /// How many different pairs there were.
    private(set) var count: UInt32 = 0

    /// Room for so many different pairs.
    init(capacity: Int) {
        var bits = 4
        while 1 << bits < 2 * capacity { bits += 1 }
        keys = [UInt64](repeating: Self.free, count: 1 << bits)
        numbers = [UInt32](repeating: 0, count: 1 << bits)
        shift = UInt64(64 - bits)
    }

    /// The number of a pair. Two largest numbers must not come together.
    mutating func number(_ first: UInt32, _ second: UInt32) -> UInt32 {
        let key = UInt64(first) << 32 | UInt64(second)
        let hash = (key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: hash >> shift)
        while keys[slot] != key {
            if keys[slot] == Self.free {
                keys[slot] = key
                numbers[slot] = count
                count += 1
                break
            }
            slot = (slot + 1) & (keys.count - 1)
        }
        return numbers[slot]
    }
}

/// The n-grams of some texts, as numbers: equal n-grams have equal numbers, in whatever text.
///
/// It begins with n-grams of one unit. One of n units is the pair of the n-gram of its first n − 1 and its last, so that no
/// n-gram is ever taken for another.
struct NGramNumbering {
    private let units: [[UInt32]]
    /// The n-grams of each text, from its beginning to its end.
    private(set) var texts: [[UInt32]]
    /// How many different n-grams there are.
    private(set) var count = 0
    /// How many units an n-gram has.
    private(set) var order = 0

    /// The n-grams of one unit of texts, which are numbers below 2³² − 1.
    init(_ texts: [[UInt32]]) {
        units = texts
        // Each unit follows an n-gram of none.
        self.texts = texts.map { [UInt32](repeating: 0, count: $0.count + 1) }
        lengthen()
    }

    /// Goes on to the n-grams with one more unit.
    mutating func lengthen() {
        var numbering = PairNumbering(capacity: texts.reduce(0) { $0 + $1.count })
        for index in texts.indices {
            let (text, shorter) = (units[index], texts[index])
            guard text.count > order else {
                texts[index] = []
                continue
            }
            texts[index] = (0..<text.count - order).map {
                numbering.number(shorter[$0], text[$0 + order])
            }
        }
        count = Int(numbering.count)
        order += 1
    }

    /// How often each n-gram occurs in a text, by its number.
    func counts(_ text: Int) -> [Int32] {
        var counts = [Int32](repeating: 0, count: count)
        for number in texts[text] { counts[Int(number)] += 1 }
        return counts
    }

    /// How many n-grams of a text are in a bag that has each as often as `counts` says: each is taken out of it.
    func matches(_ text: Int, in counts: consuming [Int32]) -> Int {
        var matches = 0
        for number in texts[text] where counts[Int(number)] > 0 {
            counts[Int(number)] -= 1
            matches += 1
        }
        return matches
    }
}

/// Numbers for words: equal words have equal numbers, in whatever text.
func wordNumbers(_ texts: [[ArraySlice<UInt32>]]) -> [[UInt32]] {
    var numbering = PairNumbering(
        capacity: texts.reduce(0) { $1.reduce($0) { $0 + $1.count } })
    return texts.map { words in
        words.map { word in
            // The number of its beginning and the next scalar give the next number; 0 is the empty beginning.
            word.reduce(0) { numbering.number($0, $1) + 1 }
        }
    }
}

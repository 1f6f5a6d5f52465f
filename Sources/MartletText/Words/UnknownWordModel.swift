#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How probable a word is that no dictionary has.
///
/// What was seen once stands for what was never seen (Good 1953): a new word has their share of the corpus, their
/// lengths, and their characters, each by whether it begins, continues or ends a word, or is one:
///
///     P(word) = P(seen once) · P(length) · Π P(character | its place in the word)
///
/// Words with digits or letters go by their shape instead, in which a run of digits is one `0` and a run of letters one
/// `a`: 1998年 is as probable as all words of the shape 0年, shared out among its digits.
struct UnknownWordModel: Sendable {
    /// The longest new word without digits and letters, in characters, where nothing else is said.
    static let usualLength = 6
    /// The longest new word here.
    let longest: Int

    /// The probability's logarithm of new words by length; index 0 is not used.
    private var lengths: [Double]
    /// The number of each character (by its scalar value plus one) that was seen in words seen once; the others are 0.
    private var numbers = CountTable()
    /// The probabilities' logarithms of character c at place p: at 4 c + p.
    private var characters: [Double] = []
    /// The shapes of words with digits and letters, with their probabilities' logarithms.
    private(set) var shapes = ScalarTrie()

    /// Where a character stands in a word.
    enum Place: Int {
        case first, middle, last, alone
    }

    /// What stands for a digit in shapes: `0`.
    static let digit: UInt32 = 0x30
    /// What stands for a Latin letter in shapes: `a`.
    static let letter: UInt32 = 0x61

    /// The logarithms of how many digits and letters there are: what a run's each sign costs.
    static let digitCost = log(10.0)
    static let letterCost = log(26.0)

    /// What words and their counts, which sum to `total`, tell of others, of up to `longest` characters.
    init(_ words: [(word: String, count: Int)], total: Int, longest: Int = usualLength) {
        self.longest = longest
        let total = Double(max(total, 1))
        var lengthCounts = [Double](repeating: 0.1, count: longest + 1)
        var placeCounts: [[UInt32: Double]] = Array(repeating: [:], count: 4)
        var shapeCounts: [[UInt32]: Int] = [[Self.digit]: 1, [Self.letter]: 1]
        var once = 0.0
        for (word, count) in words {
            let scalars = word.unicodeScalars.map(\.value)
            guard !scalars.contains(where: { Self.isRun(Self.sign($0)) }) else {
                shapeCounts[Self.shape(scalars), default: 0] += count
                continue
            }
            guard count == 1 else { continue }
            once += 1
            if scalars.count <= longest { lengthCounts[scalars.count] += 1 }
            for (index, scalar) in scalars.enumerated() {
                placeCounts[Self.place(index, of: scalars.count).rawValue][scalar, default: 0] += 1
            }
        }
        let lengthTotal = lengthCounts.dropFirst().reduce(0, +)
        let share = log(max(once, 0.1) / total)
        lengths = lengthCounts.map { share + log($0 / lengthTotal) }
        setCharacters(placeCounts)
        for (shape, count) in shapeCounts { shapes.insert(shape, log(Double(count) / total)) }
    }

    /// Each place's counts, smoothed by those of all places together, and these by one half for each character.
    private mutating func setCharacters(_ counts: [[UInt32: Double]]) {
        var all: [UInt32: Double] = [:]
        for place in counts {
            for (scalar, count) in place { all[scalar, default: 0] += count }
        }
        let seen = all.keys.sorted()
        let total = seen.reduce(0.0) { $0 + all[$1]! } + 0.5 * Double(seen.count + 1)
        let placeTotals = counts.map { $0.values.reduce(0, +) }
        // How many counts the distribution over all places is worth.
        let prior = 5.0
        func append(_ scalar: UInt32?) {
            let base = ((scalar.flatMap { all[$0] } ?? 0) + 0.5) / total
            for place in 0..<4 {
                let count = scalar.flatMap { counts[place][$0] } ?? 0
                characters.append(log((count + prior * base) / (placeTotals[place] + prior)))
            }
        }
        append(nil)
        for scalar in seen {
            numbers.add(Int32(numbers.count + 1), to: UInt64(scalar) + 1)
            append(scalar)
        }
    }

    /// The number of a character for ``score(_:_:)``.
    func number(_ scalar: UInt32) -> Int32 { numbers[UInt64(scalar) + 1] }

    /// The logarithm of the probability of character `number` at a place of a word.
    func score(_ number: Int32, _ place: Place) -> Double {
        characters[Int(number) * 4 + place.rawValue]
    }

    /// The logarithm of the probability that a word is new and has so many characters.
    func score(length: Int) -> Double { lengths[length] }

    /// The place of character `index` in a word of `count`.
    static func place(_ index: Int, of count: Int) -> Place {
        count == 1 ? .alone : index == 0 ? .first : index == count - 1 ? .last : .middle
    }

    /// What stands for a character in shapes: `0` for a digit, `a` for a Latin letter (of any width), else itself.
    static func sign(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0x30...0x39, 0xFF10...0xFF19: digit
        case 0x41...0x5A, 0x61...0x7A, 0xFF21...0xFF3A, 0xFF41...0xFF5A: letter
        default: scalar
        }
    }

    /// Whether a sign stands for a run of any length.
    static func isRun(_ sign: UInt32) -> Bool { sign == digit || sign == letter }

    private static func shape(_ scalars: [UInt32]) -> [UInt32] {
        var shape: [UInt32] = []
        for scalar in scalars {
            let sign = sign(scalar)
            if !isRun(sign) || shape.last != sign { shape.append(sign) }
        }
        return shape
    }
}

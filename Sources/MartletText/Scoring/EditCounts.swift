/// What has to be done to a reference to make the hypothesis of it, with as few edits as possible.
///
/// Where that can be done in several ways, it is one that keeps the most units of the reference.
public struct EditCounts: TextScore, Codable, Equatable {
    /// Units of the reference that are replaced.
    public var substitutions: Int
    /// Units of the hypothesis that the reference does not have.
    public var insertions: Int
    /// Units of the reference that are left out.
    public var deletions: Int
    /// Units of the reference.
    public var referenceLength: Int

    /// Counts of edits.
    public init(substitutions: Int, insertions: Int, deletions: Int, referenceLength: Int) {
        self.substitutions = substitutions
        self.insertions = insertions
        self.deletions = deletions
        self.referenceLength = referenceLength
    }

    /// The edits that make a hypothesis of a reference.
    ///
    /// It takes memory in proportion to the longer text, and time in proportion to its length and the number of edits.
    public init<Unit: Hashable>(
        from reference: some Sequence<Unit>, to hypothesis: some Sequence<Unit>
    ) {
        var numbers: [Unit: UInt32] = [:]
        func number(_ units: some Sequence<Unit>) -> [UInt32] {
            units.map { unit in
                let next = UInt32(numbers.count)
                let number = numbers[unit] ?? next
                numbers[unit] = number
                return number
            }
        }
        let (from, to) = (number(reference), number(hypothesis))
        self.init(numbersFrom: from, to: to)
    }

    /// All edits: the distance of Levenshtein (1966).
    public var edits: Int { substitutions + insertions + deletions }
    /// Units of the reference that are kept.
    public var hits: Int { referenceLength - substitutions - deletions }
    /// The hypothesis's units.
    public var hypothesisLength: Int { hits + substitutions + insertions }
    /// The edits a unit of the reference, of 100; more than 100 where much is inserted. A reference of nothing counts as one
    /// unit.
    public var value: Double { 100 * Double(edits) / Double(max(referenceLength, 1)) }

    private enum CodingKeys: String, CodingKey {
        case substitutions, insertions, deletions
        case referenceLength = "reference_length"
    }

    /// `12.50 (3 substituted, 1 inserted, 1 deleted of 40)`.
    public var description: String {
        "\(fixedDecimals(value, 2)) (\(substitutions) substituted, \(insertions) inserted, "
            + "\(deletions) deleted of \(referenceLength))"
    }
}

extension EditCounts {
    /// The edits that make a row of numbers of another.
    init(numbersFrom reference: [UInt32], to hypothesis: [UInt32]) {
        // What both begin and end with is kept.
        let start = zip(reference, hypothesis).prefix { $0 == $1 }.count
        let (long, short) = (reference.dropFirst(start), hypothesis.dropFirst(start))
        let end = zip(long.reversed(), short.reversed()).prefix { $0 == $1 }.count
        let (from, to) = (Array(long.dropLast(end)), Array(short.dropLast(end)))
        let edits = BitParallel.editDistance(from, to)
        let substitutions = Self.substitutions(from, to, edits: edits)
        let insertions = (edits - substitutions + to.count - from.count) / 2
        self.init(
            substitutions: substitutions, insertions: insertions,
            deletions: edits - substitutions - insertions, referenceLength: reference.count)
    }

    /// The fewest substitutions that are among `edits` edits, the least that are needed.
    ///
    /// The table of all beginnings i of one row against all beginnings j of the other, of which only the diagonals j − i are
    /// worked out that so few edits can reach. A cell is the least edits, and in its lower half the least substitutions
    /// among them.
    private static func substitutions(_ from: [UInt32], _ to: [UInt32], edits: Int) -> Int {
        if from.isEmpty || to.isEmpty { return 0 }
        let edit: UInt64 = 1 << 32
        let substitution = edit + 1
        let none = UInt64.max / 2
        // On diagonal k, edits ≥ |k| + |(n − m) − k|.
        let lowest = -((edits - (to.count - from.count)) / 2)
        let width = (edits + (to.count - from.count)) / 2 - lowest + 1
        // Row i has its cell of diagonal lowest + b at b + 1; those outside are none.
        var cells = [UInt64](repeating: none, count: width + 2)
        for b in 0..<width where lowest + b >= 0 { cells[b + 1] = UInt64(lowest + b) * edit }
        cells.withUnsafeMutableBufferPointer { cells in
            to.withUnsafeBufferPointer { to in
                for i in 1...from.count {
                    let unit = from[i - 1]
                    let first = max(0, -lowest - i)
                    let last = min(width, to.count + 1 - lowest - i)
                    guard first < last else { continue }
                    var left = none
                    for b in first..<last {
                        let j = i + lowest + b
                        var best = min(left, cells[b + 2]) + edit
                        if j > 0 {
                            let isSame = to[j - 1] == unit
                            best = min(best, cells[b + 1] + (isSame ? 0 : substitution))
                        }
                        cells[b + 1] = best
                        left = best
                    }
                }
            }
        }
        return Int(cells[to.count - from.count - lowest + 1] & (edit - 1))
    }
}

/// Comparisons of two rows of numbers that work on 64 places of one of them at a time.
///
/// They go through the table of all places of both in strips of 64 rows, and keep what a strip hands down to the next for
/// every column: time |a| |b| / 64, memory in proportion to |a| + |b|.
enum BitParallel {
    /// Hands each strip of up to 64 numbers of `a` to `body`: at which of its places each number of `b` stands.
    ///
    /// - Parameter body: gets the places of b[j], at j, and the number of rows in the strip.
    private static func strips(
        _ a: [UInt32], _ b: [UInt32], _ body: (_ places: (Int) -> UInt64, _ rows: Int) -> Void
    ) {
        // The numbers of b, from 0 on without gaps; those only in a match nothing.
        var numbering = PairNumbering(capacity: a.count + b.count)
        let columns = b.map { Int(numbering.number(0, $0)) }
        let rows = a.map { Int(numbering.number(0, $0)) }
        var masks = [UInt64](repeating: 0, count: Int(numbering.count))
        for start in stride(from: 0, to: a.count, by: 64) {
            let strip = rows[start..<min(start + 64, a.count)]
            for (bit, number) in strip.enumerated() { masks[number] |= 1 << UInt64(bit) }
            masks.withUnsafeBufferPointer { masks in
                columns.withUnsafeBufferPointer { columns in
                    body({ masks[columns[$0]] }, strip.count)
                }
            }
            for number in strip { masks[number] = 0 }
        }
    }

    /// The distance of Levenshtein: the fewest numbers to replace, insert and delete (Myers 1999; Hyyrö 2003).
    static func editDistance(_ a: [UInt32], _ b: [UInt32]) -> Int {
        if a.isEmpty || b.isEmpty { return a.count + b.count }
        // By how much each column's cell above the strip is more than the one to its left: −1, 0 or 1.
        var steps = [Int8](repeating: 1, count: b.count)
        strips(a, b) { places, rows in
            let lowest = UInt64(rows - 1)
            // Where a cell is one more, and one less, than the one above it.
            var (more, less) = (UInt64.max, UInt64(0))
            steps.withUnsafeMutableBufferPointer { steps in
                for j in 0..<b.count {
                    let step = steps[j]
                    let (rises, falls) = (step > 0 ? 1 as UInt64 : 0, step < 0 ? 1 as UInt64 : 0)
                    let same = places(j)
                    let vertical = same | less
                    let matched = same | falls
                    let horizontal = (((matched & more) &+ more) ^ more) | matched
                    var rise = less | ~(horizontal | more)
                    var fall = more & horizontal
                    steps[j] =
                        Int8(truncatingIfNeeded: rise >> lowest & 1)
                        - Int8(truncatingIfNeeded: fall >> lowest & 1)
                    rise = rise << 1 | rises
                    fall = fall << 1 | falls
                    more = fall | ~(vertical | rise)
                    less = rise & vertical
                }
            }
        }
        return steps.reduce(a.count) { $0 + Int($1) }
    }

    /// How many numbers the longest row has that is in both in this order, with others between or not (Hyyrö 2004).
    static func commonSubsequence(_ a: [UInt32], _ b: [UInt32]) -> Int {
        if a.isEmpty || b.isEmpty { return 0 }
        var carries = [UInt64](repeating: 0, count: b.count)
        var length = 0
        strips(a, b) { places, rows in
            // The places at which the row grows are those without a bit.
            var open = UInt64.max
            carries.withUnsafeMutableBufferPointer { carries in
                for j in 0..<b.count {
                    let matched = open & places(j)
                    let (part, first) = open.addingReportingOverflow(matched)
                    let (sum, second) = part.addingReportingOverflow(carries[j])
                    carries[j] = first || second ? 1 : 0
                    open = sum | (open & ~matched)
                }
            }
            length += rows - (open << UInt64(64 - rows)).nonzeroBitCount
        }
        return length
    }
}

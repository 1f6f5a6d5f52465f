import Testing

@testable import MartletText

@Suite struct EditCountsTests {
    /// Edits and, among ways with as few, the fewest substitutions, from the whole table.
    private static func wholeTable(_ a: [UInt32], _ b: [UInt32]) -> (edits: Int, substituted: Int) {
        typealias Cell = (edits: Int, substituted: Int)
        var row: [Cell] = (0...b.count).map { ($0, 0) }
        for (i, left) in a.enumerated() {
            var next: [Cell] = [(i + 1, 0)]
            for (j, right) in b.enumerated() {
                let kept: Cell =
                    left == right ? row[j] : (row[j].edits + 1, row[j].substituted + 1)
                let deleted: Cell = (row[j + 1].edits + 1, row[j + 1].substituted)
                let inserted: Cell = (next[j].edits + 1, next[j].substituted)
                next.append(min(kept, deleted, inserted) { $0 < $1 })
            }
            row = next
        }
        return row[b.count]
    }

    private static func min<Value>(
        _ values: Value..., by isLess: (Value, Value) -> Bool
    ) -> Value {
        values.min(by: isLess)!
    }

    @Test func countsAreThoseOfTheWholeTable() {
        var random = SplitMix64(seed: 1)
        for round in 0..<600 {
            let count = 1 + random.index(below: 5)
            let a = random.numbers(random.index(below: round % 5 == 0 ? 300 : 40), below: count)
            var b = random.numbers(random.index(below: round % 7 == 0 ? 300 : 40), below: count)
            if round % 3 == 0 {
                // Nearly the same.
                b = a.filter { _ in random.index(below: 10) > 0 }
                if !b.isEmpty { b[random.index(below: b.count)] = 9 }
            }
            let wanted = Self.wholeTable(a, b)
            let counts = EditCounts(from: a, to: b)
            #expect(counts.edits == wanted.edits)
            #expect(counts.substitutions == wanted.substituted)
            #expect(counts.referenceLength == a.count && counts.hypothesisLength == b.count)
            #expect(counts.insertions >= 0 && counts.deletions >= 0 && counts.hits >= 0)
            #expect(BitParallel.editDistance(a, b) == wanted.edits)
            // The other way round, what was inserted is deleted.
            let back = EditCounts(from: b, to: a)
            #expect(back.substitutions == counts.substitutions)
            #expect(back.insertions == counts.deletions && back.deletions == counts.insertions)
        }
    }

    @Test func ofWaysWithAsFewEditsTheOneThatKeepsMost() {
        // Two substitutions, or one deletion and one insertion: the latter keeps the b.
        let counts = EditCounts(from: "ab", to: "bc")
        #expect(
            counts == EditCounts(substitutions: 0, insertions: 1, deletions: 1, referenceLength: 2))
    }

    @Test func nothingAgainstNothingAndAgainstSomething() {
        #expect(EditCounts(from: "", to: "").edits == 0)
        #expect(EditCounts(from: "", to: "abc").insertions == 3)
        #expect(EditCounts(from: "abc", to: "").deletions == 3)
        #expect(EditCounts(from: ["a", "b"], to: ["a", "b"]).edits == 0)
    }

    /// Of a table of that many cells there would be no room for the whole.
    @Test func longLinesTakeLittleMemory() {
        var random = SplitMix64(seed: 2)
        let a = random.numbers(100_000, below: 3000)
        var b = a
        for _ in 0..<300 { b[random.index(below: b.count)] = 5000 }
        for _ in 0..<200 { b.remove(at: random.index(below: b.count)) }
        let counts = EditCounts(from: a, to: b)
        #expect(counts.edits <= 500 && counts.edits > 480)
        #expect(counts.deletions - counts.insertions == 200)
    }
}

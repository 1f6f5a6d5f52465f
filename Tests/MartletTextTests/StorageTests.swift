import MartletTensor
import Testing

@testable import MartletText

@Suite struct StorageTests {
    private func insert(_ text: String, _ table: inout ByteStringTable) -> (index: Int, isNew: Bool)
    {
        Array(text.utf8).withUnsafeBufferPointer { table.insert($0) }
    }

    private func find(_ text: String, _ table: ByteStringTable) -> Int? {
        Array(text.utf8).withUnsafeBufferPointer { table.find($0) }
    }

    @Test func stringsAreNumberedInTheOrderOfArrival() {
        var table = ByteStringTable()
        let results = ["b", "", "a", "b", ""].map { insert($0, &table) }
        #expect(results.map(\.index) == [0, 1, 2, 0, 1])
        #expect(results.map(\.isNew) == [true, true, true, false, false])
        #expect((0..<table.count).map(table.text) == ["b", "", "a"])
        #expect(find("a", table) == 2)
        #expect(find("ab", table) == nil)
    }

    @Test func aTableWithRoomEqualsOneThatGrew() {
        var grown = ByteStringTable()
        var roomy = ByteStringTable(capacity: 5000)
        for number in 0..<5000 {
            _ = insert("\(number)", &grown)
            _ = insert("\(number)", &roomy)
        }
        #expect(grown == roomy)
        for number in 0..<5000 { #expect(find("\(number)", grown) == number) }
    }

    @Test func equalBytesCutElsewhereAreAnotherTable() {
        var left = ByteStringTable()
        var right = ByteStringTable()
        for text in ["ab", "c"] { _ = insert(text, &left) }
        for text in ["a", "bc"] { _ = insert(text, &right) }
        #expect(left != right)
    }

    @Test func countsAgreeWithADictionary() {
        var random = RandomGenerator(seed: 6)
        var table = CountTable()
        var expected: [UInt64: Int32] = [:]
        for _ in 0..<20_000 {
            // Keys that differ in few high and few low bits only, which a poor hash lets collide.
            let key = (random.next() % 40) << 50 | random.next() % 200 << 2 | 1
            let amount = Int32(random.next() % 5)
            table.add(amount, to: key)
            expected[key, default: 0] += amount
        }
        var found: [UInt64: Int32] = [:]
        table.forEach { found[$0] = $1 }
        #expect(found == expected)
        #expect(table.count == expected.count)
        #expect(table[2] == 0)
    }
}

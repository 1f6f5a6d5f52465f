import Testing

@testable import MartletText

@Suite struct NGramNumberingTests {
    @Test func matchesAreThoseOfCountedSlices() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<100 {
            let texts = (0..<3).map { _ in
                random.numbers(random.index(below: 40), below: 1 + random.index(below: 8))
            }
            var nGrams = NGramNumbering(texts)
            for order in 1...6 {
                if order > 1 { nGrams.lengthen() }
                let bags = texts.map { text in
                    var bag: [[UInt32]: Int] = [:]
                    for start in 0..<max(0, text.count - order + 1) {
                        bag[Array(text[start..<start + order]), default: 0] += 1
                    }
                    return bag
                }
                #expect(nGrams.order == order)
                #expect(nGrams.count == Set(bags.flatMap(\.keys)).count)
                for reference in 1...2 {
                    let wanted = bags[0].reduce(0) { sum, entry in
                        sum + min(entry.value, bags[reference][entry.key] ?? 0)
                    }
                    #expect(nGrams.matches(0, in: nGrams.counts(reference)) == wanted)
                }
            }
        }
    }

    @Test func equalWordsHaveEqualNumbersAndBeginningsAreOthers() {
        let texts = ["ab abc b", "abc a ab ca"].map { ScalarText($0).words }
        let numbers = wordNumbers(texts)
        #expect(numbers.map(\.count) == [3, 4])
        #expect(numbers[0][0] == numbers[1][2] && numbers[0][1] == numbers[1][0])
        #expect(Set(numbers.joined()).count == 5)
    }
}

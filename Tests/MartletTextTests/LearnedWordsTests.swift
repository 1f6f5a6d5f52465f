import Testing

@testable import MartletText

@Suite struct LearnedWordsTests {
    private func units(_ text: String) -> [UInt16] { Array(text.utf16) }

    private func segmenter(_ words: [(String, Int)]) -> DictionarySegmenter {
        DictionarySegmenter(
            words.map { (WordKey.make(units($0.0), 0, $0.0.utf16.count), $0.1) })
    }

    @Test func theMoreProbablePathWins() {
        // 0.1 against 0.45 · 0.45 ≈ 0.2, then 0.8 against 0.1 · 0.1.
        #expect(segmenter([("电影", 10), ("电", 45), ("影", 45)]).lengths(units("电影")) == [1, 1])
        #expect(segmenter([("电影", 80), ("电", 10), ("影", 10)]).lengths(units("电影")) == [2])
    }

    @Test func amongEqualPathsTheLastWordIsShortest() {
        // Both ways to cut 甲乙丙 are two words of probability 1/4 each.
        let equal = segmenter([("甲乙", 1), ("丙", 1), ("甲", 1), ("乙丙", 1)])
        #expect(equal.lengths(units("甲乙丙")) == [2, 1])
    }

    @Test func aWordBeatsCharactersThatAreUnknown() {
        #expect(segmenter([("电影", 1), ("好", 1000)]).lengths(units("好电影好")) == [1, 2, 1])
    }

    @Test func withoutWordsEveryCharacterIsAlone() {
        #expect(segmenter([]).lengths(units("电影好")) == [1, 1, 1])
        #expect(segmenter([("电影", 0)]).lengths(units("电影")) == [1, 1])
        #expect(segmenter([("电影", 5)]).lengths([]) == [])
    }

    @Test func wordsHaveUpToFourCharacters() {
        #expect(segmenter([("不可思议", 3), ("不", 1)]).lengths(units("不不可思议不")) == [1, 4, 1])
    }

    /// Sums of scores over a long run must not lose what tells two paths apart.
    @Test func aLongRunIsCutInTheSameWayToItsEnd() {
        let close = segmenter([
            ("甲乙", 1000), ("丙", 1000), ("甲", 1001), ("乙丙", 1000), ("丁", 90_000),
        ])
        let phrase = close.lengths(units("丁甲乙丙丁"))
        #expect(phrase == [1, 1, 2, 1])
        let run = [UInt16](repeatElement(units("丁甲乙丙丁"), count: 20_000).joined())
        #expect(close.lengths(run) == Array(repeatElement(phrase, count: 20_000).joined()))
    }

    @Test func keysTellLengthPrefixAndSuffix() {
        let word = units("不可思议")
        for length in 1...4 {
            let key = WordKey.make(word, 0, length)
            #expect(WordKey.length(key) == length)
            for part in 1...length {
                #expect(
                    WordKey.characters(WordKey.make(word, 0, part))
                        == word[..<part].map(UInt32.init))
                #expect(WordKey.prefix(key, part) == WordKey.make(word, 0, part))
                #expect(WordKey.suffix(key, part) == WordKey.make(word, length - part, part))
            }
        }
    }
}

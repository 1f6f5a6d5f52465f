import Foundation
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct DictionarySegmenterTests {
    private let dictionary = WordDictionary([
        ("的", 90), ("北京", 40), ("大学", 50), ("北京大学", 12), ("学生", 30), ("生", 2), ("大", 20), ("学", 10),
        ("1998年", 5), ("２月", 5), ("年", 20), ("红光", 1), ("兰", 1), ("建华", 1), ("，", 100), ("ＷＷＷ", 2),
    ])

    @Test func theMostProbableWordsWin() {
        let segmenter = DictionarySegmenter(dictionary)
        #expect(segmenter.words("北京大学的学生，大学生") == ["北京大学", "的", "学生", "，", "大", "学生"])
        #expect(segmenter.words("") == [])
        #expect(segmenter.words(" \n\u{3000}") == [])
        #expect(segmenter.words("北京 大学\t的") == ["北京", "大学", "的"])
        #expect(segmenter.words("北京\u{2028}大学\u{205F}的") == ["北京", "大学", "的"])
    }

    /// 刚 and 明 were never seen: a new word of two characters is as long as those that were seen once.
    @Test func newWordsAreFound() {
        #expect(DictionarySegmenter(dictionary).words("的刚明的") == ["的", "刚明", "的"])
    }

    @Test func numbersAndLettersKeepTogetherByTheirShape() {
        let segmenter = DictionarySegmenter(dictionary)
        #expect(segmenter.words("2026年的１２月") == ["2026年", "的", "１２月"])
        #expect(segmenter.words("在abc，12345") == ["在", "abc", "，", "12345"])
        #expect(segmenter.words("ａｂｃｄ的") == ["ａｂｃｄ", "的"])
    }

    @Test func userWordsAlwaysWin() {
        let segmenter = DictionarySegmenter(dictionary, userWords: ["京大", "京大学的", "生，大", "a b"])
        #expect(segmenter.words("北京大学的学生，大") == ["北", "京大学的", "学", "生，大"])
        #expect(segmenter.words("xa by") == ["x", "a b", "y"])
        // The leftmost wins over one that starts inside it.
        let overlapping = DictionarySegmenter(dictionary, userWords: ["北京", "京大学"])
        #expect(overlapping.words("北京大学") == ["北京", "大学"])
    }

    @Test func withoutADictionaryEveryTextComesBack() {
        let segmenter = DictionarySegmenter(WordDictionary([]))
        #expect(segmenter.words("电影x1").joined() == "电影x1")
    }

    /// Whatever the text is, its words put together are the text without its white space.
    @Test func nothingIsLost() {
        var random = RandomGenerator(seed: 8)
        let segmenter = DictionarySegmenter(dictionary, userWords: ["学的", "1a"])
        let pool = Array("北京大学生的年月兰红光，。12９aＢé𠀀😀 \n\u{3000}\u{0}".unicodeScalars)
        for _ in 0..<300 {
            var text = String.UnicodeScalarView()
            for _ in 0..<random.integer(below: 40) {
                text.append(pool[random.integer(below: pool.count)])
            }
            let kept = text.filter { !" \n\u{3000}\u{0}".unicodeScalars.contains($0) }
            let words = segmenter.words(String(text))
            #expect(Array(words.joined().unicodeScalars) == Array(kept))
            #expect(!words.contains(""))
        }
    }

    @Test func longRunsTakeLinearTime() {
        let segmenter = DictionarySegmenter(dictionary)
        let digits = String(repeating: "7", count: 200_000)
        let words = segmenter.words("的" + digits + "年")
        #expect(words.count == 2 && words.last?.utf8.count == 200_003)
        #expect(segmenter.words(String(repeating: "a1", count: 20_000)).joined().count == 40_000)
    }

    @Test func dictionariesAreReadAndWritten() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/words.txt"
            try dictionary.save(to: path)
            let read = try WordDictionary(contentsOf: path)
            #expect(read.words.map(\.word) == dictionary.words.map(\.word))
            #expect(read.words.map(\.count) == dictionary.words.map(\.count))
            #expect(read.words.first?.word == "，")
            try write("\u{FEFF}词 3 n\r\n\n字\n", to: path)
            let other = try WordDictionary(contentsOf: path)
            #expect(other.words.map(\.word) == ["词", "字"] && other.words.map(\.count) == [3, 1])
        }
    }

    @Test func badLinesOfADictionaryAreTold() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/user.txt"
            for (text, message) in [
                ("词\n字 x\n", "user.txt:2: \"x\" is not a count"),
                ("字 -1", "user.txt:1: \"-1\" is not a count"),
                ("a 1 n more\n", "user.txt:1: 4 fields, expected 1 to 3"),
            ] {
                try write(text, to: path)
                let error = #expect(throws: TokenizerTrainingError.self) {
                    try WordDictionary(contentsOf: path)
                }
                #expect("\(error!)".contains(message), "\(error!)")
            }
            try Data([0xE8, 0xAF, 0x8D, 0x0A, 0x61, 0xC0, 0x0A]).write(to: URL(filePath: path))
            #expect(
                throws: TokenizerTrainingError.notUTF8(path: path, line: 2, byte: 2, value: 0xC0)
            ) {
                try WordDictionary(contentsOf: path)
            }
        }
    }

    /// Bytes changed by a seed: an error with the place, or a dictionary that cuts.
    @Test func changedBytesOfADictionaryNeverCrash() throws {
        try withTemporaryFolder { folder in
            let path = folder + "/words.txt"
            try dictionary.save(to: path)
            let whole = Array(try Data(contentsOf: URL(filePath: path)))
            var random = RandomGenerator(seed: 9)
            var refused = 0
            for _ in 0..<300 {
                var bytes = whole
                for _ in 0..<2 {
                    let place = Int(random.next() % UInt64(bytes.count))
                    bytes[place] = UInt8(truncatingIfNeeded: random.next())
                }
                try Data(bytes).write(to: URL(filePath: path))
                do {
                    let changed = DictionarySegmenter(try WordDictionary(contentsOf: path))
                    #expect(changed.words("北京大学的学生").joined() == "北京大学的学生")
                } catch is TokenizerTrainingError { refused += 1 }
            }
            #expect((1..<300).contains(refused))
        }
    }

    @Test func scoresCountWordsAtTheirPlaces() {
        var score = SegmentationScore()
        let known = Set(dictionary.words.map(\.word))
        score.add(["北京", "大学", "的", "刚明"], DictionarySegmenter(dictionary)) { known.contains($0) }
        // 北京大学 is one word to the segmenter.
        #expect(score.found == 3 && score.wanted == 4 && score.right == 2)
        #expect(score.precision == 2.0 / 3 && score.recall == 0.5)
        #expect(abs(score.f1 - 4.0 / 7) < 1e-12)
        #expect(score.newRecall == 1)
    }

    /// White space inside a word is in no word that is found, and moves none of those after it.
    @Test func scoresKnowPlacesBehindWhiteSpace() {
        var score = SegmentationScore()
        score.add(["的\u{3000}", "北京", "的"], DictionarySegmenter(dictionary)) { _ in true }
        #expect(score.found == 3 && score.wanted == 3 && score.right == 2)
        #expect(score.newRecall == nil)
    }
}

import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct ROUGETests {
    private let kinds: [(name: String, kind: ROUGE.Kind)] = [
        ("rouge1", .nGram(1)), ("rouge2", .nGram(2)), ("rouge3", .nGram(3)),
        ("rougeL", .longestCommonSubsequence),
    ]

    @Test func tokensAreThoseOfTheReference() throws {
        for line in try golden("scores/rouge")["tokens"].list {
            let text = line["text"].text
            for tokenization in ROUGETokenization.allCases {
                #expect(
                    tokenization.tokens(text) == line[tokenization.rawValue].list.map(\.text),
                    "\(tokenization.rawValue) of \(text)")
            }
        }
    }

    @Test func scoresAreThoseOfRougeScore() throws {
        let cases = try golden("scores/rouge")["cases"].list
        #expect(cases.count == 16)
        for wanted in cases {
            let texts = try ScoringCorpus(of: wanted).texts(wanted["system"].text)
            let tokenization = try #require(
                ROUGETokenization(rawValue: wanted["tokenization"].text))
            for (name, kind) in kinds {
                let metric = ROUGE(kind, tokenization: tokenization)
                let segments = wanted[name].list.map(\.numbers)
                let scores = metric.segmentScores(of: texts)
                #expect(scores.count == segments.count)
                for (score, parts) in zip(scores, segments) {
                    #expect(
                        areClose(
                            [score.precision, score.recall, score.fMeasure], parts.map { $0 * 100 }),
                        "\(metric.name) \(wanted["corpus"].text)")
                }
                let mean = segments.reduce(0) { $0 + $1[2] } * 100 / Double(segments.count)
                #expect(isClose(metric.score(of: texts).value, mean))
            }
        }
    }

    @Test func whatEqualsAReferenceHasAHundred() throws {
        let texts = try ParallelTexts(
            hypotheses: ["Three small words", "三个小字"],
            references: [["three small words!"], ["三个小字。"]])
        for (_, kind) in kinds {
            let score = ROUGE(kind, tokenization: .unicode).score(of: texts)
            #expect(isClose(score.value, 100) && isClose(score.precision, 100))
        }
    }

    @Test func namesAndSettings() {
        #expect(ROUGE(.nGram(2)).name == "ROUGE-2")
        #expect(ROUGE(.longestCommonSubsequence).name == "ROUGE-L")
        #expect(ROUGE(.nGram(1), tokenization: .unicode).settings == "case:lc|tok:unicode|stem:no")
    }

    @Test func theLongestCommonSubsequenceIsThatOfTheWholeTable() {
        var random = SplitMix64(seed: 3)
        for round in 0..<400 {
            let count = 1 + random.index(below: 6)
            let a = random.numbers(random.index(below: round % 4 == 0 ? 300 : 70), below: count)
            let b = random.numbers(random.index(below: round % 5 == 0 ? 300 : 70), below: count)
            #expect(BitParallel.commonSubsequence(a, b) == Self.wholeTable(a, b))
            #expect(BitParallel.commonSubsequence(b, a) == BitParallel.commonSubsequence(a, b))
        }
        let long = random.numbers(10_000, below: 50)
        #expect(BitParallel.commonSubsequence(long, long) == 10_000)
    }

    private static func wholeTable(_ a: [UInt32], _ b: [UInt32]) -> Int {
        var table = [[Int]](
            repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for (i, left) in a.enumerated() {
            for (j, right) in b.enumerated() {
                table[i + 1][j + 1] =
                    left == right ? table[i][j] + 1 : max(table[i][j + 1], table[i + 1][j])
            }
        }
        return table[a.count][b.count]
    }
}

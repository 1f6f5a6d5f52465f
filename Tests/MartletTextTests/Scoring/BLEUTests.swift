import Foundation
import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct BLEUTests {
    /// The metric of a golden case.
    private func metric(_ wanted: GoldenValue) throws -> BLEU {
        let value = wanted[optional: "smooth_value"]?.number
        let smoothing: BLEU.Smoothing
        switch wanted["smooth_method"].text {
        case "exp": smoothing = .exponential
        case "floor": smoothing = value.map { .floor($0) } ?? .floor()
        case "add-k": smoothing = value.map { .addK($0) } ?? .addK()
        default: smoothing = .none
        }
        return BLEU(
            tokenization: try #require(BLEUTokenization(rawValue: wanted["tokenize"].text)),
            smoothing: smoothing, lowercase: wanted["lowercase"].flag,
            maximumOrder: wanted[optional: "max_ngram_order"]?.integer ?? 4)
    }

    @Test func tokensAreThoseOfSacreBLEU() throws {
        let lines = try golden("scores/texts")["lines"].list
        #expect(lines.count == 29)
        for line in lines {
            let text = line["text"].text
            for tokenization in BLEUTokenization.allCases {
                #expect(
                    tokenization.tokens(text) == line[tokenization.rawValue].list.map(\.text),
                    "\(tokenization.rawValue) of \(text)")
            }
        }
    }

    @Test func lowerCaseIsThatOfPython() throws {
        for line in try golden("scores/texts")["lines"].list {
            #expect(ScalarText(line["text"].text).lowercased == ScalarText(line["lower"].text))
        }
    }

    @Test func corporaAndSentencesAreThoseOfSacreBLEU() throws {
        let cases = try golden("scores/bleu")["cases"].list
        #expect(cases.count == 104)
        for wanted in cases {
            let metric = try metric(wanted)
            let texts = try ScoringCorpus(of: wanted).texts(wanted["system"].text)
            let score = metric.score(of: texts)
            let note: Comment = "\(wanted["corpus"].text) \(wanted["signature"].text)"
            #expect(isClose(score.value, wanted["score"].number), note)
            #expect(areClose(score.precisions, wanted["precisions"].numbers), note)
            #expect(isClose(score.brevityPenalty, wanted["brevity_penalty"].number), note)
            #expect(
                [score.hypothesisLength, score.referenceLength] == wanted["lengths"].integers, note)
            #expect(score.matches == wanted["matches"].integers, note)
            #expect(score.totals == wanted["totals"].integers, note)
            #expect(score.description == wanted["text"].text, note)
            let sentences = metric.segmentScores(of: texts).map(\.value)
            #expect(areClose(sentences, wanted["sentences"].numbers), note)
        }
    }

    @Test func signaturesAreThoseOfSacreBLEU() throws {
        for wanted in try golden("scores/bleu")["cases"].list {
            var metric = try metric(wanted)
            let texts = try ScoringCorpus(of: wanted).texts(wanted["system"].text)
            #expect(metric.signature(for: texts) == wanted["signature"].text)
            metric.usesEffectiveOrder = true
            let last = try ParallelTexts(
                hypotheses: texts.hypotheses.suffix(1), references: texts.references.suffix(1))
            #expect(metric.signature(for: last) == wanted["last_sentence_signature"].text)
        }
    }

    @Test func aCorpusThatIsItsReferencesHasAHundred() throws {
        for name in ["english", "german", "chinese"] {
            let references = try ScoringCorpus(name).references
            for tokenization in BLEUTokenization.allCases {
                let texts = try ParallelTexts(
                    hypotheses: references.map { $0[0] }, references: references)
                // In Chinese a text is one word to most of them.
                let metric = BLEU(tokenization: tokenization, usesEffectiveOrder: true)
                #expect(isClose(metric.score(of: texts).value, 100))
                #expect(metric.segmentScores(of: texts).allSatisfy { isClose($0.value, 100) })
            }
        }
    }

    @Test func aCorpusWithoutAWordHasNothing() throws {
        let texts = try ParallelTexts(hypotheses: ["", " "], references: [["a b"], ["c"]])
        let score = BLEU().score(of: texts)
        #expect(score.value == 0 && score.brevityPenalty == 0)
        #expect(score.hypothesisLength == 0 && score.referenceLength == 3)
        #expect(score.description.hasPrefix("0.00 0.0/0.0/0.0/0.0 (BP = 0.000 ratio = 0.000 "))
    }

    @Test func theNearestReferenceLengthCountsAndOfTwoTheShorter() {
        let metric = BLEU(tokenization: .none)
        let statistics = { (references: [String]) in
            metric.statistics(hypothesis: "a b c d", references: references)[1]
        }
        #expect(statistics(["a b c d e f", "a b c"]) == 3)
        #expect(statistics(["a b c d e", "a b c"]) == 3)
        #expect(statistics(["a b c", "a b c d e"]) == 3)
        #expect(statistics(["a", "a b c d e"]) == 5)
    }

    @Test func aScoreIsWrittenWithNamesOfItsParts() throws {
        let texts = try ParallelTexts(hypotheses: ["a b c d"], references: [["a b c d"]])
        let score = BLEU().score(of: texts)
        let data = try JSONEncoder().encode(score)
        let keys = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any]).keys
        #expect(
            keys.sorted() == [
                "brevity_penalty", "hypothesis_length", "matches", "precisions",
                "reference_length", "score", "totals",
            ])
        #expect(try JSONDecoder().decode(BLEUScore.self, from: data) == score)
    }
}

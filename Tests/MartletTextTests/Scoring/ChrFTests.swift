import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct ChrFTests {
    @Test func corporaAndSentencesAreThoseOfSacreBLEU() throws {
        let cases = try golden("scores/chrf")["cases"].list
        #expect(cases.count == 48)
        for wanted in cases {
            let metric = ChrF(
                characterOrder: wanted["char_order"].integer,
                wordOrder: wanted["word_order"].integer, beta: wanted["beta"].integer,
                lowercase: wanted["lowercase"].flag, keepsWhitespace: wanted["whitespace"].flag,
                usesEpsilonSmoothing: wanted["eps_smoothing"].flag)
            let texts = try ScoringCorpus(of: wanted).texts(wanted["system"].text)
            let note: Comment = "\(wanted["corpus"].text) \(wanted["signature"].text)"
            #expect(metric.name == wanted["name"].text)
            #expect(isClose(metric.score(of: texts).value, wanted["score"].number), note)
            let sentences = metric.segmentScores(of: texts).map(\.value)
            #expect(areClose(sentences, wanted["sentences"].numbers), note)
        }
    }

    @Test func signaturesAreThoseOfSacreBLEU() throws {
        for wanted in try golden("scores/chrf")["cases"].list {
            let metric = ChrF(
                characterOrder: wanted["char_order"].integer,
                wordOrder: wanted["word_order"].integer, beta: wanted["beta"].integer,
                lowercase: wanted["lowercase"].flag, keepsWhitespace: wanted["whitespace"].flag,
                usesEpsilonSmoothing: wanted["eps_smoothing"].flag)
            let texts = try ScoringCorpus(of: wanted).texts(wanted["system"].text)
            #expect(metric.signature(for: texts) == wanted["signature"].text)
        }
    }

    @Test func whatEqualsAReferenceHasAHundredAndWhatSharesNothingZero() throws {
        let texts = try ParallelTexts(
            hypotheses: ["some words, here", "和"], references: [["x", "some words, here"], ["和"]])
        #expect(isClose(ChrF().score(of: texts).value, 100))
        #expect(isClose(ChrF.plusPlus.score(of: texts).value, 100))
        #expect(ChrF.plusPlus.name == "chrF2++")
        let other = try ParallelTexts(hypotheses: ["abc", ""], references: [["xyz"], ["uvw"]])
        #expect(ChrF().score(of: other).value == 0)
        #expect(ChrF().score(of: other).description == "0.00 (precision 0.00, recall 0.00)")
    }

    @Test func whiteSpaceDoesNotCountUnlessItIsAskedFor() throws {
        let texts = try ParallelTexts(hypotheses: ["a bcd e"], references: [["ab cde"]])
        #expect(isClose(ChrF().score(of: texts).value, 100))
        #expect(ChrF(keepsWhitespace: true).score(of: texts).value < 100)
    }
}

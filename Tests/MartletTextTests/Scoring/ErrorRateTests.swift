import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct ErrorRateTests {
    @Test func ratesAreThoseOfJiwer() throws {
        let cases = try golden("scores/error_rates")["cases"].list
        #expect(cases.count == 8)
        for wanted in cases {
            let corpus = try ScoringCorpus(of: wanted)
            let texts = try ParallelTexts(
                hypotheses: corpus.systems[wanted["system"].text] ?? [],
                references: corpus.references.map { [$0[0]] })
            for unit in [ErrorRate.Unit.word, .character] {
                let metric = ErrorRate(unit)
                let own = wanted[unit.rawValue]
                let note: Comment = "\(metric.name) \(wanted["corpus"].text)"
                #expect(isClose(metric.score(of: texts).value, own["rate"].number * 100), note)
                let scores = metric.segmentScores(of: texts)
                #expect(scores.map(\.edits) == own["edits"].integers, note)
                #expect(scores.map(\.referenceLength) == own["lengths"].integers, note)
                #expect(areClose(scores.map(\.value), own["rates"].numbers.map { $0 * 100 }), note)
            }
        }
    }

    @Test func anEmptyReferenceCountsAsOneUnitAsInJiwer() throws {
        let wanted = try golden("scores/error_rates")["empty_reference"].number
        let texts = try ParallelTexts(
            hypotheses: ["three words inserted"], references: [[""]], allowsEmptyReferences: true)
        #expect(ErrorRate(.word).score(of: texts).value == wanted * 100)
        let nothing = try ParallelTexts(
            hypotheses: [""], references: [[" "]], allowsEmptyReferences: true)
        #expect(ErrorRate(.character).score(of: nothing).value == 0)
    }

    @Test func theKindsOfEditsAreCounted() throws {
        let texts = try ParallelTexts(
            hypotheses: ["a x c d e", "one two", "b"],
            references: [["a b c d"], ["one and two"], ["b"]])
        let score = ErrorRate(.word).score(of: texts)
        #expect(
            score
                == EditCounts(substitutions: 1, insertions: 1, deletions: 1, referenceLength: 8))
        #expect(score.edits == 3 && score.value == 37.5 && score.hits == 6)
        #expect(score.hypothesisLength == 8)
        #expect(score.description == "37.50 (1 substituted, 1 inserted, 1 deleted of 8)")
        #expect(!ErrorRate(.word).isHigherBetter && BLEU().isHigherBetter)
    }

    @Test func aCorpusIsTheSumOfItsSegments() throws {
        let corpus = try ScoringCorpus("chinese")
        let texts = try corpus.texts("a")
        let scores = ErrorRate(.character).segmentScores(of: texts)
        let whole = ErrorRate(.character).score(of: texts)
        #expect(whole.edits == scores.reduce(0) { $0 + $1.edits })
        #expect(whole.referenceLength == scores.reduce(0) { $0 + $1.referenceLength })
    }

    @Test func theReferenceWithTheLowestRateCounts() {
        let metric = ErrorRate(.word)
        // One edit of two, one of four, two of five.
        #expect(
            metric.statistics(hypothesis: "a b c", references: ["a b", "a b c d", "a b c d e"])
                == [0, 0, 1, 4])
        #expect(
            metric.statistics(hypothesis: "a b", references: ["x y z", "a b"]) == [0, 0, 0, 2])
    }

    @Test func unitsAndOptions() {
        let counts = { (metric: ErrorRate, hypothesis: String, reference: String) in
            metric.score(metric.statistics(hypothesis: hypothesis, references: [reference]))
        }
        let phonemes = counts(ErrorRate(.phoneme), "HH AH0 L OW1", "HH EH0 L  OW1 ")
        #expect(phonemes.substitutions == 1 && phonemes.referenceLength == 4)
        #expect(ErrorRate(.phoneme).name == "PER")
        // A scalar is a character: the accent alone is one.
        let accent = counts(ErrorRate(.character), "e\u{301}", "e")
        #expect(accent.insertions == 1 && accent.referenceLength == 1)
        let spaces = counts(ErrorRate(.character), " ab ", "a b")
        #expect(spaces.deletions == 1 && spaces.referenceLength == 3)
        #expect(counts(ErrorRate(.character, ignoresWhitespace: true), " ab ", "a b").edits == 0)
        #expect(counts(ErrorRate(.word), "Word", "word").edits == 1)
        #expect(counts(ErrorRate(.word, lowercase: true), "Word", "word").edits == 0)
        #expect(ErrorRate(.character).settings == "case:mixed|unit:character|space:yes")
        #expect(ErrorRate(.word, lowercase: true).settings == "case:lc|unit:word|space:no")
    }
}

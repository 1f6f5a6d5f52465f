import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct ParallelTextsTests {
    @Test func setsAndSegmentsAreTheSame() throws {
        let sets = try ParallelTexts(
            hypotheses: ["a", "b"], referenceSets: [["x", "y"], ["u", "v"]])
        let segments = try ParallelTexts(
            hypotheses: ["a", "b"], references: [["x", "u"], ["y", "v"]])
        #expect(sets == segments)
        #expect(sets.count == 2 && sets.referenceCount == 2)
        let uneven = try ParallelTexts(hypotheses: ["a", "b"], references: [["x", "u"], ["y"]])
        #expect(uneven.referenceCount == nil)
        #expect(BLEU().signature(for: uneven).hasPrefix("nrefs:var|"))
    }

    @Test func unequalNumbersAreToldBoth() {
        #expect(
            errorText {
                _ = try ParallelTexts(
                    hypotheses: ["a", "b", "c"], referenceSets: [["x", "y", "z"], ["u", "v"]])
            }
                == "there are 3 hypotheses, but set 2 of the references has 2; "
                + "give one reference a hypothesis, in the same order")
        #expect(throws: ScoringError.unequalCounts(hypotheses: 1, references: 2, set: 1)) {
            try ParallelTexts(hypotheses: ["a"], references: [["x"], ["y"]])
        }
    }

    @Test func nothingToScoreIsTold() {
        #expect(throws: ScoringError.noSegments) {
            try ParallelTexts(hypotheses: [], references: [])
        }
        #expect(throws: ScoringError.noSegments) {
            try ParallelTexts(hypotheses: [], referenceSets: [[]])
        }
        #expect(throws: ScoringError.noReference(line: 1)) {
            try ParallelTexts(hypotheses: ["a"], referenceSets: [])
        }
        #expect(throws: ScoringError.noReference(line: 2)) {
            try ParallelTexts(hypotheses: ["a", "b"], references: [["x"], []])
        }
    }

    @Test func anEmptyReferenceIsToldWithItsLine() throws {
        let empty = { (allowed: Bool) in
            try ParallelTexts(
                hypotheses: ["a", ""], referenceSets: [["x", "y"], ["u", "\u{3000} "]],
                allowsEmptyReferences: allowed)
        }
        #expect(
            errorText { _ = try empty(false) }
                == "line 2: reference 2 is empty; fill it in, leave the line out of all files, "
                + "or allow empty references")
        #expect(try empty(true).count == 2)
    }
}

import Testing

@testable import MartletText

@Suite struct ExactMatchTests {
    @Test func oneOfTheReferencesIsEnough() throws {
        let texts = try ParallelTexts(
            hypotheses: [" forty-two ", "Yes", "no", "e\u{301}"],
            references: [["42", "forty-two"], ["yes"], ["yes", "not"], ["é"]])
        let score = ExactMatch().score(of: texts)
        #expect(score == ExactMatchScore(matches: 1, segments: 4))
        #expect(score.value == 25 && score.description == "25.00 (1 of 4)")
        #expect(ExactMatch(lowercase: true).score(of: texts).matches == 2)
        #expect(
            ExactMatch().segmentScores(of: texts).map(\.value) == [100, 0, 0, 0])
        #expect(ExactMatch().signature(for: texts) == "nrefs:var|case:mixed")
    }
}

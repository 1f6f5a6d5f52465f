import MartletTensor
import Testing

@testable import MartletText

@Suite struct VocabularyTests {
    @Test func frequentTokensComeFirstAndTiesGoByUTF8() {
        let vocabulary = Vocabulary(counting: ["b", "é", "z", "z", "a", "Z", "好", "b", "z"])
        #expect(vocabulary.tokens == ["<pad>", "<unk>", "z", "b", "Z", "a", "é", "好"])
        #expect(vocabulary.counts == [0, 0, 3, 2, 1, 1, 1, 1])
    }

    @Test func theOrderOfArrivalDoesNotMatter() {
        var random = RandomGenerator(seed: 5)
        let tokens = (0..<2000).map { _ in "t\(random.next() % 300)" }
        let expected = Vocabulary(counting: tokens)
        for _ in 0..<5 {
            #expect(Vocabulary(counting: tokens.shuffled(using: &random)) == expected)
        }
    }

    @Test func tokensBelowTheMinimumCountAreUnknown() {
        let vocabulary = Vocabulary(counting: ["a", "a", "a", "b", "b", "c"], minimumCount: 2)
        #expect(vocabulary.tokens == ["<pad>", "<unk>", "a", "b"])
        #expect(vocabulary.id(of: "c") == Vocabulary.unknownID)
        #expect(!vocabulary.contains("c") && vocabulary.contains("b"))
    }

    @Test func theMaximumSizeIncludesTheSpecialTokens() {
        let tokens = ["a", "b", "b", "c"]
        #expect(
            Vocabulary(counting: tokens, maximumSize: 4).tokens == ["<pad>", "<unk>", "b", "a"])
        #expect(Vocabulary(counting: tokens, maximumSize: 2).tokens == ["<pad>", "<unk>"])
        #expect(Vocabulary(counting: tokens, maximumSize: 5).count == 5)
        #expect(Vocabulary(counting: tokens, maximumSize: 500).count == 5)
    }

    @Test func paddingIsZeroAndUnknownIsOne() {
        let vocabulary = Vocabulary(counting: ["x"])
        #expect(Vocabulary.paddingID == 0 && vocabulary.token(0) == Vocabulary.paddingToken)
        #expect(Vocabulary.unknownID == 1 && vocabulary.token(1) == Vocabulary.unknownToken)
        #expect(vocabulary.id(of: "<pad>") == 0)
    }

    @Test func everyTokenHasItsNumber() {
        let vocabulary = Vocabulary(counting: (0..<5000).map { "token \($0)" } + ["", "\u{0}"])
        #expect(vocabulary.count == 5004)
        for (index, token) in vocabulary.tokens.enumerated() {
            #expect(vocabulary.id(of: token) == Int32(index))
            #expect(vocabulary.token(Int32(index)) == token)
        }
    }

    @Test func theSpecialTokensAreNotCountedTwice() {
        let vocabulary = Vocabulary(counting: ["<pad>", "<unk>", "<pad>", "a"])
        #expect(vocabulary.tokens == ["<pad>", "<unk>", "a"])
    }

    @Test func noTokensGiveTheSpecialTokensAlone() {
        #expect(Vocabulary(counting: []).tokens == ["<pad>", "<unk>"])
        #expect(Vocabulary(counting: []).id(of: "") == Vocabulary.unknownID)
    }

    @Test func twoSpellingsOfOneCharacterStayTwo() {
        let vocabulary = Vocabulary(counting: ["\u{E9}", "e\u{301}"])
        #expect(vocabulary.count == 4)
        #expect(vocabulary.id(of: "\u{E9}") != vocabulary.id(of: "e\u{301}"))
    }
}

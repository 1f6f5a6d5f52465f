import MartletTensor
import MartletTestSupport
import MartletText
import Testing

@Suite struct CharacterTokenizerTests {
    private func tokenizer(_ texts: [String], minimumCount: Int = 1) -> Tokenizer {
        Tokenizer.train(
            on: texts, kind: .characters, minimumCount: minimumCount, maximumSize: 100_000)
    }

    @Test func aTokenIsWhatAReaderCallsACharacter() {
        let tokens = tokenizer([]).tokens("Aé 👨‍👩‍👧🇩🇪e\u{301}好\r\n")
        #expect(tokens == ["A", "é", " ", "👨‍👩‍👧", "🇩🇪", "e\u{301}", "好", "\r\n"])
    }

    @Test(arguments: SampleTexts.awkward)
    func tokensJoinBackToTheText(text: String) {
        #expect(Array(tokenizer([]).tokens(text).joined().utf8) == Array(text.utf8))
    }

    @Test func knownTextComesBackFromItsNumbers() {
        var random = RandomGenerator(seed: 1)
        let texts = SampleTexts.awkward + (0..<50).map { SampleTexts.random($0, using: &random) }
        let tokenizer = tokenizer(texts)
        for text in texts {
            let back = tokenizer.decode(tokenizer.encode(text))
            #expect(Array(back.utf8) == Array(text.utf8))
        }
    }

    @Test func upperAndLowerCaseDiffer() {
        let ids = tokenizer(["aA"]).encode("aA")
        #expect(ids[0] != ids[1])
    }

    @Test func twoSpellingsOfOneCharacterAreTwoTokens() {
        let tokenizer = tokenizer(["\u{E9}e\u{301}"])
        #expect(tokenizer.vocabulary.count == 4)
        #expect(Set(tokenizer.encode("\u{E9}e\u{301}")) == [2, 3])
    }

    @Test func rareCharactersAreUnknown() {
        let tokenizer = tokenizer(["aab"], minimumCount: 2)
        #expect(tokenizer.encode("ab?") == [2, 1, 1])
        #expect(tokenizer.decode([2, 1, 0, 0]) == "a<unk>")
    }

    @Test func theEmptyTextHasNoTokens() {
        #expect(tokenizer([]).encode("") == [])
        #expect(tokenizer([]).decode([]) == "")
    }
}

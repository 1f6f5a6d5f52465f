import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct DictionaryTokenizerTests {
    private static let corpus = ChineseCorpus.sentences(3000, seed: 3)
    private static let trained = Tokenizer.train(on: corpus, kind: .dictionary)

    @Test(arguments: ChineseCorpus.words)
    func wordsOfTheCorpusAreLearned(word: String) {
        #expect(Self.trained.tokens(word) == [word])
        #expect(Self.trained.encode(word) != [Vocabulary.unknownID])
    }

    @Test func newSentencesAreCutIntoTheWordsTheyWereMadeOf() {
        let tokens = Self.trained.tokens("大家都喜欢电影，妈妈讨厌这本书")
        #expect(tokens == ["大家", "都", "喜欢", "电影", "，", "妈妈", "讨厌", "这本书"])
    }

    @Test func charactersThatOnlyMeetByChanceAreNoWord() {
        let learned = Set(Self.trained.vocabulary.tokens.dropFirst(2))
        #expect(learned == Set(ChineseCorpus.words + ["。"]))
    }

    @Test func lettersDigitsAndMarksAreTokensOfTheirOwn() {
        let tokens = Self.trained.tokens("iPhone15很 GOOD!!😀")
        #expect(tokens == ["iphone", "15", "很", "good", "!", "!", "😀"])
    }

    @Test func charactersNeverSeenAreUnknownOneByOne() {
        #expect(Self.trained.encode("龘靐") == [1, 1])
        #expect(Self.trained.tokens("我喜欢龘") == ["我", "喜欢", "龘"])
    }

    @Test func aWordTooRareForTheVocabularyIsCutIntoItsCharacters() {
        let small = Tokenizer.train(on: Self.corpus, kind: .dictionary, minimumCount: 1_000_000)
        #expect(small.vocabulary.count == 2)
        #expect(small.tokens("喜欢") == ["喜", "欢"])
    }

    @Test(arguments: SampleTexts.awkward)
    func tokensJoinToTheNormalisedText(text: String) {
        #expect(Array(Self.trained.tokens(text).joined().utf8) == normalised(text))
    }

    @Test func randomTextIsCovered() {
        var random = RandomGenerator(seed: 4)
        for length in 0..<400 {
            let text =
                ChineseCorpus.sentence(&random) + SampleTexts.random(length % 40, using: &random)
            #expect(Array(Self.trained.tokens(text).joined().utf8) == normalised(text))
        }
    }

    @Test func chineseComesBackFromItsNumbers() {
        for sentence in Self.corpus.prefix(50) {
            #expect(Self.trained.decode(Self.trained.encode(sentence)) == sentence)
        }
    }

    @Test func trainingTwiceGivesTheSameFile() {
        let again = Tokenizer.train(on: Self.corpus, kind: .dictionary)
        #expect(again == Self.trained)
        #expect(again.jsonData == Self.trained.jsonData)
    }

    @Test func aCorpusWithoutChineseLearnsNoWords() {
        let english = Tokenizer.train(on: ["good good", ""], kind: .dictionary)
        #expect(english.tokens("good 电影") == ["good", "电", "影"])
        #expect(english.encode("good 电影") == [2, 1, 1])
    }
}

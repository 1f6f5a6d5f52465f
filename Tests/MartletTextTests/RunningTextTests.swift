import MartletTensor
import MartletTestSupport
import MartletText
import Testing

/// Running text as tokens and back, with the ends of its lines.
@Suite struct RunningTextTests {
    /// The tokens of a text, written one after another as a generator does.
    private func written(_ text: String, by tokenizer: Tokenizer) -> String {
        var previous: Int32?
        var result = ""
        for id in tokenizer.encode(runningText: text) {
            result += tokenizer.text(of: id, after: previous)
            previous = id
        }
        return result
    }

    private func tokenizer(_ text: String, _ unit: TextUnit, maximumSize: Int = 1_000) -> Tokenizer
    {
        .train(onRunningText: text, unit: unit, minimumCount: 1, maximumSize: maximumSize)
    }

    @Test func charactersComeBackAsTheyWere() {
        var random = RandomGenerator(seed: 31)
        let texts =
            ["a\n", "a", "\n", "\n\na\n\n", "床前明月光，\n疑是地上霜。\n"] + SampleTexts.awkward
            + (0..<60).map { SampleTexts.random($0, using: &random) }
        for text in texts {
            let tokenizer = tokenizer(text, .character)
            #expect(tokenizer.kind == .characters)
            #expect(Array(written(text, by: tokenizer).utf8) == Array(text.utf8))
            #expect(tokenizer.encode(runningText: text).count == text.count)
        }
    }

    @Test func theEndOfALineIsACharacterLikeOthers() {
        let tokenizer = tokenizer("ab\nab\nb\n", .character)
        let end = tokenizer.vocabulary.id(of: "\n")
        #expect(tokenizer.lineBreakID == end)
        #expect(tokenizer.encode(runningText: "b\na").dropFirst().first == end)
        #expect(self.tokenizer("ab", .character).lineBreakID == nil)
    }

    @Test(arguments: [
        "the cat sat.\nthe dog, too!\n", "the cat sat.\nthe dog, too!", "one", "one\n",
        "\none\n\n\ntwo\n",
        "(a) [b]: 50% don't\nx\n", "\n",
    ])
    func linesOfWordsComeBack(text: String) {
        let tokenizer = tokenizer(text, .word)
        #expect(tokenizer.kind == .words)
        #expect(written(text, by: tokenizer) == text)
    }

    @Test func everyEndOfALineIsAToken() {
        let tokenizer = tokenizer("a b\nc\n", .word)
        let vocabulary = tokenizer.vocabulary
        let end = vocabulary.id(of: "\n")
        let (a, b, c) = (vocabulary.id(of: "a"), vocabulary.id(of: "b"), vocabulary.id(of: "c"))
        #expect(Set([a, b, c, end, Vocabulary.paddingID, Vocabulary.unknownID]).count == 6)
        #expect(tokenizer.lineBreakID == end)
        #expect(tokenizer.encode(runningText: "a b\nc") == [a, b, end, c])
        #expect(tokenizer.encode(runningText: "a b\nc\n") == [a, b, end, c, end])
        #expect(tokenizer.encode(runningText: "\n\na") == [end, end, a])
        #expect(tokenizer.encode(runningText: "A  x \n") == [a, Vocabulary.unknownID, end])
        #expect(tokenizer.encode(runningText: "") == [])
    }

    @Test func spacesStandBetweenWordsOfOneLineOnly() {
        let tokenizer = tokenizer("well , said\nhe\n", .word)
        let vocabulary = tokenizer.vocabulary
        let (end, said) = (vocabulary.id(of: "\n"), vocabulary.id(of: "said"))
        #expect(tokenizer.text(of: said, after: nil) == "said")
        #expect(tokenizer.text(of: said, after: end) == "said")
        #expect(tokenizer.text(of: end, after: said) == "\n")
        #expect(tokenizer.text(of: said, after: said) == " said")
        #expect(tokenizer.text(of: vocabulary.id(of: ","), after: said) == ",")
    }

    @Test func chineseIsWordsLearnedFromTheText() {
        let lines = ChineseCorpus.sentences(600, seed: 32)
        let text = lines.joined(separator: "\n") + "\n"
        let tokenizer = tokenizer(text, .word)
        #expect(tokenizer.kind == .dictionary)
        for word in ["电影", "喜欢", "巧克力"] { #expect(tokenizer.vocabulary.contains(word), "\(word)") }
        #expect(written(text, by: tokenizer) == text)
        let tokens = tokenizer.encode(runningText: text)
        #expect(tokens.count < text.count * 4 / 5 && !tokens.contains(Vocabulary.unknownID))
        #expect(tokens.count { $0 == tokenizer.lineBreakID } == 600)
        #expect(written(String(text.dropLast()), by: tokenizer) == String(text.dropLast()))
    }

    @Test(arguments: [TextUnit.character, .word], [4, 10, 40])
    func theVocabularyIsNoLargerThanAsked(unit: TextUnit, maximumSize: Int) {
        var random = RandomGenerator(seed: 33)
        let text = (0..<300).map { _ in
            String(random.integer(below: 100)) + (random.integer(below: 5) == 0 ? "\n" : " ")
        }.joined()
        let vocabulary = tokenizer(text, unit, maximumSize: maximumSize).vocabulary
        #expect(vocabulary.count <= maximumSize)
        // Of words, the end of a line always has its place.
        if unit == .word { #expect(vocabulary.count == maximumSize && vocabulary.contains("\n")) }
    }

    @Test func rareTokensAreUnknown() {
        let text = "a a b\na b c\n"
        let words = Tokenizer.train(onRunningText: text, unit: .word, minimumCount: 2)
        #expect(words.vocabulary.tokens == ["<pad>", "<unk>", "a", "b", "\n"])
        let characters = Tokenizer.train(onRunningText: text, unit: .character, minimumCount: 3)
        #expect(characters.vocabulary.tokens == ["<pad>", "<unk>", " ", "a"])
    }

    @Test func aSavedTokenizerCutsTheSame() throws {
        let text = "the cat sat.\n\nthe dog\n"
        for unit in [TextUnit.character, .word] {
            let tokenizer = tokenizer(text, unit)
            try withTemporaryFolder { folder in
                let path = folder + "/tokenizer.json"
                try tokenizer.save(to: path)
                let again = try Tokenizer(contentsOf: path)
                #expect(again.vocabulary == tokenizer.vocabulary && again.kind == tokenizer.kind)
                #expect(
                    again.encode(runningText: text) == tokenizer.encode(runningText: text))
                #expect(written(text, by: again) == text)
            }
        }
    }
}

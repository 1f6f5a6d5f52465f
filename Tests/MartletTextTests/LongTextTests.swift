import MartletTensor
import MartletTestSupport
import MartletText
import Testing

/// Time must be linear in the length of a text; a quadratic step would take many seconds here.
@Suite struct LongTextTests {
    private static let length = 100_000
    private static let corpus = ChineseCorpus.sentences(300, seed: 8)

    private static let texts: [(name: String, text: String)] = {
        var random = RandomGenerator(seed: 9)
        func repeated(_ text: String) -> String {
            String(repeating: text, count: length / text.unicodeScalars.count)
        }
        return [
            ("one word", repeated("a")), ("spaces", repeated(" ")), ("one run", repeated("电影")),
            ("words", repeated("Good film! ")), ("apostrophes", repeated("a'")),
            ("combining marks", "a" + repeated("\u{301}")), ("flags", repeated("🇩🇪")),
            ("families", repeated("👨‍👩‍👧‍👦")), ("line ends", repeated("\r\n")),
            ("any scalars", SampleTexts.random(length, using: &random)),
        ]
    }()

    @Test(arguments: [TokenizerKind.characters, .words, .dictionary])
    func hundredThousandCharactersAreQuick(kind: TokenizerKind) {
        let tokenizer = Tokenizer.train(on: Self.corpus, kind: kind, longestNGram: 3)
        for (name, text) in Self.texts {
            let time = processorTime {
                let tokens = tokenizer.tokens(text)
                let expected = kind == .characters ? Array(text.utf8) : normalised(text)
                #expect(Array(tokens.joined().utf8) == expected, "\(name)")
                let ids = tokenizer.encode(text)
                #expect(ids.count == tokens.count, "\(name)")
                #expect(tokenizer.nGrams?.rows(ids).count == 2 * ids.count, "\(name)")
                _ = tokenizer.decode(ids)
            }
            #expect(time < 1, "\(name)")
        }
    }

    @Test(arguments: [TokenizerKind.characters, .words, .dictionary])
    func trainingOnOneLongTextIsQuick(kind: TokenizerKind) {
        let text = ChineseCorpus.sentences(14_000, seed: 10).joined()
        #expect(text.count > Self.length)
        let time = processorTime {
            _ = Tokenizer.train(on: [text], kind: kind, longestNGram: 3)
        }
        #expect(time < 1)
    }
}

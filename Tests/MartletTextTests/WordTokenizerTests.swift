import MartletTensor
import MartletTestSupport
import MartletText
import Testing

@Suite struct WordTokenizerTests {
    private let empty = Tokenizer.train(on: [], kind: .words)

    private static let cuts: [(text: String, tokens: [String])] = [
        ("Hello, World!", ["hello", ",", "world", "!"]),
        ("don't rock'n'roll", ["don't", "rock'n'roll"]),
        ("'quoted' it's'", ["'", "quoted", "'", "it's", "'"]),
        ("a ' b 5'6 ''x", ["a", "'", "b", "5", "'", "6", "'", "'", "x"]),
        ("well-known a_b", ["well", "-", "known", "a", "_", "b"]),
        ("3.14 abc123 v2", ["3", ".", "14", "abc123", "v2"]),
        ("ÄÖÜ ΣΑΣ İ", ["äöü", "σασ", "i\u{307}"]), ("...", [".", ".", "."]),
        ("一个好电影，真的。", ["一个好电影", "，", "真的", "。"]),
        ("so😀😀good", ["so", "😀", "😀", "good"]),
        ("e\u{301}te\u{301} \u{301}", ["e\u{301}te\u{301}", "\u{301}"]),
        ("soft\u{AD}hyphen zero\u{200B}width", ["soft", "hyphen", "zero", "width"]),
        (" \t\n\u{3000}", []), ("", []),
    ]

    @Test(arguments: cuts)
    func wordsAndPunctuationAreParted(text: String, expected: [String]) {
        #expect(empty.tokens(text) == expected)
    }

    @Test(arguments: SampleTexts.awkward)
    func tokensJoinToTheNormalisedText(text: String) {
        #expect(Array(empty.tokens(text).joined().utf8) == normalised(text))
    }

    @Test func randomTextIsCoveredWithoutEmptyTokens() {
        var random = RandomGenerator(seed: 2)
        for length in 0..<400 {
            let text = SampleTexts.random(length % 40, using: &random)
            let tokens = empty.tokens(text)
            #expect(Array(tokens.joined().utf8) == normalised(text))
            #expect(!tokens.contains(""))
        }
    }

    @Test(arguments: [
        "hello, world (again)! 50% [off]; yes: no?", "don't stop.", "abc123 x",
        "이 영화 정말 좋아요", "这部电影，我喜欢！（真的）",
    ])
    func lowerCaseTextComesBackWithItsSpaces(text: String) {
        let tokenizer = Tokenizer.train(on: [text], kind: .words, minimumCount: 1)
        #expect(tokenizer.decode(tokenizer.encode(text)) == text)
    }

    @Test func upperCaseHasTheNumberOfLowerCase() {
        let tokenizer = Tokenizer.train(on: ["Good good GOOD"], kind: .words)
        #expect(tokenizer.vocabulary.tokens == ["<pad>", "<unk>", "good"])
        #expect(tokenizer.encode("gOOd BAD") == [2, 1])
    }

    @Test func theNamesOfTheSpecialTokensInATextAreNotSpecial() {
        let tokenizer = Tokenizer.train(on: ["<pad> <pad> <unk> <unk>"], kind: .words)
        #expect(!tokenizer.encode("<pad><unk>").contains(Vocabulary.paddingID))
    }
}

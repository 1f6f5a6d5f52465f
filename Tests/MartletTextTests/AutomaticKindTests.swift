import MartletText
import Testing

@Suite struct AutomaticKindTests {
    private static let cases: [(texts: [String], isCJK: Bool)] = [
        (["这部电影很好"], true), (["This film is good"], false), (["日本語のテキスト"], true),
        (["한국어 텍스트"], false), (["电影ok"], false), (["电影真好ok"], true),
        (["我 12345 !!! 😀"], true), (["好!!!!!!!!!!!!!! 2024 😀"], true), (["123 !?"], false),
        ([""], false), ([], false), (["电影", "a"], true),
    ]

    @Test(arguments: cases)
    func cjkIsWhereMostLettersAre(texts: [String], expected: Bool) {
        #expect(isMostlyCJK(texts) == expected)
    }

    @Test func automaticSettlesOnCharactersOrWords() {
        #expect(Tokenizer.train(on: ["这部电影很好"], kind: .automatic).kind == .characters)
        #expect(Tokenizer.train(on: ["a good film"], kind: .automatic).kind == .words)
        #expect(Tokenizer.train(on: [], kind: .automatic).kind == .words)
    }
}

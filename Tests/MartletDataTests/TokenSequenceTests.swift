import MartletData
import MartletText
import Testing

@Suite struct TokenSequenceTests {
    private let texts = [String](repeating: "abcde abcd", count: 9)

    @Test func aPartReadsAsIfItStoodAlone() {
        for longest in 1...3 {
            let tokenizer = Tokenizer.train(
                on: texts, kind: .characters, minimumCount: 1, longestNGram: longest)
            let text = "abcdeabcd"
            let whole = TokenSequence(text, tokenizer)
            for start in 0...text.count {
                for count in 0...(text.count - start) {
                    let part = String(text.dropFirst(start).prefix(count))
                    #expect(whole.slice(start, count) == TokenSequence(part, tokenizer))
                }
            }
        }
    }
}

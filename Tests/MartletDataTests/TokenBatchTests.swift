import MartletData
import MartletTensor
import MartletText
import Testing

@Suite struct TokenBatchTests {
    private func values(_ tensor: Tensor) -> [Int32] {
        tensor.withUnsafeBytes { Array($0.bindMemory(to: Int32.self)) }
    }

    private let words = Tokenizer.train(on: ["a a a b b c"], kind: .words, minimumCount: 1)
    private let pairs = Tokenizer.train(
        on: Array(repeating: "a b c", count: 5) + ["a b"], kind: .words, minimumCount: 1,
        longestNGram: 3)

    @Test func sequencesArePaddedWithZeroAtTheirEnds() {
        let texts = ["a b", "", "c b a x", "b"]
        let batch = TokenBatch(texts.map { TokenSequence($0, words) })
        #expect(batch.tokens.shape == [4, 4] && batch.tokens.dtype == .int32)
        #expect(values(batch.tokens) == [2, 3, 0, 0, 0, 0, 0, 0, 4, 3, 2, 1, 3, 0, 0, 0])
        #expect(batch.lengths == [2, 0, 4, 1])
        #expect(batch.nGrams == nil)
    }

    @Test func aBatchOfEmptyTextsIsOneWide() {
        let batch = TokenBatch(["", " "].map { TokenSequence($0, words) })
        #expect(batch.tokens.shape == [2, 1])
        #expect(values(batch.tokens) == [0, 0] && batch.lengths == [0, 0])
    }

    @Test func aBatchOfNothingHasNoRows() {
        let batch = TokenBatch([])
        #expect(batch.tokens.shape == [0, 1] && batch.lengths == [])
    }

    @Test func nGramsLieBesideTheirTokens() throws {
        let batch = TokenBatch(["a b c", "b"].map { TokenSequence($0, pairs) })
        let nGrams = try #require(batch.nGrams)
        #expect(nGrams.shape == [2, 3, 2] && nGrams.dtype == .int32)
        // [a, b] is the most frequent, then [b, c], then [a, b, c].
        #expect(values(nGrams) == [0, 0, 1, 0, 2, 3, 0, 0, 0, 0, 0, 0])
    }

    @Test func aPrefixHasTheNGramsOfItsTokens() {
        let whole = TokenSequence("a b c a b", pairs)
        #expect(whole.count == 5 && whole.nGrams.count == 10)
        #expect(whole.prefix(3) == TokenSequence("a b c", pairs))
        #expect(whole.prefix(0) == TokenSequence("", pairs))
        #expect(whole.prefix(99) == whole)
    }
}

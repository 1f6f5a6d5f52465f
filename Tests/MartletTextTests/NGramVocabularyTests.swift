import MartletTensor
import Testing

@testable import MartletText

@Suite struct NGramVocabularyTests {
    private let sequences: [[Int32]] = [[2, 3, 4], [2, 3, 4], [2, 3, 5], [5, 5, 5, 5]]

    @Test func frequentOnesComeFirstAndTiesGoByLengthAndTokens() {
        let vocabulary = NGramVocabulary(counting: sequences, longest: 3, minimumCount: 2)
        #expect(vocabulary.nGrams == [[2, 3], [5, 5], [3, 4], [2, 3, 4], [5, 5, 5]])
        #expect(vocabulary.rowCount == 6)
    }

    @Test func aTokenHasTheNumbersOfTheNGramsThatEndThere() {
        let vocabulary = NGramVocabulary(counting: sequences, longest: 3, minimumCount: 2)
        // For each place the n-gram of two tokens, then that of three.
        #expect(vocabulary.rows([2, 3, 4]) == [0, 0, 1, 0, 3, 4])
        #expect(vocabulary.rows([9, 2, 3]) == [0, 0, 0, 0, 1, 0])
        #expect(vocabulary.rows([5]) == [0, 0])
        #expect(vocabulary.rows([]) == [])
    }

    @Test func pairsAloneHaveOneNumberForEachToken() {
        let vocabulary = NGramVocabulary(counting: sequences, longest: 2, minimumCount: 2)
        #expect(vocabulary.nGrams == [[2, 3], [5, 5], [3, 4]])
        #expect(vocabulary.rows([2, 3, 4, 5]) == [0, 1, 3, 0])
    }

    @Test func theUnknownTokenAndPaddingAreInNoNGram() {
        let sequences: [[Int32]] = Array(repeating: [1, 1, 2, 1, 0, 0, 2, 2], count: 5)
        let vocabulary = NGramVocabulary(counting: sequences, longest: 3, minimumCount: 1)
        #expect(vocabulary.nGrams == [[2, 2]])
        #expect(vocabulary.rows([1, 2, 2, 1]) == [0, 0, 0, 0, 1, 0, 0, 0])
    }

    @Test func minimumCountAndMaximumSizeAreKept() {
        #expect(NGramVocabulary(counting: sequences, longest: 3).nGrams == [[2, 3], [5, 5]])
        let one = NGramVocabulary(counting: sequences, longest: 3, maximumSize: 1)
        #expect(one.nGrams == [[2, 3]])
        let none = NGramVocabulary(counting: [], longest: 2)
        #expect(none.rowCount == 1 && none.rows([2, 3]) == [0, 0])
    }

    /// Twenty bits a token: those beyond take part in none, and do not pass for smaller ones.
    @Test func tokensBeyondTwentyBitsAreInNoNGram() {
        let top: Int32 = 1 << 20
        let sequences: [[Int32]] = Array(repeating: [top - 1, top - 1, top, 2, 2 + top], count: 4)
        let vocabulary = NGramVocabulary(counting: sequences, longest: 2)
        #expect(vocabulary.nGrams == [[top - 1, top - 1]])
        #expect(vocabulary.rows([top, 2, top - 1, top - 1]) == [0, 0, 0, 1])
    }

    @Test func theOrderOfSequencesDoesNotMatter() {
        var random = RandomGenerator(seed: 7)
        let sequences = (0..<300).map { _ in (0..<20).map { _ in Int32(random.next() % 12) } }
        let expected = NGramVocabulary(counting: sequences, longest: 3)
        #expect(expected.rowCount > 500)
        for _ in 0..<3 {
            let other = NGramVocabulary(counting: sequences.shuffled(using: &random), longest: 3)
            #expect(other == expected)
        }
    }

    @Test func theirTokensGiveThemBack() {
        let vocabulary = NGramVocabulary(counting: sequences, longest: 3, minimumCount: 1)
        #expect(NGramVocabulary(longest: 3, nGrams: vocabulary.nGrams) == vocabulary)
    }

    private static let refused: [(longest: Int, nGrams: [[Int32]])] = [
        (1, [[2, 3]]), (4, [[2, 3]]), (0, []), (2, [[2, 3, 4]]), (3, [[2]]), (3, [[]]),
        (3, [[2, 3], [2, 3]]), (3, [[2, 1]]), (3, [[0, 2]]), (3, [[-5, 2]]), (3, [[2, 1 << 20]]),
    ]

    @Test(arguments: refused)
    func whatIsNoNGramIsRefused(longest: Int, nGrams: [[Int32]]) {
        #expect(NGramVocabulary(longest: longest, nGrams: nGrams) == nil)
    }

    @Test func aTokenizerNumbersTheNGramsOfItsOwnTokens() throws {
        let texts = Array(repeating: "not good at all", count: 3)
        let tokenizer = Tokenizer.train(on: texts, kind: .words, longestNGram: 2)
        let nGrams = try #require(tokenizer.nGrams)
        #expect(nGrams.rowCount == 4)
        let rows = nGrams.rows(tokenizer.encode("not good film at all"))
        #expect(rows.map { $0 > 0 } == [false, true, false, false, true])
        #expect(Tokenizer.train(on: texts, kind: .words).nGrams == nil)
    }
}

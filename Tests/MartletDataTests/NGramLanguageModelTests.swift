import Foundation
import MartletTensor
import Testing

@testable import MartletData

@Suite struct NGramLanguageModelTests {
    private static func text(_ count: Int, seed: UInt64, vocabulary: Int) -> [Int32] {
        var random = RandomGenerator(seed: seed)
        // The product of two numbers: some tokens are frequent, some never come.
        return (0..<count).map { _ in
            Int32(
                random.integer(below: vocabulary) * random.integer(below: vocabulary) / vocabulary)
        }
    }

    @Test(arguments: 1...5)
    func probabilitiesOfAllTokensSumToOne(order: Int) {
        let vocabulary = 13
        let model = NGramLanguageModel(
            Self.text(400, seed: 1, vocabulary: vocabulary), order: order,
            vocabularySize: vocabulary)
        let other = Self.text(60, seed: 2, vocabulary: vocabulary)
        for place in other.indices {
            var changed = other
            let probabilities = (0..<Int32(vocabulary)).map { token in
                changed[place] = token
                return model.probability(changed, at: place)
            }
            #expect(abs(probabilities.reduce(0, +) - 1) < 1e-12, "at \(place)")
            #expect(probabilities.allSatisfy { $0 > 0 })
        }
    }

    /// Of 0 1 0 2 0 1, three tokens known: Witten & Bell by hand.
    @Test func aCaseByHand() {
        let model = NGramLanguageModel([0, 1, 0, 2, 0, 1], order: 2, vocabularySize: 3)
        // Single tokens: 0 three times, 1 twice, 2 once of 6, three kinds: (count + 3 · 1/3) / 9.
        let single = [4.0 / 9, 3.0 / 9, 2.0 / 9]
        for token in 0..<3 {
            #expect(abs(model.probability([Int32(token)], at: 0) - single[token]) < 1e-15)
        }
        // After 0: 1 twice, 2 once; two kinds: (count + 2 · p) / 5.
        let afterZero = [2 * single[0] / 5, (2 + 2 * single[1]) / 5, (1 + 2 * single[2]) / 5]
        // After 2: 0 once; one kind: (count + p) / 2.
        let afterTwo = [(1 + single[0]) / 2, single[1] / 2, single[2] / 2]
        for token in 0..<3 {
            let next = Int32(token)
            #expect(abs(model.probability([0, next], at: 1) - afterZero[token]) < 1e-15)
            #expect(abs(model.probability([2, next], at: 1) - afterTwo[token]) < 1e-15)
            // What stands further back does not count.
            #expect(model.probability([1, 2, next], at: 2) == model.probability([2, next], at: 1))
        }
        // After 1: 0 once, as after 2.
        let expected = -(log(afterZero[1]) + log((1 + single[0]) / 2)) / 2
        #expect(abs(model.loss([0, 1, 0]) - expected) < 1e-12)
    }

    @Test func tokensNeverSeenAndContextsNeverSeenHaveProbabilities() {
        let model = NGramLanguageModel([0, 1, 0, 1, 0], order: 3, vocabularySize: 10)
        #expect(model.probability([7, 8, 9], at: 2) == model.probability([9], at: 0))
        #expect(model.probability([9], at: 0) == 0.2 / 7)
        // Nothing counted: all are as likely.
        let empty = NGramLanguageModel([], order: 3, vocabularySize: 10)
        #expect(abs(empty.loss([1, 2, 3]) - log(10)) < 1e-12)
    }

    @Test func longerContextsLearnWhatShorterCannot() {
        // 0 0 1 1 0 0 1 1 …: one token back says nothing, two say all.
        let text = (0..<400).map { Int32($0 / 2 % 2) }
        let losses = (1...3).map {
            NGramLanguageModel(text, order: $0, vocabularySize: 2).loss(text)
        }
        #expect(abs(losses[0] - log(2)) < 0.01 && abs(losses[1] - log(2)) < 0.02)
        #expect(losses[2] < 0.05)
    }

    @Test func theOrderOfAContextCounts() {
        let model = NGramLanguageModel([0, 1, 2, 1, 0, 3], order: 3, vocabularySize: 4)
        #expect(model.probability([0, 1, 2], at: 2) > model.probability([1, 0, 2], at: 2))
        #expect(model.probability([1, 0, 3], at: 2) > model.probability([0, 1, 3], at: 2))
    }
}

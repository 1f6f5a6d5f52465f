import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// The code of Documentation/Learn/09-sequence-to-sequence.md, and that the lesson shows just this code.
@Suite struct LessonNineTests {
    private let page = "Documentation/Learn/09-sequence-to-sequence.md"

    @Test func additiveAttentionComparesByASmallNetwork() {
        var random = RandomGenerator(seed: 1)
        // lesson: by-hand
        let states = random.normal([3, 4])  // h: what the encoder made of three tokens
        let state = random.normal([1, 4])  // s: what the decoder is about to do
        let (W, U, v) = (random.normal([5, 4]), random.normal([5, 4]), random.normal([5]))
        let compared = (state.linear(weight: W) + states.linear(weight: U)).tanh()  // [3, 5]
        let weights = (compared * v).sum(axis: 1).softmax()  // α: three numbers that add up to 1
        let context = weights.reshaped([1, 3]).matmul(states)  // c: a mean of the states
        // lesson: end

        // lesson: operation
        let (same, alpha) = Tensor.additiveAttention(  // [B, T, …] and [B, S, …]
            query: state.linear(weight: W).reshaped([1, 1, 5]),
            key: states.linear(weight: U).reshaped([1, 3, 5]), score: v,
            value: states.reshaped([1, 3, 4]))
        // lesson: end
        #expect(largestDifference(same.reshaped([1, 4]), context) < 1e-5)
        #expect(largestDifference(alpha.reshaped([3]), weights) < 1e-5)
    }

    @Test func aNetworkLearnsToWriteBackwards() throws {
        // lesson: model
        var random = RandomGenerator(seed: 2)
        var model = RecurrentSequenceToSequence(
            .init(
                cell: .gru, attention: .bahdanau, sourceVocabularySize: 8, vocabularySize: 8,
                embeddingSize: 16, hiddenSize: 32), using: &random)
        var optimizer = AdamW(learningRate: 1e-2)
        for _ in 1...250 {
            let source = random.integers([32, 4], in: 1..<8).cast(to: .int32)  // four of 1 … 7
            let answer = source.flipped(axis: 1).padded(axis: 1, before: 0, after: 1, with: 0)
            let read = answer.slice(axis: 1, 0..<4).padded(axis: 1, before: 1, after: 0, with: 0)
            let (_, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                return model.loss(source: source, target: read, next: answer, dropout: &none)
            }
            optimizer.update(&model, gradient.clipped(norm: 1))
        }
        // lesson: end

        // lesson: search
        var search = BeamSearch(beginning: 0, end: 0)
        search.width = 4
        search.maximumLength = 10
        let best = try search(model, reading: [[1, 2, 3, 4], [7, 7, 5, 6]]).map { $0[0] }
        let written = best.map(\.tokens)  // [4, 3, 2, 1] and [6, 5, 7, 7]
        let looked = best[0].attention![0]  // where it looked for the 4: four numbers, together 1
        // lesson: end
        #expect(written == [[4, 3, 2, 1], [6, 5, 7, 7]])
        #expect(looked.count == 4 && abs(looked.reduce(0, +) - 1) < 1e-4)
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown(page, codeIn: #filePath)
    }
}

import MartletModels
import MartletNN
import MartletTensor
import MartletText
import MartletTraining
import Testing

/// The code of Documentation/Learn/04-language-models.md, and that the lesson shows just this code.
@Suite struct LessonFourTests {
    private let page = "Documentation/Learn/04-language-models.md"

    @Test func aModelLearnsWhatComesNext() throws {
        // lesson: text
        let text = String(repeating: "the cat sat on the mat. ", count: 200)
        let tokenizer = Tokenizer.train(onRunningText: text, unit: .character)
        let tokens = tokenizer.encode(runningText: text)  // [Int32], a number for each character
        // lesson: end
        #expect(tokens.count == text.count)

        // lesson: model
        var random = RandomGenerator(seed: 1)
        var model = LanguageModel(
            .init(
                cell: .gru, vocabularySize: tokenizer.vocabulary.count, embeddingSize: 16,
                hiddenSize: 48),
            using: &random)
        // lesson: end

        // lesson: windows
        let length = 32
        var optimizer = AdamW(learningRate: 0.01)
        var state: RecurrentState?
        var losses: [Double] = []
        for begin in stride(from: 0, to: tokens.count - length - 1, by: length) {
            let window = Tensor(Array(tokens[begin..<begin + length]), shape: [1, length])
            let next = Tensor(Array(tokens[begin + 1...begin + length]), shape: [1, length])
            let (loss, after, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?  // no dropout
                return model.loss(window, next: next, from: state, dropout: &none)
            }
            optimizer.update(&model, gradient.clipped(norm: 1))
            state = after.detached  // the next window goes on from here
            losses.append(loss.item)
        }
        // lesson: end
        #expect(losses[0] > 2 && losses[losses.count - 1] < 0.1)

        // lesson: write
        var generator = TextGenerator(tokenizer: tokenizer, model: model)
        try generator.read("the c")
        let sampler = Sampler(temperature: 0.5)
        let written = try (0..<20).map { _ in try generator.next(sampler, using: &random) }.joined()
        // lesson: end
        #expect(written.hasPrefix("at sat on the mat"))

        // lesson: fork
        var other = generator  // a copy goes on by itself
        let a = try generator.next(Sampler(temperature: 0), using: &random)
        let b = try other.next(Sampler(temperature: 0), using: &random)  // a == b
        // lesson: end
        #expect(a == b)
    }

    @Test func aSamplerChooses() {
        // lesson: sampler
        let scores: [Float] = [2, 1, 0, -1]
        var random = RandomGenerator(seed: 1)
        let greedy = Sampler(temperature: 0).choose(scores, using: &random)  // always 0
        let two = Sampler(temperature: 1, topK: 2).choose(scores, using: &random)  // 0 or 1
        let nucleus = Sampler(topP: 0.6).choose(scores, using: &random)  // 0: it has 0.64 alone
        // lesson: end
        #expect(greedy == 0 && two < 2 && nucleus == 0)
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown(page, codeIn: #filePath)
    }
}

import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletText
import MartletTraining
import Testing

/// The code of Documentation/Learn/08-transformers.md, and that the lesson shows just this code.
@Suite struct LessonEightTests {
    private let page = "Documentation/Learn/08-transformers.md"

    @Test func aBlockByHandIsTheModelsBlock() {
        // lesson: model
        var random = RandomGenerator(seed: 1)
        let model = GPT2(
            .init(vocabularySize: 30, positions: 64, width: 32, layers: 2, heads: 4),
            using: &random)
        let tokens = Tensor([3, 1, 4, 1, 5] as [Int32], shape: [1, 5])
        // lesson: end

        // lesson: by-hand
        let gelu = model.configuration.activation
        func heads(_ x: Tensor) -> Tensor { x.reshaped([1, 5, 4, 8]) }  // 4 heads of width 8
        var x = model.tokens(tokens) + model.positions(Tensor([0, 1, 2, 3, 4] as [Int32]))
        for block in model.blocks {
            let parts = block.queryKeyValue(block.firstNorm(x)).split(axis: 2, sizes: [32, 32, 32])
            let seen = Tensor.attention(
                query: heads(parts[0]), key: heads(parts[1]), value: heads(parts[2]), mask: .causal)
            x = x + block.output(seen.reshaped([1, 5, 32]))  // what others know
            x = x + block.down(gelu(block.up(block.secondNorm(x))))  // what follows from it
        }
        let scores = model.norm(x).linear(weight: model.tokens.weight)  // [1, 5, 30]
        // lesson: end
        #expect(largestDifference(scores, model(tokens)) < 1e-5)

        // lesson: count
        let (V, P, D, L) = (30, 64, 32, 2)
        let parameters = V * D + P * D + L * (12 * D * D + 13 * D) + 2 * D
        // lesson: end
        #expect(parameters == model.parameterCount)
    }

    @Test func aDecoderLearnsAndWritesWithACache() throws {
        // lesson: text
        let text = String(repeating: "the cat sat on the mat. ", count: 200)
        let tokenizer = Tokenizer.train(onRunningText: text, unit: .character)
        let tokens = tokenizer.encode(runningText: text)
        // lesson: end

        // lesson: training
        var random = RandomGenerator(seed: 2)
        var model = GPT2(
            .init(
                vocabularySize: tokenizer.vocabulary.count, positions: 64, width: 32, layers: 2,
                heads: 4), using: &random)
        var optimizer = AdamW(learningRate: 0.01)
        var losses: [Double] = []
        for _ in 0..<60 {
            let starts = (0..<8).map { _ in random.integer(below: tokens.count - 33) }
            let window = Tensor(starts.flatMap { tokens[$0..<$0 + 32] }, shape: [8, 32])
            let next = Tensor(starts.flatMap { tokens[$0 + 1...$0 + 32] }, shape: [8, 32])
            let (loss, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?  // no dropout
                return model.loss(window, next: next, dropout: &none)
            }
            optimizer.update(&model, gradient.clipped(norm: 1))
            losses.append(loss.item)
        }
        // lesson: end
        #expect(losses[0] > 2.3 && losses[59] < 0.4, "\(losses[0]), \(losses[59])")

        // lesson: cache
        let start = tokenizer.encode(runningText: "the c")
        var state: AttentionState? = model.emptyState(batch: 1)
        var scores = model(Tensor(start, shape: [1, start.count]), state: &state)
        var written = start
        for _ in 0..<30 {
            let last = scores.slice(axis: 1, scores.shape[1] - 1..<scores.shape[1])
            let choice = last.argmax(axis: 2).scalars(as: Int32.self)[0]
            written.append(choice)
            scores = model(Tensor([choice], shape: [1, 1]), state: &state)  // one token, not all
        }
        // lesson: end
        let whole = model(Tensor(written, shape: [1, written.count]))
        let end = whole.slice(axis: 1, written.count - 1..<written.count)
        #expect(largestDifference(end, scores) < 1e-3)
        let guesses = whole.argmax(axis: 2).scalars(as: Int32.self)
        #expect(
            Array(guesses[(start.count - 1)..<(written.count - 1)])
                == Array(written[start.count...]))
    }

    @Test func anEncoderSeesBothSides() {
        // lesson: encoder
        var random: RandomGenerator? = nil
        var seeded = RandomGenerator(seed: 3)
        let model = BERT(
            .init(
                head: .maskedLanguageModel, vocabularySize: 30, positions: 64, width: 32,
                innerWidth: 64,
                layers: 2, heads: 4), using: &seeded)
        let a = model.encode(Tensor([7, 8, 2, 9] as [Int32], shape: [1, 4]), dropout: &random)
        let b = model.encode(Tensor([7, 8, 2, 5] as [Int32], shape: [1, 4]), dropout: &random)
        // The first step of a and b differ: it has seen the fourth.
        // lesson: end
        #expect(
            largestDifference(a.slice(axis: 1, 0..<1), b.slice(axis: 1, 0..<1)) > 1e-4)
    }

    @Test func anEncoderDecoderReadsOneTextAndWritesAnother() {
        // lesson: encoder-decoder
        var seeded = RandomGenerator(seed: 4)
        let model = T5(
            .init(
                vocabularySize: 30, width: 32, headWidth: 8, innerWidth: 64, layers: 2, heads: 4),
            using: &seeded)
        let source = Tensor([5, 6, 7, 8, 1] as [Int32], shape: [1, 5])
        let target = Tensor([0, 9, 4] as [Int32], shape: [1, 3])  // 0: nothing written yet
        let scores = model(source: source, target: target)  // [1, 3, 30]
        // lesson: end
        #expect(scores.shape == [1, 3, 30])
        let other = model(
            source: Tensor([5, 6, 7, 2, 1] as [Int32], shape: [1, 5]), target: target)
        #expect(largestDifference(scores, other) > 1e-4)
    }

    @Test func whatIsSavedIsHuggingFaces() throws {
        try withTemporaryFolder { folder in
            var random = RandomGenerator(seed: 1)
            let model = GPT2(
                .init(vocabularySize: 30, positions: 64, width: 32, layers: 2, heads: 4),
                using: &random)
            // lesson: saved
            try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
            let again = try ModelFolder.load(GPT2.self, from: folder)
            // lesson: end
            let tokens = Tensor([3, 1, 4] as [Int32], shape: [1, 3])
            #expect(largestDifference(model(tokens), again(tokens)) == 0)
        }
    }

    @Test func theLessonShowsThisCode() throws {
        try expectShown(page, codeIn: #filePath)
    }
}

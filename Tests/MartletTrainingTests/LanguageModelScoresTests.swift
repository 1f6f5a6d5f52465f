import Foundation
import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletTraining

/// The perplexity of a text: PyTorch's, however the text is cut into windows.
@Suite struct LanguageModelScoresTests {
    private struct Case {
        var name: String
        var model: LanguageModel
        var tokens: [Int32]
        var expected: GoldenValue
    }

    private func cases() throws -> [Case] {
        try golden("language_model")["cases"].list.map { value in
            let config = value["config"]
            var random = RandomGenerator(seed: 1)
            let model = LanguageModel(
                .init(
                    cell: CellKind(rawValue: config["cell"].text)!,
                    vocabularySize: config["vocab_size"].integer,
                    embeddingSize: config["embedding_size"].integer,
                    hiddenSize: config["hidden_size"].integer,
                    layers: config["num_layers"].integer,
                    isTied: config["tie_word_embeddings"].flag), using: &random)
            return Case(
                name: value["name"].text,
                model: model.mapParameters { name, _ in
                    value["parameters"][name].tensor(.float32)
                },
                tokens: value["text"]["tokens"].tensor(.int32).scalars(as: Int32.self),
                expected: value["text"])
        }
    }

    @Test(arguments: [1, 7, 16, 59, 60, 256])
    func oneLaneGivesPyTorchsPerplexity(window: Int) throws {
        for one in try cases() {
            let scores = one.model.scores(
                on: one.tokens, window: window, characters: 120, unknown: 1)
            let expected = one.expected
            #expect(scores.tokens == one.tokens.count - 1 && scores.characters == 120)
            #expect(abs(scores.loss - expected["loss"].number) < 2e-5, "\(one.name)")
            let perplexity = expected["perplexity"].number
            #expect(abs(scores.perplexity / perplexity - 1) < 2e-5, "\(one.name)")
            let right = Double(expected["right"].integer)
            #expect(scores.accuracy == right / Double(one.tokens.count - 1), "\(one.name)")
            let bits = expected["losses"]["values"].numbers.reduce(0, +) / log(2) / 120
            #expect(abs(scores.bitsPerCharacter - bits) < 2e-5, "\(one.name)")
            let unknown = one.tokens.count { $0 == 1 }
            #expect(scores.unknown == Double(unknown) / Double(one.tokens.count))
        }
    }

    @Test func windowsChangeNothing() throws {
        for one in try cases() {
            let whole = one.model.scores(on: one.tokens, window: 59, characters: 1)
            let pieces = one.model.scores(on: one.tokens, window: 4, characters: 1)
            #expect(abs(whole.loss - pieces.loss) < 1e-12, "\(one.name)")
            #expect(whole.accuracy == pieces.accuracy)
        }
    }

    /// A lane begins with nothing read: the mean of its lanes read as texts of their own.
    @Test func lanesAreTextsOfTheirOwn() throws {
        for one in try cases() {
            // 59 guesses in two lanes: 30 and 29.
            let lanes = one.model.scores(on: one.tokens, lanes: 2, window: 8, characters: 1)
            let first = one.model.scores(on: Array(one.tokens[0...30]), characters: 1)
            let second = one.model.scores(on: Array(one.tokens[30...]), characters: 1)
            #expect(first.tokens == 30 && second.tokens == 29 && lanes.tokens == 59)
            #expect(abs(lanes.loss - (30 * first.loss + 29 * second.loss) / 59) < 1e-6)
            let whole = one.model.scores(on: one.tokens, characters: 1)
            #expect(abs(lanes.loss - whole.loss) > 1e-5, "\(one.name)")
        }
    }

    @Test func theFiguresComeBackFromJSON() throws {
        let scores = LanguageModelScores(
            tokens: 59, characters: 120, loss: 2.25, accuracy: 0.5, unknown: 0.125)
        let data = try JSONEncoder().encode(scores)
        #expect(try JSONDecoder().decode(LanguageModelScores.self, from: data) == scores)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"perplexity\":9.4877"), "\(text)")
        #expect(text.contains("\"bits_per_character\":1.5959"), "\(text)")
    }
}

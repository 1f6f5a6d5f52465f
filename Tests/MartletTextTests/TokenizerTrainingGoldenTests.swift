import Foundation
import MartletTestSupport
import Testing

@testable import MartletText

/// The trainers learn what Hugging Face's learn from the same words.
@Suite struct TokenizerTrainingGoldenTests {
    private let golden: GoldenValue
    private let words: WordCounts

    init() throws {
        golden = try MartletTestSupport.golden("tokenizer_training")
        words = WordCounts(golden["words"].list.map { ($0.list[0].text, $0.list[1].integer) })
    }

    private func cases(_ name: String) -> [GoldenValue] {
        golden["cases"].list.filter { $0["name"].text == name }
    }

    private func trainer(_ options: GoldenValue, _ symbols: BPETrainer.Symbols) -> BPETrainer {
        var trainer = BPETrainer(size: options["size"].integer)
        trainer.symbols = symbols
        trainer.minimumFrequency = options[optional: "minimum_frequency"]?.integer ?? 0
        trainer.specialTokens = options[optional: "special"]?.list.map(\.text) ?? []
        trainer.alphabetLimit = options[optional: "alphabet_limit"]?.integer
        trainer.maximumLength = options[optional: "max_token_length"]?.integer
        return trainer
    }

    private func expect(_ trained: TrainedBPE, _ wanted: GoldenValue, _ note: String) {
        #expect(trained.pieces == wanted["pieces"].list.map(\.text), "\(note)")
        let merges = trained.merges.map { [trained.pieces[$0.left], trained.pieces[$0.right]] }
        #expect(merges == wanted["merges"].list.map { $0.list.map(\.text) }, "\(note)")
    }

    @Test func mergesOfBytes() throws {
        #expect(cases("bytes").count == 4)
        for wanted in cases("bytes") {
            let trained = try trainer(wanted["options"], .bytes).train(on: words)
            expect(trained, wanted, "size \(wanted["options"]["size"].integer)")
        }
    }

    @Test func mergesOfCharacters() throws {
        #expect(cases("characters").count == 4)
        for (index, wanted) in cases("characters").enumerated() {
            let trained = try trainer(wanted["options"], .characters).train(on: words)
            expect(trained, wanted, "case \(index)")
        }
    }

    /// With `hasByteFallback`, and with the same pieces as special tokens.
    @Test func byteFallbackPiecesStandAfterTheSpecialTokens() throws {
        let wanted = try #require(cases("characters").last)
        var trainer = trainer(wanted["options"], .characters)
        #expect(trainer.specialTokens.count == 257)
        trainer.specialTokens = ["<unk>"]
        trainer.hasByteFallback = true
        expect(try trainer.train(on: words), wanted, "byte fallback")
    }

    @Test func wordPieces() throws {
        #expect(cases("wordpiece").count == 2)
        for wanted in cases("wordpiece") {
            var trainer = WordPieceTrainer(size: wanted["options"]["size"].integer)
            trainer.specialTokens = ["[UNK]"]
            #expect(try trainer.train(on: words) == wanted["pieces"].list.map(\.text))
        }
    }

    /// Other seeds and another last cut, so other pieces: the words must be as likely, and as short.
    @Test func unigramPieces() throws {
        #expect(golden["unigram"].list.count == 2)
        for wanted in golden["unigram"].list {
            let trained = try UnigramTrainer(size: wanted["size"].integer).train(on: words)
            #expect(trained.pieces.count == wanted["size"].integer)
            let (pieces, logProbability) = figures(trained)
            #expect(logProbability >= wanted["log_probability"].number - 0.005)
            #expect(pieces <= wanted["pieces_per_word"].number * 1.01)
        }
    }

    /// How many pieces the likeliest parting of a word has, and the logarithm of a word's probability, in the mean.
    private func figures(_ trained: TrainedUnigram) -> (pieces: Double, logProbability: Double) {
        let scores = Dictionary(
            uniqueKeysWithValues: trained.pieces.dropFirst().map { ($0.text, $0.score) })
        var (pieces, logSum) = (0.0, 0.0)
        for index in 0..<words.count {
            let word = Array(String(decoding: words.word(index), as: UTF8.self))
            var forward = [1.0] + [Double](repeating: 0, count: word.count)
            var best = [0.0] + [Double](repeating: -.infinity, count: word.count)
            var used = [Int](repeating: 0, count: word.count + 1)
            for end in 1...word.count {
                for start in 0..<end {
                    guard let score = scores[String(word[start..<end])] else { continue }
                    forward[end] += forward[start] * exp(score)
                    if best[start] + score > best[end] {
                        best[end] = best[start] + score
                        used[end] = used[start] + 1
                    }
                }
            }
            pieces += Double(words.count(of: index) * used[word.count])
            logSum += Double(words.count(of: index)) * log(forward[word.count])
        }
        return (pieces / Double(words.total), logSum / Double(words.total))
    }
}

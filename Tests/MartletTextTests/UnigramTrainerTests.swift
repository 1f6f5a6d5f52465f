import Foundation
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct UnigramTrainerTests {
    private func words(_ count: Int, seed: UInt64) -> WordCounts {
        var random = RandomGenerator(seed: seed)
        let syllables = ["ka", "to", "mi", "sen", "lu", "中", "文字", "é"]
        return WordCounts(
            (0..<count).map { _ in
                let word = (0..<1 + random.integer(below: 4)).map { _ in
                    syllables[random.integer(below: syllables.count)]
                }.joined()
                return (word, 1 + random.integer(below: 9))
            })
    }

    @Test func theResultDoesNotDependOnTheNumberOfThreads() throws {
        let words = words(500, seed: 1)
        let one = try UnigramTrainer(size: 60, threads: 1).train(on: words)
        #expect(one.pieces.count == 60)
        for threads in [2, 5, 32] {
            #expect(try UnigramTrainer(size: 60, threads: threads).train(on: words) == one)
        }
    }

    @Test func piecesAreOrderedAndEveryCharacterIsOne() throws {
        let words = words(300, seed: 2)
        let trained = try UnigramTrainer(size: 40).train(on: words).pieces
        #expect(trained[0] == .init(text: "<unk>", score: 0))
        let scores = trained.dropFirst().map(\.score)
        #expect(scores == scores.sorted(by: >))
        #expect(scores.allSatisfy { $0 < 0 && $0.isFinite })
        for character in "katomisenlu中文字é" {
            #expect(trained.contains { $0.text == String(character) }, "\(character)")
        }
        #expect(Set(trained.map(\.text)).count == trained.count)
    }

    @Test func syllablesBecomePieces() throws {
        let trained = try UnigramTrainer(size: 30).train(on: words(2000, seed: 3)).pieces
        for syllable in ["ka", "to", "mi", "sen", "lu", "文字"] {
            #expect(trained.contains { $0.text == syllable }, "\(syllable)")
        }
    }

    @Test func byteFallbackAndASmallAlphabet() throws {
        var trainer = UnigramTrainer(size: 290)
        trainer.hasByteFallback = true
        trainer.alphabetLimit = 8
        let trained = try trainer.train(on: words(400, seed: 4)).pieces
        #expect(trained[1].text == "<0x00>" && trained[256].text == "<0xFF>")
        #expect(trained.filter { $0.text.count == 1 }.count == 8)
    }

    /// However many are asked for, there are those that the words have.
    @Test func anySizeMayBeAskedFor() throws {
        let words = words(50, seed: 7)
        let all = try UnigramTrainer(size: 10_000).train(on: words)
        #expect(all.pieces.count < 10_000)
        #expect(try UnigramTrainer(size: .max).train(on: words) == all)
    }

    @Test func aSizeThatIsTooSmallIsTold() {
        let error = #expect(throws: TokenizerTrainingError.self) {
            try UnigramTrainer(size: 10).train(on: words(50, seed: 5))
        }
        #expect(
            "\(error!)".hasPrefix("size 10 is too small: special tokens and the alphabet take "))
        #expect(throws: TokenizerTrainingError.self) {
            try BPETrainer(size: 256).with { $0.specialTokens = ["<s>"] }.train(
                on: words(5, seed: 5))
        }
        #expect(throws: TokenizerTrainingError.self) {
            try WordPieceTrainer(size: 12).train(on: words(50, seed: 5))
        }
        #expect(throws: TokenizerTrainingError.empty(paths: ["words"])) {
            try UnigramTrainer(size: 10).train(on: WordCounts([]))
        }
    }

    /// Against all ways to part a word, counted one by one; and a long word, whose probability is no Double any more.
    @Test func expectationsAreThoseOfAllPartings() throws {
        let scores = ["a": -1.5, "b": -2.0, "ab": -1.9, "ba": -2.5, "aba": -3.1]
        let short = expectation("ababa", scores)
        var expected: [String: Double] = [:]
        var total = 0.0
        func part(_ rest: Substring, _ used: [String], _ score: Double) {
            if rest.isEmpty {
                total += exp(score)
                for piece in used { expected[piece, default: 0] += exp(score) }
            }
            for (piece, value) in scores where rest.hasPrefix(piece) {
                part(rest.dropFirst(piece.count), used + [piece], score + value)
            }
        }
        part("ababa", [], 0)
        #expect(abs(short.log - log(total)) < 1e-12)
        for (piece, value) in expected {
            #expect(abs(short.expected[piece]! - value / total) < 1e-12, "\(piece)")
        }
        // Twice as long: about twice the logarithm, and as many characters as there are.
        let long = expectation(String(repeating: "ab", count: 3000), scores)
        #expect(long.log.isFinite && long.log < -745)
        let characters = long.expected.reduce(0.0) { $0 + $1.value * Double($1.key.count) }
        #expect(abs(characters - 6000) < 1e-6)
        let half = expectation(String(repeating: "ab", count: 1500), scores)
        #expect(abs(long.log - 2 * half.log) < 1)
    }

    private func expectation(
        _ word: String, _ scores: [String: Double]
    ) -> (expected: [String: Double], log: Double) {
        let symbols = word.map { $0 == "a" ? UInt32(1) : 2 }
        let pieces = scores.sorted { $0.key.count < $1.key.count }
        var (edges, starts): ([UInt32], [Int]) = ([], [0])
        for place in symbols.indices {
            let rest = word.dropFirst(place).prefix(3)
            for (index, piece) in pieces.enumerated() where rest.hasPrefix(piece.key) {
                edges.append(UInt32(index))
            }
            starts.append(edges.count)
        }
        var passes = LatticePasses()
        var sums = [Double](repeating: 0, count: pieces.count)
        let log = sums.withUnsafeMutableBufferPointer {
            passes.run(
                start: 0, length: symbols.count, count: 1, edges: edges, edgeStarts: starts,
                lengths: pieces.map { UInt8($0.key.count) },
                probabilities: pieces.map { exp($0.value) },
                into: $0)
        }
        return (Dictionary(uniqueKeysWithValues: zip(pieces.map(\.key), sums)), log)
    }

    @Test func suffixesAreInTheOrderOfPlainSorting() {
        var random = RandomGenerator(seed: 6)
        var symbols: [UInt32] = []
        for _ in 0..<120 {
            for _ in 0..<1 + random.integer(below: 9) {
                symbols.append(UInt32(1 + random.integer(below: 3)))
            }
            symbols.append(0)
        }
        for depth in [1, 2, 4, 16] {
            func text(_ place: Int) -> [UInt32] {
                Array(symbols[place...].prefix { $0 != 0 }.prefix(depth))
            }
            let order = SuffixOrder(symbols, alphabetCount: 3, depth: depth)
            let wanted = symbols.indices.filter { symbols[$0] != 0 }.sorted {
                text($0) == text($1) ? $0 < $1 : text($0).lexicographicallyPrecedes(text($1))
            }
            #expect(order.places.map(Int.init) == wanted, "depth \(depth)")
            for rank in 1..<wanted.count {
                let shared = zip(text(wanted[rank - 1]), text(wanted[rank])).prefix { $0 == $1 }
                    .count
                #expect(Int(order.shared[rank]) == shared)
            }
        }
    }

    /// Abramowitz and Stegun, 6.3.2 and 6.3.3.
    @Test func digammaOfOneAndOneHalf() {
        let euler = 0.577_215_664_901_532_9
        #expect(abs(digamma(1) + euler) < 1e-9)
        #expect(abs(digamma(0.5) + euler + 2 * log(2.0)) < 1e-9)
        #expect(abs(digamma(1000) - (log(1000.0) - 0.0005 - 1.0 / 12_000_000)) < 1e-12)
    }
}

extension BPETrainer {
    /// The same with other options.
    fileprivate func with(_ change: (inout BPETrainer) -> Void) -> BPETrainer {
        var trainer = self
        change(&trainer)
        return trainer
    }
}

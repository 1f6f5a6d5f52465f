import Foundation
import MartletData
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletText
import Testing

@testable import MartletTraining

/// Sentence encoders that learn from pairs of texts.
@Suite struct ContrastiveTests {
    @Test func lossAndGradientsEqualPyTorch() throws {
        for expected in try golden("contrastive")["cases"].list {
            let name = expected["name"].text
            let same = expected["same"].list.map(\.integers)
            struct Pair: Module {
                var questions, targets: Tensor
                mutating func forEachParameter(
                    _ visit: (String, inout Tensor) throws -> Void
                ) rethrows {
                    try visit("questions", &questions)
                    try visit("targets", &targets)
                }
            }
            func unit(_ x: Tensor) -> Tensor {
                x / x.squared().sum(axis: 1, keepingRank: true).squareRoot()
            }
            let given = Pair(
                questions: expected["questions"].tensor(), targets: expected["targets"].tensor())
            let (loss, gradient) = valueAndGradient(at: given) { given in
                unit(given.questions).contrastiveLoss(
                    unit(given.targets), temperature: expected["temperature"].number,
                    same: same.isEmpty ? nil : (same[0], same[1]),
                    isSymmetric: expected["symmetric"].flag)
            }
            #expect(abs(loss.item - expected["loss"].number) < 1e-10, "\(name)")
            for (found, wanted) in zip(
                gradient.tensors, ["question_gradient", "target_gradient"])
            {
                let difference = largestDifference(found.tensor, expected[wanted].tensor())
                #expect(difference < 1e-9, "\(name), \(wanted): \(difference)")
            }
        }
    }

    @Test func whatIsFoundIsCounted() {
        let candidates = Tensor([1, 0, 0, 1, 0.6, 0.8] as [Float], shape: [3, 2])
        let questions = Tensor([1, 0, 0.6, 0.8, 0, 1] as [Float], shape: [3, 2])
        // The first finds its own; the second has another before it; the third finds one of two.
        let scores = RetrievalScores(
            questions, candidates, right: [[0], [1], [0, 1]], temperature: 1)
        #expect(abs(scores.accuracy - 2.0 / 3) < 1e-12 && scores.topFive == 1)
        #expect(abs(scores.reciprocalRank - (1 + 0.5 + 1) / 3) < 1e-6)
        let sums = [
            exp(0) + exp(-1) + exp(-0.4), exp(-0.2) + exp(-0.4) + 1, exp(0) + exp(-1) + exp(-0.2),
        ]
        let loss = (log(sums[0]) + log(sums[1]) + 0.2 + log(sums[2])) / 3
        #expect(abs(scores.loss - loss) < 1e-6)
        // Vectors that are all the same find nothing.
        let flat = Tensor([Float](repeating: 0.5, count: 6), shape: [3, 2])
        #expect(
            RetrievalScores(flat, flat, right: [[0], [1], [2]], temperature: 1).accuracy == 0)
    }

    /// Fifty different things, each asked for in its own words, and an encoder that knows the words but not the pairs.
    private func withPairs(_ body: (_ root: String, _ recipe: ContrastiveRecipe) throws -> Void)
        throws
    {
        try withTemporaryFolder { root in
            let things = ["cat", "dog", "sun", "sea", "hat", "bus", "egg"]
            let kinds = ["red", "old", "big", "wet", "new", "hot", "shy"]
            let others = ["rot", "alt", "gross", "nass", "neu", "heiss", "scheu"]
            let beings = ["katze", "hund", "sonne", "meer", "hut", "wagen", "ei"]
            var lines: [String] = []
            for (a, b) in zip(kinds, others) {
                for (c, d) in zip(things, beings) {
                    lines.append("the \(a) \(c)\t\(b) \(d)")
                    lines.append("a \(c) that is \(a)\tdas \(d) ist \(b)")
                }
            }
            let text = lines.joined(separator: "\n")
            try write(text + "\n", to: "\(root)/pairs.tsv")
            try writeTinyEncoder(
                to: "\(root)/encoder", text: text, pieces: 200, minimumFrequency: 1, positions: 16,
                dropout: 0)
            var options = ContrastiveOptions()
            options.encoder = "\(root)/encoder"
            options.epochs = 2
            options.batch = 16
            options.learningRate = 1e-2
            options.warmUp = 5
            options.seed = 3
            try body(
                root,
                ContrastiveRecipe(
                    options: options, data: "\(root)/pairs.tsv", folder: "\(root)/run",
                    version: "test"))
        }
    }

    @Test func itLearnsToFindUnseenPairsAndEmbedKnowsIt() throws {
        try withPairs { root, recipe in
            var recipe = recipe
            recipe.options.epochs = 40
            recipe.options.patience = 40
            let record = try recipe.run()
            let test = try #require(record.test)
            #expect(record.before.accuracy < 0.5, "\(record.before)")
            #expect(test.accuracy >= 0.7 && test.reciprocalRank > 0.8, "\(test)")
            #expect(test.questions == 9 && record.data.training == 80)
            #expect(
                try names(in: "\(root)/run")
                    == ["config.json", "model.safetensors", "tokenizer.json", "training.json"])
            let encoder = try SentenceEncoder(contentsOf: "\(root)/run")
            let index = try SentenceIndex(
                ["rot hund", "alt hund", "nass ei", "neu meer"], by: encoder)
            #expect(try index.search("the wet egg", count: 1)[0].text == "nass ei")
        }
    }

    @Test(arguments: [1, 5, 8])
    func aResumedRunGivesTheSameBytes(_ stop: Int) throws {
        try withPairs { root, recipe in
            _ = try recipe.run()
            var other = recipe
            other.folder = "\(root)/other"
            var count = 0
            let error = errorText {
                _ = try other.run(isInterrupted: {
                    count += 1
                    return count == stop
                })
            }
            #expect(error.contains("interrupted"))
            other.existing = .resume
            _ = try other.run()
            let name = "model.safetensors"
            #expect(try bytes(of: "\(root)/run/\(name)") == bytes(of: "\(root)/other/\(name)"))
        }
    }

    @Test func whatCannotBeLearnedFromIsNamed() throws {
        try withPairs { root, recipe in
            var few = recipe
            few.data = "\(root)/few.tsv"
            try write("a\tb\nc\td\n", to: few.data)
            #expect(errorText { _ = try few.run() }.contains("has 2 pairs: a tenth of the sources"))
            try FileManager.default.createDirectory(
                atPath: "\(root)/encoder/1_Pooling", withIntermediateDirectories: true)
            try write(
                "{\"pooling_mode_cls_token\": true}", to: "\(root)/encoder/1_Pooling/config.json")
            #expect(
                errorText { _ = try recipe.run() }
                    .contains("takes the cls token for the text"))
        }
        func problem(_ change: (inout ContrastiveOptions) -> Void) -> String {
            var options = ContrastiveOptions()
            change(&options)
            return options.problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.batch = 1 }.hasPrefix("--batch is 1: expected at least 2"))
        #expect(
            problem { $0.temperature = 0 } == "--temperature is 0.0: expected a number above 0")
        #expect(problem { $0.longest = 2 } == "--longest is 2: expected at least 3")
    }
}

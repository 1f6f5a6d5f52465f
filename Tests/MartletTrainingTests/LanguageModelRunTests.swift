import Foundation
import MartletData
import MartletTensor
import MartletTestSupport
import MartletText
import MartletTraining
import Testing

/// A run that takes a moment: a text with rules that can be learned in some hundred steps.
private struct TinyLanguageRun {
    static let files = [
        "config.json", "model.safetensors", "report.html", "tokenizer.json", "training.json",
    ]
    let root: String
    var options = LanguageModelOptions()
    var folder: String { "\(root)/run" }

    init(_ root: String) throws {
        self.root = root
        var random = RandomGenerator(seed: 1)
        let names = ["ada", "bob", "cyd", "dan"]
        let lines = (0..<400).map { _ in
            let (a, b) = (names[random.integer(below: 4)], names[random.integer(below: 4)])
            return "\(a) met \(b), and \(b) met \(a)."
        }
        try write(lines.joined(separator: "\n") + "\n", to: "\(root)/text.txt")
        options.hidden = 24
        options.layers = 2
        options.embedding = 12
        options.dropout = 0.1
        options.weightDropout = 0.1
        options.minimumCount = 1
        options.batch = 8
        options.window = 20
        options.epochs = 2
        options.averaging = 0.5
        options.learningRate = 0.01
        options.seed = 4
    }

    func recipe(_ existing: ExistingRun = .keep) -> LanguageModelRecipe {
        LanguageModelRecipe(
            options: options, data: ["\(root)/text.txt"], folder: folder, existing: existing,
            version: "test")
    }

    func interrupt(afterSteps steps: Int, _ existing: ExistingRun = .keep) -> String {
        var count = 0
        return errorText {
            _ = try recipe(existing).run(isInterrupted: {
                count += 1
                return count == steps
            })
        }
    }
}

private func withTinyLanguageRun(_ body: (inout TinyLanguageRun) throws -> Void) throws {
    try withTemporaryFolder { root in
        var run = try TinyLanguageRun(root)
        try body(&run)
    }
}

/// The training of language models.
@Suite struct LanguageModelRunTests {
    @Test func aRunLearnsTheRulesOfItsText() throws {
        try withTinyLanguageRun { run in
            run.options.epochs = 20
            var samples: [String] = []
            let record = try run.recipe().run(report: { event in
                if case .sample(_, let text) = event { samples.append(text) }
            })
            #expect(try names(in: run.folder) == TinyLanguageRun.files)
            let test = try #require(record.test)
            let baseline = try #require(record.baseline)
            // The second half of a line repeats the first, which five characters do not tell.
            #expect(test.bitsPerCharacter < 0.75 * baseline.bitsPerCharacter)
            #expect(abs(test.perplexity - exp(test.loss)) < 1e-9)
            #expect(samples.count == record.epochs.count && samples.last!.contains(" met "))
            #expect(record.samples.count == 2)
            let page = String(
                decoding: try bytes(of: "\(run.folder)/report.html"), as: UTF8.self)
            #expect(page.contains("LSTM language model of characters on text.txt"))
            #expect(LanguageModelRecord.read(from: run.folder)?.test == test)

            // What is saved is what was tested.
            let again = try LanguageModelEvaluation.run(
                model: run.folder, data: "\(run.root)/text.txt")
            #expect(again.part == .test && again.model == test)
        }
    }

    @Test(arguments: [CellKind.rnnTanh, .lstm, .gru])
    func aResumedRunGivesTheSameBytes(_ cell: CellKind) throws {
        try withTinyLanguageRun { whole in
            whole.options.cell = cell
            let expected = try whole.recipe().run()
            let steps = expected.data.training / (8 * 20)
            for stop in [1, steps / 2, steps + 3] {
                try withTinyLanguageRun { run in
                    run.options.cell = cell
                    #expect(
                        run.interrupt(afterSteps: stop).contains("interrupted in epoch"))
                    let record = try run.recipe(.resume).run()
                    for name in ["model.safetensors", "config.json", "tokenizer.json"] {
                        #expect(
                            try bytes(of: "\(run.folder)/\(name)")
                                == bytes(of: "\(whole.folder)/\(name)"), "\(name), \(stop)")
                    }
                    #expect(record.test == expected.test)
                }
            }
        }
    }

    @Test func theSameSeedGivesTheSameModelWithAnyNumberOfThreads() throws {
        var models: [Data] = []
        let threads = Machine.current.threads
        defer { Machine.current.threads = threads }
        for count in [1, 2] {
            Machine.current.threads = count
            try withTinyLanguageRun { run in
                _ = try run.recipe().run()
                models.append(try bytes(of: "\(run.folder)/model.safetensors"))
            }
        }
        #expect(models[0] == models[1])
    }

    @Test func otherOptionsOrAnotherTextAreRefusedOnResuming() throws {
        try withTinyLanguageRun { run in
            _ = run.interrupt(afterSteps: 3)
            var other = run
            other.options.hidden = 32
            #expect(
                errorText { _ = try other.recipe(.resume).run() }
                    .contains("--hidden is 32, the saved run has 24"))
            #expect(errorText { _ = try run.recipe().run() }.contains("holds a run already"))
            try write("another text\n", to: "\(run.root)/text.txt")
            #expect(
                errorText { _ = try run.recipe(.resume).run() }
                    .contains("is not the data that the run was begun with"))
        }
    }

    @Test(arguments: [
        ("", "is empty: expected text to learn from"), (" \n\n ", "is empty"),
        ("abc", "a twentieth of them must make a test of at least two"),
        (String(repeating: "a", count: 2000), "is one token again and again"),
    ])
    func textThatTeachesNothingIsRefused(_ text: String, _ problem: String) throws {
        try withTinyLanguageRun { run in
            try write(text, to: "\(run.root)/text.txt")
            let found = errorText { _ = try run.recipe().run() }
            #expect(found.contains(problem) && found.contains("text.txt"), "\(found)")
            #expect(!FileManager.default.fileExists(atPath: run.folder))
        }
    }

    @Test func aTextOfTwoCharactersTrains() throws {
        try withTinyLanguageRun { run in
            try write(String(repeating: "ab", count: 600), to: "\(run.root)/text.txt")
            run.options.averaging = 0
            run.options.epochs = 60
            run.options.dropout = 0
            let record = try run.recipe().run()
            #expect(try #require(record.test).perplexity < 1.5)
        }
    }
}

/// Text from trained language models.
@Suite struct TextGeneratorTests {
    private func withModel(
        unit: TextUnit = .character, _ body: (TextGenerator, String) throws -> Void
    ) throws {
        try withTinyLanguageRun { run in
            run.options.unit = unit
            run.options.epochs = 1
            _ = try run.recipe().run()
            try body(try TextGenerator(contentsOf: run.folder), run.root)
        }
    }

    private func text(
        _ generator: inout TextGenerator, _ count: Int, _ random: inout RandomGenerator
    ) -> String {
        (0..<count).map { _ in
            generator.next(Sampler(temperature: 0.9, topP: 0.95), using: &random)
        }.joined()
    }

    @Test func aCopyGoesOnByItselfAndASavedStateAsIfThereHadBeenNoBreak() throws {
        try withModel { generator, root in
            var whole = generator
            var random = RandomGenerator(seed: 9)
            whole.read("ada met ")
            _ = text(&whole, 20, &random)
            var copy = whole
            var copyRandom = random
            let saved = try JSONEncoder().encode(whole.saved)
            let expected = text(&whole, 40, &random)
            #expect(text(&copy, 40, &copyRandom) == expected)

            var restored = generator
            try restored.restore(try JSONDecoder().decode(SavedTextGenerator.self, from: saved))
            var again = RandomGenerator(seed: 9)
            var skipped = generator
            skipped.read("ada met ")
            _ = text(&skipped, 20, &again)
            #expect(text(&restored, 40, &again) == expected)
        }
    }

    @Test func readingInPiecesGivesTheSameAsAtOnce() throws {
        try withModel { generator, _ in
            let prompt = String(repeating: "dan met cyd, and cyd met dan.\n", count: 40)
            var whole = generator
            #expect(whole.read(prompt) == 0)
            var pieces = generator
            for character in prompt { pieces.read(String(character)) }
            #expect(
                whole.scores().scores.scalars(as: Float.self)
                    == pieces.scores().scores.scalars(as: Float.self))
        }
    }

    @Test func whatItReadsChangesWhatItWrites() throws {
        try withModel { generator, _ in
            var (first, second) = (generator, generator)
            first.read("ada met b")
            second.read("cyd met d")
            #expect(
                first.scores().scores.scalars(as: Float.self)
                    != second.scores().scores.scalars(as: Float.self))
            #expect(generator.state == nil)
        }
    }

    @Test func unknownCharactersAreCountedAndNeverWritten() throws {
        try withModel { generator, _ in
            var generator = generator
            #expect(generator.read("ада met боб") == 6)
            var random = RandomGenerator(seed: 2)
            let text = (0..<400).map { _ in
                generator.next(Sampler(temperature: 5), using: &random)
            }.joined()
            #expect(text.count == 400 && !text.contains("<"))
        }
    }

    @Test func wordsComeWithSpacesAndLinesEnd() throws {
        try withModel(unit: .word) { generator, _ in
            var generator = generator
            generator.read("ada met")
            var random = RandomGenerator(seed: 3)
            let written = (0..<60).map { _ in
                generator.next(Sampler(temperature: 0.3), using: &random)
            }.joined()
            #expect(written.first == " " && written.contains("\n"))
            #expect(!written.contains("  ") && !written.contains(" ,") && !written.contains("\n "))
        }
    }

    @Test func statesOfOtherModelsAndDamagedOnesAreRefused() throws {
        try withModel { generator, _ in
            try withTinyLanguageRun { run in
                run.options.seed = 99
                run.options.epochs = 1
                _ = try run.recipe().run()
                var other = try TextGenerator(contentsOf: run.folder)
                #expect(
                    errorText { try other.restore(generator.saved) }
                        .contains("is of another network"))
            }
            var saved = generator.saved
            saved.last = 4000
            var copy = generator
            #expect(errorText { try copy.restore(saved) }.contains("last token is 4000"))
        }
    }
}

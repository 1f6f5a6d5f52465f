import Foundation
import MartletData
import MartletModels
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

    /// Options that change what is saved, and how a step is made.
    enum Variant: CaseIterable {
        case plain, lstm, gru, subwords, adaptive, bidirectional

        func change(_ options: inout LanguageModelOptions) {
            switch self {
            case .plain: options.cell = .rnnTanh
            case .lstm: options.cell = .lstm
            case .gru: options.cell = .gru
            case .subwords:
                options.unit = .subword
                options.vocabulary = 280
            case .adaptive: options.softmax = .adaptive
            case .bidirectional: options.bidirectional = true
            }
        }
    }

    @Test(arguments: Variant.allCases)
    func aResumedRunGivesTheSameBytes(_ variant: Variant) throws {
        try withTinyLanguageRun { whole in
            variant.change(&whole.options)
            let expected = try whole.recipe().run()
            let steps = expected.data.training / (8 * 20)
            for stop in [1, steps / 2, steps + 3] {
                try withTinyLanguageRun { run in
                    variant.change(&run.options)
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

    @Test func subwordsAreHuggingFacesAndAnyTextHasTokens() throws {
        try withTinyLanguageRun { run in
            run.options.unit = .subword
            run.options.vocabulary = 300
            // Two layers first learn that most bytes never come, and stay there for long.
            run.options.layers = 1
            run.options.epochs = 30
            run.options.patience = 30
            let record = try run.recipe().run()
            #expect(try names(in: run.folder) == TinyLanguageRun.files)
            let test = try #require(record.test)
            let baseline = try #require(record.baseline)
            #expect(test.bitsPerCharacter < baseline.bitsPerCharacter && test.unknown == 0)
            #expect(baseline.description.contains("3 subwords"))
            // Fewer where no pair occurs twice; the names of the text are pieces.
            #expect((270...300).contains(record.vocabulary))
            let tokenizer = try TokenizerPipeline(path: "\(run.folder)/tokenizer.json")
            #expect(tokenizer.idLimit == record.vocabulary)
            #expect(tokenizer.id(of: "Ġmet") != nil && tokenizer.id(of: "bob") != nil)
            let page = String(
                decoding: try bytes(of: "\(run.folder)/report.html"), as: UTF8.self)
            #expect(page.contains("language model of subwords on text.txt"))
            let again = try LanguageModelEvaluation.run(
                model: run.folder, data: "\(run.root)/text.txt")
            #expect(again.part == .test && again.model == test)
            // A script it never saw is bytes that it knows.
            try write("猫坐在垫子上。\n", to: "\(run.root)/other.txt")
            let other = try LanguageModelEvaluation.run(
                model: run.folder, data: "\(run.root)/other.txt")
            #expect(other.model.characters == 8 && other.model.tokens == 21)
            #expect(other.model.bitsPerCharacter > 5 * test.bitsPerCharacter)
        }
    }

    @Test func aGivenTokenizerIsKeptAndTheSameIsAskedForOnResuming() throws {
        try withTinyLanguageRun { run in
            let path = "\(run.root)/given.json"
            func save(_ pieces: Int) throws {
                var recipe = TokenizerRecipe(.bpe)
                recipe.size = pieces
                let tokenizer = try recipe.run(["\(run.root)/text.txt"]).tokenizer
                try write(
                    String(
                        decoding: tokenizer.with(
                            truncation: Truncation(maximumLength: 5), padding: nil
                        ).json(), as: UTF8.self), to: path)
            }
            try save(270)
            run.options.unit = .subword
            run.options.tokenizer = path
            _ = run.interrupt(afterSteps: 3)
            try save(262)
            #expect(
                errorText { _ = try run.recipe(.resume).run() }
                    .contains("given.json is not the tokenizer that the run was begun with"))
            try save(270)
            let record = try run.recipe(.resume).run()
            #expect(record.vocabulary == 270)
            let kept = try TokenizerPipeline(path: "\(run.folder)/tokenizer.json")
            // Text is never cut, whatever the file says.
            #expect(kept.truncation == nil && kept.id(of: "<|endoftext|>") == 0)
            #expect(record.data.training > 1000)
        }
    }

    @Test func anAdaptiveSoftmaxLearnsTheSame() throws {
        try withTinyLanguageRun { run in
            run.options.unit = .word
            run.options.epochs = 12
            run.options.tied = false
            let full = try #require(try run.recipe().run().test)
            run.options.softmax = .adaptive
            let record = try run.recipe(.replace).run()
            let test = try #require(record.test)
            #expect(abs(test.loss - full.loss) < 0.15 * full.loss)
            let configuration = try ModelFolder.load(LanguageModel.self, from: run.folder)
                .configuration
            let cutoffs = try #require(configuration.cutoffs)
            #expect(cutoffs.count == 2 && cutoffs[1] < record.vocabulary)
            // The commonest token is the one that every line has twice, or a name; padding never occurs.
            let order = try #require(configuration.frequencyOrder)
            let tokenizer = try Tokenizer(contentsOf: "\(run.folder)/tokenizer.json")
            let commonest = tokenizer.vocabulary.token(order[0])
            #expect(["met", "ada", "bob", "cyd", "dan"].contains(commonest), "\(commonest)")
            #expect(order.suffix(2).contains(Vocabulary.paddingID))
            let again = try LanguageModelEvaluation.run(
                model: run.folder, data: "\(run.root)/text.txt")
            #expect(again.model == test)
            var generator = try TextGenerator(contentsOf: run.folder)
            try generator.read("ada met")
            var random = RandomGenerator(seed: 2)
            let written = try (0..<40).map { _ in
                try generator.next(Sampler(temperature: 0.3), using: &random)
            }.joined()
            #expect(written.contains(" met ") && !written.contains("<"))
            run.options.cutoffs = [4, 9000]
            #expect(
                errorText { _ = try run.recipe(.replace).run() }
                    .contains("cutoffs are [4, 9000]: expected rising numbers in 1 ..< "))
        }
    }

    @Test func choicesThatExcludeEachOtherAreNamed() {
        func problem(_ change: (inout LanguageModelOptions) -> Void) -> String {
            var options = LanguageModelOptions()
            change(&options)
            return options.problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        let both = problem { ($0.tied, $0.softmax) = (true, .adaptive) }
        #expect(both.contains("--tied and --softmax adaptive exclude"), "\(both)")
        let full = problem { $0.cutoffs = [3] }
        #expect(full.contains("--cutoffs are for --softmax adaptive"), "\(full)")
        let falling = problem { ($0.cutoffs, $0.softmax) = ([9, 3], .adaptive) }
        #expect(falling.contains("--softmax adaptive: cutoffs are [9, 3]"), "\(falling)")
        let narrow = problem { ($0.hidden, $0.softmax) = (15, .adaptive) }
        #expect(narrow.contains("--softmax adaptive: --hidden is 15"), "\(narrow)")
        let character = problem { $0.tokenizer = "t.json" }
        #expect(character.contains("--tokenizer is for --unit subword"), "\(character)")
        let small = problem { ($0.unit, $0.vocabulary) = (.subword, 255) }
        #expect(small.contains("--vocabulary is 255: expected at least 256"), "\(small)")
    }

    @Test func optionsOfOlderRunsAreRead() throws {
        let data = try JSONEncoder().encode(LanguageModelOptions())
        var object = try #require(
            try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object.removeValue(forKey: "softmax") as? String == "full")
        let old = try JSONSerialization.data(withJSONObject: object)
        #expect(
            try JSONDecoder().decode(LanguageModelOptions.self, from: old)
                == LanguageModelOptions())
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
    ) throws -> String {
        try (0..<count).map { _ in
            try generator.next(Sampler(temperature: 0.9, topP: 0.95), using: &random)
        }.joined()
    }

    @Test func aCopyGoesOnByItselfAndASavedStateAsIfThereHadBeenNoBreak() throws {
        try withModel { generator, root in
            var whole = generator
            var random = RandomGenerator(seed: 9)
            try whole.read("ada met ")
            _ = try text(&whole, 20, &random)
            var copy = whole
            var copyRandom = random
            let saved = try JSONEncoder().encode(whole.saved)
            let expected = try text(&whole, 40, &random)
            #expect(try text(&copy, 40, &copyRandom) == expected)

            var restored = generator
            try restored.restore(try JSONDecoder().decode(SavedTextGenerator.self, from: saved))
            var again = RandomGenerator(seed: 9)
            var skipped = generator
            try skipped.read("ada met ")
            _ = try text(&skipped, 20, &again)
            #expect(try text(&restored, 40, &again) == expected)
        }
    }

    @Test func readingInPiecesGivesTheSameAsAtOnce() throws {
        try withModel { generator, _ in
            let prompt = String(repeating: "dan met cyd, and cyd met dan.\n", count: 40)
            var whole = generator
            #expect(try whole.read(prompt) == 0)
            var pieces = generator
            for character in prompt { try pieces.read(String(character)) }
            #expect(
                whole.scores().scores.scalars(as: Float.self)
                    == pieces.scores().scores.scalars(as: Float.self))
        }
    }

    @Test func whatItReadsChangesWhatItWrites() throws {
        try withModel { generator, _ in
            var (first, second) = (generator, generator)
            try first.read("ada met b")
            try second.read("cyd met d")
            #expect(
                first.scores().scores.scalars(as: Float.self)
                    != second.scores().scores.scalars(as: Float.self))
            #expect(generator.state == nil)
        }
    }

    @Test func unknownCharactersAreCountedAndNeverWritten() throws {
        try withModel { generator, _ in
            var generator = generator
            #expect(try generator.read("ада met боб") == 6)
            var random = RandomGenerator(seed: 2)
            let text = try (0..<400).map { _ in
                try generator.next(Sampler(temperature: 5), using: &random)
            }.joined()
            #expect(text.count == 400 && !text.contains("<"))
        }
    }

    @Test func wordsComeWithSpacesAndLinesEnd() throws {
        try withModel(unit: .word) { generator, _ in
            var generator = generator
            try generator.read("ada met")
            var random = RandomGenerator(seed: 3)
            let written = try (0..<60).map { _ in
                try generator.next(Sampler(temperature: 0.3), using: &random)
            }.joined()
            #expect(written.first == " " && written.contains("\n"))
            #expect(!written.contains("  ") && !written.contains(" ,") && !written.contains("\n "))
        }
    }

    @Test func charactersOfSeveralTokensComeWholeAcrossABreakToo() throws {
        try withTinyLanguageRun { run in
            let line = "床前明月光，疑是地上霜。\n"
            try write(String(repeating: line, count: 120), to: "\(run.root)/text.txt")
            run.options.unit = .subword
            // No room for pieces of whole characters: each is three tokens.
            run.options.vocabulary = 256
            run.options.epochs = 30
            run.options.patience = 30
            run.options.hidden = 48
            run.options.layers = 1
            (run.options.dropout, run.options.weightDropout) = (0, 0)
            _ = try run.recipe().run()
            var whole = try TextGenerator(contentsOf: run.folder)
            #expect(try whole.read("床前") == 0)
            let start = whole
            var random = RandomGenerator(seed: 1)
            let greedy = Sampler(temperature: 0)
            let pieces = try (0..<60).map { _ in try whole.next(greedy, using: &random) }
            let text = pieces.joined()
            #expect(text.hasPrefix("明月光，疑是地上霜。\n床前"), "\(text)")
            #expect(pieces.count { $0.isEmpty } > 30 && pieces.allSatisfy { $0.count < 2 })
            #expect(!text.contains("\u{FFFD}"))
            // A saved state remembers the begin of a character.
            for stop in 1...9 {
                var before = start
                let first = try (0..<stop).map { _ in try before.next(greedy, using: &random) }
                let saved = try JSONEncoder().encode(before.saved)
                var after = try TextGenerator(contentsOf: run.folder)
                try after.restore(try JSONDecoder().decode(SavedTextGenerator.self, from: saved))
                let rest = try (stop..<60).map { _ in try after.next(greedy, using: &random) }
                #expect((first + rest).joined() == text, "\(stop)")
            }
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
            saved = generator.saved
            saved.recent = [1, -7]
            #expect(errorText { try copy.restore(saved) }.contains("last token is -7"))
        }
    }
}

import Foundation
import MartletData
import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import MartletText
import Testing

@testable import MartletTraining

/// A run that takes a moment: a text with rules that can be learned in some hundred steps.
private struct TinyPretraining {
    let root: String
    var options: PretrainingOptions
    var folder: String { "\(root)/run" }

    init(_ root: String, _ task: PretrainingTask, _ decoder: DecoderKind = .gpt2) throws {
        self.root = root
        var random = RandomGenerator(seed: 1)
        let names = ["ada", "bob", "cyd", "dan"]
        let lines = (0..<1500).map { _ in
            let (a, b) = (names[random.integer(below: 4)], names[random.integer(below: 4)])
            return "\(a) met \(b), and \(b) met \(a)."
        }
        try write(lines.joined(separator: "\n") + "\n", to: "\(root)/text.txt")
        options = PretrainingOptions(task)
        options.decoder = decoder
        options.layers = 2
        options.width = 24
        options.heads = 2
        options.context = 32
        options.vocabulary = 300
        options.batch = 8
        options.steps = 6
        options.evaluateEvery = 2
        options.learningRate = 5e-3
        options.seed = 4
    }

    func recipe(_ existing: ExistingRun = .keep) -> PretrainingRecipe {
        PretrainingRecipe(
            options: options, data: ["\(root)/text.txt"], folder: folder, existing: existing,
            version: "test")
    }
}

private func withTinyPretraining(
    _ task: PretrainingTask, _ decoder: DecoderKind = .gpt2,
    _ body: (inout TinyPretraining) throws -> Void
) throws {
    try withTemporaryFolder { root in
        var run = try TinyPretraining(root, task, decoder)
        try body(&run)
    }
}

/// Transformers that learn from plain text.
@Suite struct PretrainingTests {
    private static let files = [
        "config.json", "model.safetensors", "report.html", "tokenizer.json", "training.json",
    ]

    @Test(arguments: [DecoderKind.gpt2, .llama, .qwen2])
    func aDecoderLearnsTheRulesOfItsText(_ decoder: DecoderKind) throws {
        try withTinyPretraining(.gpt, decoder) { run in
            run.options.steps = 400
            run.options.evaluateEvery = 200
            run.options.dropout = 0
            var samples: [String] = []
            let record = try run.recipe().run(report: { event in
                if case .sample(_, let text) = event { samples.append(text) }
            })
            #expect(try names(in: run.folder) == Self.files)
            let test = try #require(record.test)
            let baseline = try #require(record.baseline)
            // The second half of a line repeats the first, which three tokens do not tell.
            let bits = try #require(test.bitsPerCharacter)
            #expect(bits < 0.9 * baseline.bitsPerCharacter, "\(test), \(baseline)")
            #expect(samples.count == 2 && samples[1].contains(" met "), "\(samples)")
            let page = String(
                decoding: try bytes(of: "\(run.folder)/report.html"), as: UTF8.self)
            #expect(page.contains("What it writes"))
            #expect(PretrainingRecord.read(from: run.folder)?.test == test)
            let architecture = try ModelFolder.architecture(of: run.folder)
            #expect(architecture == decoder.rawValue)
        }
    }

    @Test func ofLabelledTextsOnlyTheTrainingPartIsRead() throws {
        try withTinyPretraining(.bert) { run in
            let words = ["good", "fine", "bad", "poor"]
            let lines = (0..<300).map { place in
                "{\"text\": \"text \(place) is \(words[place % 4])\", \"label\": \"\(place % 2)\"}"
            }
            let labelled = "\(run.root)/reviews.jsonl"
            try write(lines.joined(separator: "\n"), to: labelled)
            var recipe = run.recipe()
            recipe.labelled = labelled
            var steps = 0
            let stopped = errorText {
                _ = try recipe.run(isInterrupted: {
                    steps += 1
                    return steps == 3
                })
            }
            #expect(stopped.contains("interrupted"), "\(stopped)")
            let saved = try PretrainingRecipe.savedRun(in: run.folder)
            #expect(saved.labelled == labelled && saved.data == recipe.data)
            recipe.existing = .resume
            let record = try recipe.run()
            #expect(record.data.paths == recipe.data + [labelled])
            let running = try TextCorpus.read(recipe.data).text
            let texts = try TextDataset.read(labelled).split().training.map(\.text)
            #expect(texts.count == 240)
            let whole = TextCorpus(
                source: "", text: running + texts.joined(separator: "\n") + "\n")
            #expect(record.data.sha256 == whole.sha256)
        }
    }

    @Test func anEncodersTokenizerKnowsThousandsOfCharacters() throws {
        try withTinyPretraining(.bert) { run in
            let characters = (0x4E00..<0x4E00 + 2_000).map { Character(UnicodeScalar($0)!) }
            let lines = (0..<100).map { String(characters[$0 * 20..<$0 * 20 + 20]) }
            try write((lines + lines + lines).joined(separator: "\n"), to: "\(run.root)/text.txt")
            run.options.vocabulary = 4_000
            run.options.steps = 1
            let record = try run.recipe().run()
            #expect(record.vocabulary > 2_000)
        }
    }

    /// A small encoder stays at the tokens' frequencies for some hundred steps before it looks at what stands beside.
    @Test func anEncoderLearnsToFillIn() throws {
        try withTinyPretraining(.bert) { run in
            run.options.width = 64
            run.options.batch = 16
            run.options.steps = 1500
            run.options.evaluateEvery = 500
            run.options.dropout = 0
            run.options.learningRate = 1e-3
            let record = try run.recipe().run()
            let test = try #require(record.test)
            // The most frequent word is right for less than a third.
            #expect(test.accuracy > 0.5, "\(test), \(record.epochs.map(\.validationLoss))")
        }
    }

    @Test func anEncoderAndADecoderLearnToFillIn() throws {
        try withTinyPretraining(.t5) { run in
            run.options.steps = 1000
            run.options.evaluateEvery = 250
            run.options.dropout = 0
            let record = try run.recipe().run()
            let losses = record.epochs.map(\.validationLoss)
            // By their frequencies alone, the nine tokens of a line cost 2.04 nats each.
            #expect(losses.last! < 1, "\(losses)")
        }
    }

    @Test(arguments: PretrainingTask.allCases)
    func aResumedRunGivesTheSameBytes(_ task: PretrainingTask) throws {
        try withTinyPretraining(task) { whole in
            whole.options.accumulation = 2
            let expected = try whole.recipe().run()
            for stop in [1, 3, 4] {
                try withTinyPretraining(task) { run in
                    run.options.accumulation = 2
                    var count = 0
                    let error = errorText {
                        _ = try run.recipe().run(isInterrupted: {
                            count += 1
                            return count == stop
                        })
                    }
                    #expect(error.contains("interrupted in epoch"), "\(error)")
                    let record = try run.recipe(.resume).run()
                    for name in ["model.safetensors", "config.json", "tokenizer.json"] {
                        #expect(
                            try bytes(of: "\(run.folder)/\(name)")
                                == bytes(of: "\(whole.folder)/\(name)"), "\(name), \(stop)")
                    }
                    #expect(record.test == expected.test)
                    #expect(try names(in: run.folder) == Self.files)
                }
            }
        }
    }

    @Test func aRunIsNotResumedWithOtherOptionsOrText() throws {
        try withTinyPretraining(.gpt) { run in
            var count = 0
            _ = errorText {
                _ = try run.recipe().run(isInterrupted: {
                    count += 1
                    return count == 3
                })
            }
            run.options.width = 32
            let other = errorText { _ = try run.recipe(.resume).run() }
            #expect(other.contains("--width is 32, the saved run has 24"), "\(other)")
            run.options.width = 24
            try write("another text\n", to: "\(run.root)/text.txt")
            let text = errorText { _ = try run.recipe(.resume).run() }
            #expect(text.contains("is not the data that the run was begun with"), "\(text)")
        }
    }

    /// What an interrupted run has left of its tokens is not taken for those of another.
    @Test func aReplacedRunHasItsOwnTokens() throws {
        try withTinyPretraining(.gpt) { run in
            let expected = try run.recipe().run()
            try withTinyPretraining(.gpt) { other in
                other.options.vocabulary = 310
                var count = 0
                _ = errorText {
                    _ = try other.recipe().run(isInterrupted: {
                        count += 1
                        return count == 3
                    })
                }
                other.options.vocabulary = run.options.vocabulary
                let record = try other.recipe(.replace).run()
                #expect(record.vocabulary == expected.vocabulary && record.test == expected.test)
                for name in ["model.safetensors", "tokenizer.json"] {
                    #expect(
                        try bytes(of: "\(other.folder)/\(name)")
                            == bytes(of: "\(run.folder)/\(name)"), "\(name)")
                }
            }
        }
    }

    @Test func textThatIsTooShortIsRefused() throws {
        try withTinyPretraining(.gpt) { run in
            try write("a few words only\n", to: "\(run.root)/text.txt")
            let found = errorText { _ = try run.recipe().run() }
            #expect(found.contains("tokens to learn from"), "\(found)")
            #expect(found.contains("--context"), "\(found)")
        }
    }

    @Test func optionsThatAreWrongSaySo() {
        let cases: [((inout PretrainingOptions) -> Void, String)] = [
            ({ $0.heads = 5 }, "--width is 384 and --heads 5"),
            ({ $0.keyHeads = 2 }, "--key-heads needs --architecture llama"),
            ({ ($0.decoder, $0.keyHeads) = (.llama, 4) }, "--key-heads is 4"),
            ({ $0.context = 4 }, "--context is 4: expected at least 8"),
            ({ $0.maskedShare = 0 }, "--masked-share is 0.0"),
            ({ $0.spanLength = 0.5 }, "--span-length is 0.5"),
            ({ $0.steps = 0 }, "--steps is 0"),
            ({ $0.accumulation = 0 }, "--accumulation is 0"),
            ({ $0.vocabulary = 10 }, "--vocabulary is 10"),
            ({ $0.finalShare = 2 }, "--final-share is 2.0"),
        ]
        for (change, expected) in cases {
            var options = PretrainingOptions()
            change(&options)
            #expect(options.problem?.contains(expected) ?? false, "\(options.problem ?? "nothing")")
        }
        #expect(PretrainingTask.allCases.allSatisfy { PretrainingOptions($0).problem == nil })
    }
}

/// The parts of pretraining.
@Suite struct PretrainingPartsTests {
    @Test func windowsMeetEveryTokenInAnOrderOfTheSeed() {
        let tokens = Tensor((0..<103).map { Int32($0) })
        var windows = TokenWindows(tokens, length: 11, overlap: 1, seed: 3)
        #expect(windows.count == 9)
        let all = windows.windows(from: 0, count: 5 * 9)
        for window in all {
            let run: [Int32] = (0..<11).map { window[0] + Int32($0) }
            #expect(window == run)
        }
        var begins: Set<Int32> = []
        for pass in 0..<5 {
            let starts: [Int32] = all[pass * 9..<(pass + 1) * 9].map { $0[0] }.sorted()
            for (one, next) in zip(starts, starts.dropFirst()) { #expect(next - one == 10) }
            begins.insert(starts[0])
        }
        #expect(begins.count > 1)
        // Any place can be asked for at once.
        var again = TokenWindows(tokens, length: 11, overlap: 1, seed: 3)
        let some = again.windows(from: 31, count: 4)
        #expect(some == Array(all[31..<35]))
        let firsts: [Int32] = windows.inOrder().map { $0[0] }
        #expect(firsts == (0..<10).map { Int32($0 * 10) })
    }

    @Test func gradientsOfPartsAreThoseOfTheWhole() throws {
        var random = RandomGenerator(seed: 2)
        let model = GPT2(
            .init(vocabularySize: 19, positions: 8, width: 12, layers: 1, heads: 2), using: &random
        ).mapParameters { $1.cast(to: .float64) }
        let rows: [[Int32]] = (0..<4).map { row in
            (0..<9).map { (column: Int) -> Int32 in Int32((row * 5 + column * column) % 19) }
        }
        func outcome(_ accumulation: Int) throws -> GPT2 {
            var plan = Trainer<GPT2, SGD>.Plan(
                epochs: 1, stepsPerEpoch: 1,
                schedule: Schedule(.constant, totalSteps: 1), learningRate: 0.1,
                gradientNorm: 1e9, patience: nil, seed: 1, judgedBy: .last)
            plan.accumulation = accumulation
            var trainer = Trainer(plan: plan, model: model, optimizer: SGD(learningRate: 0.1))
            let size = 4 / accumulation
            return try trainer.run(
                task: .init(
                    loss: { model, _, part, random in
                        let some = Array(rows[part * size..<(part + 1) * size])
                        let loss = model.loss(
                            Tensor(rows: some.map { Array($0.dropLast()) }),
                            next: Tensor(rows: some.map { Array($0.dropFirst()) }), dropout: &random
                        )
                        return (loss, BatchOutcome(examples: size * 8, tokens: size * 8))
                    }, validate: { _ in (0, 0) }, save: { _ in }))
        }
        let whole = try outcome(1)
        for parts in [2, 4] {
            let found = try outcome(parts)
            for (a, b) in zip(whole.parameters, found.parameters) {
                #expect(largestDifference(a.tensor, b.tensor) < 1e-12, "\(a.name)")
            }
        }
    }

    private func wordPieces() throws -> TokenizerPipeline {
        var trainer = WordPieceTrainer(size: 80)
        trainer.specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        let words = WordCounts([("walking", 5), ("talking", 5), ("a", 9), ("cat", 4)])
        return try TokenizerPipeline(
            wordPieces: try trainer.train(on: words), by: trainer, normalizer: nil)
    }

    @Test func wholeWordsAreMasked() throws {
        let tokenizer = try wordPieces()
        let objective = try MaskedObjective(
            configuration: .init(
                head: .maskedLanguageModel, vocabularySize: tokenizer.idLimit, width: 8,
                innerWidth: 8, layers: 1, heads: 1), context: 32, share: 0.3, tokenizer: tokenizer)
        let text = "a cat walking a cat talking a walking cat a talking a cat"
        let window = Array(try tokenizer.encodeIDs(text, addSpecialTokens: false))
        let (mask, begin, end) = (
            tokenizer.id(of: "[MASK]")!, tokenizer.id(of: "[CLS]")!, tokenizer.id(of: "[SEP]")!
        )
        var (masked, kept, others) = (0, 0, 0)
        var random = RandomGenerator(seed: 6)
        for _ in 0..<200 {
            let (tokens, places, labels) = objective.masked([window, window], using: &random)
            #expect(tokens.shape == [2, window.count + 2])
            let flat = tokens.scalars(as: Int32.self)
            let chosen = Set(places)
            #expect(chosen.count == places.count)
            for (place, token) in flat.enumerated() {
                let column = place % (window.count + 2) - 1
                guard window.indices.contains(column) else {
                    #expect(token == (column < 0 ? begin : end))
                    continue
                }
                if let number = places.firstIndex(of: Int32(place)) {
                    #expect(labels[number] == window[column])
                    masked += token == mask ? 1 : 0
                    kept += token == window[column] ? 1 : 0
                    others += token != mask && token != window[column] ? 1 : 0
                } else {
                    #expect(token == window[column])
                }
                // A word is masked whole, or not at all.
                let continues =
                    column + 1 < window.count
                    && tokenizer.token(window[column + 1])!.hasPrefix("##")
                if continues {
                    #expect(chosen.contains(Int32(place)) == chosen.contains(Int32(place + 1)))
                }
            }
        }
        let all = Double(masked + kept + others)
        #expect(abs(Double(masked) / all - 0.8) < 0.03)
        #expect(abs(Double(kept) / all - 0.1) < 0.03 && others > 0)
    }

    @Test func spansAndWhatIsLeftMakeTheText() throws {
        var trainer = UnigramTrainer(size: 60)
        trainer.specialTokens =
            ["<pad>", "</s>", "<unk>"] + (0..<10).map { "<extra_id_\($0)>" }
        let words = WordCounts([("▁walking", 5), ("▁talking", 5), ("▁a", 9), ("▁cat", 4)])
        let tokenizer = try TokenizerPipeline(
            try trainer.train(on: words), by: trainer, normalizer: nil)
        let objective = try SpanObjective(
            configuration: .init(
                vocabularySize: tokenizer.idLimit, width: 8, headWidth: 4, innerWidth: 8, layers: 1,
                heads: 2), context: 40, share: 0.25, spanLength: 2.5, tokenizer: tokenizer)
        let sentinels = (0..<10).map { tokenizer.id(of: "<extra_id_\($0)>")! }
        let window = (0..<40).map { Int32(20 + $0 % 7) }
        var random = RandomGenerator(seed: 6)
        for _ in 0..<50 {
            let (source, target, next) = objective.corrupted([window, window], using: &random)
            #expect(source.shape == [2, 30 + 4 + 1] && next.shape == [2, 10 + 4 + 1])
            let (read, written) = (
                source.scalars(as: Int32.self)[35...], next.scalars(as: Int32.self)[15...]
            )
            let spans = written.dropLast().split { sentinels.contains($0) }
            var text: [Int32] = []
            for token in read.dropLast() {
                if let number = sentinels.firstIndex(of: token) {
                    text += spans[number]
                } else {
                    text.append(token)
                }
            }
            #expect(text == window && spans.allSatisfy { !$0.isEmpty })
            #expect(target.scalars(as: Int32.self)[16...] == written.dropLast()[15...])
        }
    }
}

/// Texts as vectors.
@Suite struct SentenceEncoderTests {
    private func encoder(_ pooling: SentencePooling = .mean) throws -> SentenceEncoder {
        var trainer = WordPieceTrainer(size: 80)
        trainer.specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        let words = WordCounts([("walking", 5), ("talking", 5), ("a", 9), ("cat", 4)])
        let tokenizer = try TokenizerPipeline(
            wordPieces: try trainer.train(on: words), by: trainer, normalizer: nil)
        var random = RandomGenerator(seed: 3)
        let model = BERT(
            .init(
                head: .none, vocabularySize: tokenizer.idLimit, positions: 12, width: 16,
                innerWidth: 24, layers: 2, heads: 2), using: &random
        ).mapParameters { _, tensor in
            tensor + random.normal(tensor.shape, standardDeviation: 0.3)
        }
        return SentenceEncoder(model: model, tokenizer: tokenizer, pooling: pooling)
    }

    private let texts = ["a cat", "walking", "a talking cat walking a cat", "", "a cat"]

    @Test(arguments: SentencePooling.allCases)
    func aTextHasTheSameVectorAmongOthers(_ pooling: SentencePooling) throws {
        let encoder = try encoder(pooling)
        let all = try encoder.embed(texts)
        #expect(all.shape == [5, 16])
        for (number, text) in texts.enumerated() {
            let alone = try encoder.embed([text])
            #expect(largestDifference(alone, all.slice(axis: 0, number..<number + 1)) == 0)
            #expect(abs(alone.squared().sum().item - 1) < 1e-5)
        }
        #expect(try encoder.embed([]).shape == [0, 16])
    }

    @Test func poolingIsWhatItSays() throws {
        let tokens: [[Int32]] = [[2, 7, 9, 3], [2, 8, 3]]
        for pooling in SentencePooling.allCases {
            var encoder = try encoder(pooling)
            encoder.isNormalized = false
            let found = encoder.embed(tokens: tokens)
            for (row, ids) in tokens.enumerated() {
                var none: RandomGenerator?
                let states = encoder.model.encode(packed: [ids], dropout: &none)
                let wanted =
                    switch pooling {
                    case .mean: states.mean(axis: 0)
                    case .first: states.select(axis: 0, 0)
                    case .last: states.select(axis: 0, ids.count - 1)
                    }
                #expect(largestDifference(found.select(axis: 0, row), wanted) < 1e-5)
            }
        }
    }

    @Test func textsThatAreTooLongAreNeverCutInSilence() throws {
        let encoder = try encoder()
        let long = String(repeating: "a cat ", count: 20)
        let found = errorText { _ = try encoder.embed(["a", long]) }
        #expect(found.contains("text 2 has 42 tokens: this model reads at most 12"), "\(found)")
        let (tokens, cut) = try encoder.tokens(of: ["a", long], truncates: true)
        #expect(cut == 1 && tokens[1].count == 12 && tokens[0].count == 3)
    }

    @Test func searchFindsTheClosest() throws {
        let index = try SentenceIndex(texts, by: try encoder())
        let hits = try index.search("a cat", count: 3)
        #expect(hits.map(\.text).prefix(2) == ["a cat", "a cat"])
        #expect(hits.map(\.place).prefix(2) == [0, 4])
        #expect(abs(hits[0].score - 1) < 1e-5 && hits[0].score >= hits[2].score)
    }
}

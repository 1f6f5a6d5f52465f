import Foundation
import MartletData
import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import MartletText
import Testing

@testable import MartletTraining

/// A run that takes a moment: words of few letters are to be written from their end, vowels in capitals.
private struct TinyPairs {
    let root: String
    var options: SequenceToSequenceOptions
    var folder: String { "\(root)/run" }

    init(_ root: String, _ model: SequenceToSequenceKind, count: Int = 400) throws {
        self.root = root
        var random = RandomGenerator(seed: 1)
        let letters = Array("abcdefghij")
        let lines = (0..<count).map { _ in
            let word = (0..<(2 + random.integer(below: 4))).map { _ in
                letters[random.integer(below: letters.count)]
            }
            let answer = word.reversed().map { "aei".contains($0) ? $0.uppercased() : "\($0)x" }
            return String(word) + "\t" + answer.joined(separator: " ")
        }
        try write(lines.joined(separator: "\n") + "\n", to: "\(root)/pairs.tsv")
        options = SequenceToSequenceOptions(model)
        options.targetUnit = .word
        options.metric = .per
        options.hidden = 16
        options.embedding = 8
        options.layers = 1
        options.heads = 2
        options.minimumCount = 1
        options.batch = 32
        options.epochs = 2
        options.warmUp = 5
        options.averaging = 0.5
        options.seed = 4
    }

    func recipe(_ existing: ExistingRun = .keep) -> SequenceToSequenceRecipe {
        SequenceToSequenceRecipe(
            options: options, data: .init(training: "\(root)/pairs.tsv"), folder: folder,
            existing: existing, version: "test")
    }
}

private func withTinyPairs(
    _ model: SequenceToSequenceKind, count: Int = 400, _ body: (inout TinyPairs) throws -> Void
) throws {
    try withTemporaryFolder { root in
        var run = try TinyPairs(root, model, count: count)
        try body(&run)
    }
}

/// Models that learn to write one sequence for another.
@Suite struct SequenceToSequenceRunTests {
    private static let files = [
        "config.json", "model.safetensors", "report.html", "source_tokenizer.json",
        "target_tokenizer.json", "training.json",
    ]

    /// Each kind of attention, and those that know of their steps before.
    private static let attentions: [(AttentionChoice, feeds: Bool, covers: Bool)] =
        AttentionChoice.allCases.map { ($0, false, false) } + [
            (.luong, true, false), (.bahdanau, false, true),
        ]

    @Test(arguments: attentions)
    func aRecurrentNetworkLearnsToWrite(
        _ attention: AttentionChoice, feeds: Bool, covers: Bool
    ) throws {
        try withTinyPairs(.gru, count: 2000) { run in
            run.options.attention = attention
            if feeds { run.options.inputFeeding = true }
            if covers { run.options.coverage = true }
            run.options.hidden = 48
            run.options.embedding = 16
            run.options.dropout = 0
            run.options.learningRate = 1e-2
            run.options.epochs = 14
            run.options.averaging = 0.9
            run.options.scheduledSampling = attention == .bahdanau ? 0.2 : 0
            var samples: [[SequenceToSequenceRecord.Sample]] = []
            let record = try run.recipe().run(report: { event in
                if case .samples(_, let some) = event { samples.append(some) }
            })
            #expect(try names(in: run.folder) == Self.files)
            let test = try #require(record.test)
            let errors = record.epochs.compactMap(\.validationScore)
            #expect(errors.count == record.epochs.count && errors.last! < 0.5 * errors[0])
            #expect(test.scores.map(\.name) == ["PER", "exact match"])
            // Without attention the last state must hold the whole word, which takes longer to learn.
            #expect(
                test.scores[0].value < (attention == .none ? 60 : 10), "\(test.scores), \(errors)")
            #expect(test.lengths.reduce(0) { $0 + $1.sources } == test.sources)
            #expect(samples.count == record.epochs.count && samples[0].count == 3)
            for sample in record.samples {
                guard attention != .none else {
                    #expect(sample.attention == nil)
                    continue
                }
                let weights = try #require(sample.attention)
                #expect(weights.count == sample.answerTokens.count)
                #expect(
                    weights.allSatisfy {
                        $0.count == sample.sourceTokens.count
                            && abs($0.reduce(0, +) - 1) < 0.01
                    })
                #expect(sample.sourceTokens.last == "⏎")
            }
            let page = String(decoding: try bytes(of: "\(run.folder)/report.html"), as: UTF8.self)
            expectWellFormed(page)
            #expect(page.contains("Weights of attention") == (attention != .none))
            // What is wrong is told token by token, the most frequent first.
            let mistakes = try #require(test.mistakes)
            #expect(mistakes.isEmpty == (test.scores[1].value == 100))
            #expect(mistakes.map(\.count) == mistakes.map(\.count).sorted(by: >))
            #expect(page.contains("<h2>Mistakes</h2>") == !mistakes.isEmpty)
            #expect(SequenceToSequenceRecord.read(from: run.folder)?.test == test)
            let model = try ModelFolder.load(
                RecurrentSequenceToSequence.self, from: run.folder)
            #expect(model.configuration.ending == record.vocabulary - 1)
            #expect(model.configuration.inputFeeding == (feeds ? true : nil))
            #expect(model.configuration.coverage == (covers ? true : nil))
        }
    }

    /// Calls to people whose names are made up, so that nearly none of the test is in the training.
    private func calls(_ count: Int) -> String {
        var random = RandomGenerator(seed: 8)
        let syllables = ["ka", "lo", "mi", "ru", "te", "sa", "no", "vi", "du", "pe", "za", "hu"]
        func name() -> String {
            (0..<4).map { _ in syllables[random.integer(below: syllables.count)] }.joined()
        }
        return (0..<count).map { number in
            let (first, second) = (name(), name())
            return number % 2 == 0
                ? "please call \(first) before you call \(second)\t\(first) then \(second)"
                : "after \(first) has rung call \(second) back\t\(first) then \(second)"
        }.joined(separator: "\n")
    }

    @Test(arguments: [AttentionChoice.luong, .bahdanau])
    func whatIsNotKnownIsCopied(_ attention: AttentionChoice) throws {
        try withTinyPairs(.gru) { run in
            try write(calls(600), to: "\(run.root)/pairs.tsv")
            run.options.attention = attention
            (run.options.sourceUnit, run.options.targetUnit) = (.word, .word)
            run.options.metric = .exact
            run.options.minimumCount = 2
            run.options.hidden = 32
            run.options.embedding = 16
            run.options.dropout = 0
            run.options.learningRate = 1e-2
            run.options.epochs = 15
            run.options.averaging = 0.9
            run.options.scheduledSampling = attention == .luong ? 0.2 : 0
            run.options.beam = attention == .luong ? 3 : nil
            let without = try run.recipe().run()
            #expect(try #require(without.test).scores[0].value < 30)
            run.options.copy = true
            let record = try run.recipe(.replace).run()
            let test = try #require(record.test)
            #expect(test.scores[0].value > 95, "\(test.scores), \(record.epochs)")
            // Nearly all names are unknown: what else there is, is few.
            #expect(record.vocabulary == record.sourceVocabulary && record.vocabulary < 60)
            let model = try ModelFolder.load(RecurrentSequenceToSequence.self, from: run.folder)
            #expect(model.copies && model.configuration.unknown == 0)
            for sample in record.samples where sample.isRight {
                let tokens = sample.answerTokens.filter { $0 != "⏎" }
                #expect(tokens.joined(separator: " ") == sample.answer)
                #expect(sample.attention?.count == sample.answerTokens.count)
            }
            let translator = try Translator(contentsOf: run.folder)
            let found = try translator.translate(
                ["please call Łukasz before you call zzz"], prefixes: ["Łukasz"])[0]
            #expect(found.answers[0].text == "Łukasz then zzz", "\(found)")
            #expect(found.unknownTokens == 2 && found.sourceTokens[2] == "Łukasz")
            // Another tokenizer for one side is noticed.
            let path = "\(run.folder)/source_tokenizer.json"
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("\"please\""))
            try write(
                text.replacingOccurrences(of: "\"please\"", with: "\"tease\""), to: path)
            let error = errorText { _ = try Translator(contentsOf: run.folder) }
            #expect(error.contains("is not target_tokenizer.json"), "\(error)")
        }
    }

    @Test func aTransformerLearnsToWrite() throws {
        try withTinyPairs(.transformer, count: 2000) { run in
            run.options.hidden = 48
            run.options.dropout = 0
            run.options.learningRate = 5e-3
            run.options.epochs = 14
            let record = try run.recipe().run()
            let test = try #require(record.test)
            #expect(test.scores[0].value < 20, "\(test.scores), \(record.epochs)")
            for sample in record.samples {
                let weights = try #require(sample.attention)
                #expect(weights.allSatisfy { abs($0.reduce(0, +) - 1) < 0.01 })
            }
            let page = try String(contentsOfFile: "\(run.folder)/report.html", encoding: .utf8)
            #expect(page.contains("Weights of attention"))
            #expect(try ModelFolder.architecture(of: run.folder) == "transformer")
        }
    }

    @Test(arguments: SequenceToSequenceKind.allCases)
    func aResumedRunGivesTheSameBytes(_ model: SequenceToSequenceKind) throws {
        func change(_ run: inout TinyPairs) {
            run.options.scheduledSampling = 0.3
            if model == .gru { run.options.attention = .bahdanau }
        }
        try withTinyPairs(model) { whole in
            change(&whole)
            let expected = try whole.recipe().run()
            for stop in [1, 10, 13] {
                try withTinyPairs(model) { run in
                    change(&run)
                    var count = 0
                    let error = errorText {
                        _ = try run.recipe().run(isInterrupted: {
                            count += 1
                            return count == stop
                        })
                    }
                    #expect(error.contains("interrupted in epoch"), "\(error)")
                    let record = try run.recipe(.resume).run()
                    for name in Self.files where !["report.html", "training.json"].contains(name) {
                        #expect(
                            try bytes(of: "\(run.folder)/\(name)")
                                == bytes(of: "\(whole.folder)/\(name)"), "\(name), \(stop)")
                    }
                    #expect(record.test == expected.test)
                    #expect(
                        record.epochs.map(\.validationScore)
                            == expected.epochs.map(\.validationScore))
                    #expect(try names(in: run.folder) == Self.files)
                }
            }
        }
    }

    @Test func aRunIsNotResumedWithOtherOptionsOrPairs() throws {
        try withTinyPairs(.lstm) { run in
            var count = 0
            _ = errorText {
                _ = try run.recipe().run(isInterrupted: {
                    count += 1
                    return count == 3
                })
            }
            run.options.attention = .bahdanau
            let other = errorText { _ = try run.recipe(.resume).run() }
            #expect(
                other.contains("--attention is bahdanau, the saved run has luong"), "\(other)")
            run.options.attention = nil
            try write(String(repeating: "a\tb\nc\td\n", count: 9), to: "\(run.root)/pairs.tsv")
            let text = errorText { _ = try run.recipe(.resume).run() }
            #expect(text.contains("is not the data that the run was begun with"), "\(text)")
        }
    }

    @Test func filesOfTheirOwnAreThePartsAndLongPairsAreCounted() throws {
        try withTinyPairs(.lstm) { run in
            let long = String(repeating: "a", count: 31)
            try write("ab\tb A\n\(long)\tA\nba\tA b\n", to: "\(run.root)/other.tsv")
            run.options.longest = 30
            run.options.epochs = 1
            var recipe = run.recipe()
            recipe.data.validation = "\(run.root)/other.tsv"
            recipe.data.test = "\(run.root)/other.tsv"
            let record = try recipe.run()
            #expect(record.data.validation == 2 && record.data.test == 2)
            #expect(record.data.skipped == 2)
            #expect(record.data.training + record.data.duplicates == 400)
            #expect(record.test?.sources == 2)
            run.options.longest = 1
            let error = errorText { _ = try run.recipe(.replace).run() }
            #expect(
                error.contains("a text of more than 1 tokens") && error.contains("--longest"),
                "\(error)")
        }
    }

    @Test func tooFewPairsAreRefused() throws {
        try withTinyPairs(.lstm) { run in
            try write("a\tb\nc\td\n", to: "\(run.root)/pairs.tsv")
            let found = errorText { _ = try run.recipe().run() }
            #expect(
                found.contains("2 pairs to learn from, 0 to choose by") && found.contains("--test"),
                "\(found)")
        }
    }

    @Test func optionsThatAreWrongSaySo() {
        let cases: [((inout SequenceToSequenceOptions) -> Void, String)] = [
            ({ $0.hidden = 0 }, "--hidden is 0"),
            ({ ($0.model, $0.attention) = (.transformer, .luong) }, "--attention is for --model"),
            (
                { ($0.attention, $0.inputFeeding) = (.bahdanau, true) },
                "--input-feeding is for --attention luong: bahdanau was chosen"
            ),
            (
                { ($0.attention, $0.coverage) = (.luong, true) },
                "--coverage is for --attention bahdanau: luong was chosen"
            ),
            (
                { ($0.model, $0.copy) = (.transformer, true) },
                "--copy is for --attention luong or bahdanau, whose weights say what is copied: transformer was chosen"
            ),
            ({ ($0.attention, $0.copy) = (AttentionChoice.none, true) }, "none was chosen"),
            (
                { ($0.targetUnit, $0.copy) = (.word, true) },
                "--source-unit is character and --target-unit word: expected the same"
            ),
            ({ ($0.model, $0.heads) = (.transformer, 3) }, "--hidden is 256 and --heads 3"),
            ({ $0.beam = 0 }, "--beam is 0: expected 1 … 256"),
            ({ $0.beam = 257 }, "--beam is 257: expected 1 … 256"),
            ({ $0.scheduledSampling = 1.5 }, "--scheduled-sampling is 1.5"),
            ({ $0.labelSmoothing = 1 }, "--label-smoothing is 1.0"),
            ({ ($0.sourceUnit, $0.vocabulary) = (.subword, 100) }, "--vocabulary is 100"),
            ({ $0.batchTokens = 0 }, "--batch-tokens is 0"),
            ({ $0.longest = 0 }, "--longest is 0"),
        ]
        for (change, expected) in cases {
            var options = SequenceToSequenceOptions()
            change(&options)
            #expect(options.problem?.contains(expected) ?? false, "\(options.problem ?? "nothing")")
        }
        for model in SequenceToSequenceKind.allCases {
            #expect(SequenceToSequenceOptions(model).problem == nil)
        }
    }
}

/// The parts of learning from pairs.
@Suite struct PairPartsTests {
    private func sequences(_ pairs: [(String, String)], longest: Int = 100) throws -> PairSequences
    {
        let texts = pairs.map { TextPair(source: $0.0, target: $0.1) }
        let source = try SequenceTokenizer.train(on: texts.map(\.source), unit: .word)
        let target = try SequenceTokenizer.train(on: texts.map(\.target), unit: .word)
        return try PairSequences(texts, source: source, target: target, longest: longest)
    }

    @Test func aBatchHasWhatWasWrittenAndWhatComesNext() throws {
        let pairs = try sequences([("a b c", "x"), ("a", "y x y")])
        // Read: <unk>, a, b, c and the end; written: <unk>, x, y and the end.
        let batch = pairs.batch([0, 1])
        #expect(batch.source.shape == [2, 4] && batch.target.shape == [2, 4])
        #expect(batch.mask.lengths == [4, 2])
        #expect(batch.source.scalars(as: Int32.self) == [1, 2, 3, 4, 1, 4, 0, 0])
        #expect(batch.target.scalars(as: Int32.self) == [3, 1, 0, 0, 3, 2, 1, 2])
        #expect(batch.next.scalars(as: Int32.self) == [1, 3, -100, -100, 2, 1, 2, 3])
        #expect(batch.written == 6 && batch.tokens == 12)
        #expect(pairs.batch([0]).mask.lengths == nil)
        #expect(pairs.lengths == [4, 4])
    }

    @Test func sourcesAreJudgedOnceByAllTheirTargetsInGroupsByLength() throws {
        let pairs = try sequences([
            ("a b", "x"), ("c", "y"), ("a b", "z"), ("d", "x"), ("a b c d", "y"), ("e", "y"),
        ])
        let judged = JudgedSources(pairs)
        #expect(judged.texts == ["a b", "c", "d", "a b c d", "e"])
        #expect(judged.references[0] == ["x", "z"])
        #expect(judged.groups(atMost: 4) == [[1, 2, 4], [0], [3]])
        #expect(JudgedSources(pairs, limit: 1).references == [["x", "z"]])
        #expect(JudgedSources(pairs, limit: 2).texts == ["a b", "d"])
        let parallel = try judged.parallel(["z", "y", "y", "x", "y"])
        #expect(PairMetric.exact.score(of: parallel).value == 60)
    }

    @Test func summariesAreJudgedByTheirWords() throws {
        let texts = try ParallelTexts(
            hypotheses: ["the cat sat"], referenceSets: [["the cat lay there"]])
        // Two of three and of four words; one of two and of three pairs.
        let expected: [(PairMetric, Double)] = [
            (.rouge1, 200 * 2 / 7), (.rouge2, 200 / 5), (.rougeL, 200 * 2 / 7),
        ]
        for (metric, value) in expected {
            #expect(abs(metric.score(of: texts).value - value) < 1e-9)
            #expect(metric.testMetrics == [.rouge1, .rouge2, .rougeL, .exact])
        }
    }

    @Test func mistakesAreTheFewestEdits() {
        func edits(_ written: String, _ expected: String) -> [String] {
            TokenMistake.between(written.map { "\($0)" }, expected.map { "\($0)" })
                .map { "\($0.expected ?? "-")\($0.written ?? "-")" }
        }
        #expect(edits("abc", "abc") == [])
        #expect(edits("abc", "axc") == ["xb"])
        #expect(edits("", "ab") == ["a-", "b-"] && edits("ab", "") == ["-a", "-b"])
        #expect(edits("kitten", "sitting") == ["sk", "ie", "g-"])
        #expect(edits("xabc", "abcy") == ["-x", "y-"])
        var counter = TokenMistakeCounter()
        counter.add(["a", "b"], references: [["c", "d"], ["a", "d"]])
        counter.add(["b"], references: [["d"]])
        counter.add(["a"], references: [["a", "z"]])
        #expect(
            counter.most(2) == [
                .init(mistake: .init(expected: "d", written: "b"), count: 2),
                .init(mistake: .init(expected: "z", written: nil), count: 1),
            ])
    }

    @Test func aGuessStandsWhereItWouldHaveBeenRead() throws {
        var random = RandomGenerator(seed: 5)
        let model = RecurrentSequenceToSequence(
            .init(
                cell: .gru, attention: .luong, sourceVocabularySize: 5, vocabularySize: 4,
                embeddingSize: 6, hiddenSize: 6), using: &random)
        let pairs = try sequences([("a b c", "x y x y y"), ("a", "y x y x x")])
        let batch = pairs.batch([0, 1])
        func loss(_ share: Double) -> Double {
            var random: RandomGenerator? = RandomGenerator(seed: 3)
            return model.loss(on: batch, labelSmoothing: 0, ownShare: share, dropout: &random).item
        }
        #expect(loss(0) == loss(0) && loss(1) == loss(1))
        // With all tokens its own guesses, made by hand.
        var none: RandomGenerator?
        let guesses = model(source: batch.source, mask: batch.mask, target: batch.target)
            .argmax(axis: 2)
        let read = Tensor.concatenate(
            [batch.target.slice(axis: 1, 0..<1), guesses.slice(axis: 1, 0..<5)], axis: 1)
        let expected = model.loss(
            source: batch.source, mask: batch.mask, target: read, next: batch.next, dropout: &none)
        #expect(abs(loss(1) - expected.item) < 1e-6)
        #expect(loss(1) != loss(0))
    }

    @Test func answersAreTheLikeliestTokensAloneAndTogether() throws {
        var random = RandomGenerator(seed: 6)
        let model = RecurrentSequenceToSequence(
            .init(
                cell: .lstm, attention: .bahdanau, sourceVocabularySize: 9, vocabularySize: 7,
                embeddingSize: 6, hiddenSize: 6), using: &random)
        let sources: [[Int32]] = (0..<70).map { (row: Int) -> [Int32] in
            let tokens: [Int32] = (0...(row % 7)).map { (place: Int) -> Int32 in
                Int32((place * 3 + row) % 8)
            }
            return tokens + [8]
        }
        let all = model.answers(to: sources, boundary: 6, longest: 5, tellsAttention: true)
        for (row, source) in sources.enumerated() {
            let alone = model.answers(
                to: [source], boundary: 6, longest: 5, tellsAttention: true)[0]
            #expect(alone.tokens == all[row].tokens && alone.tokens.count <= 6)
            #expect(alone.attention.allSatisfy { $0.count == source.count })
            // The boundary has weights, too, if it came.
            #expect([0, 1].contains(alone.attention.count - alone.tokens.count))
        }
    }
}

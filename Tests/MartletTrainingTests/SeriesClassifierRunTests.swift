import Foundation
import MartletData
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// A training of a series classifier that takes a moment.
private struct TinySeriesRun {
    let root: String
    var options = SeriesClassifierOptions()
    var test: String?
    var folder: String { "\(root)/run" }
    var data: String { "\(root)/train.csv" }

    /// Waves of three speeds, in two channels, of different lengths.
    static func waves(_ count: Int, seed: UInt64) -> String {
        var random = RandomGenerator(seed: seed)
        var text = "case,label,sine,cosine\n"
        for item in 0..<count {
            let speed = item % 3
            let length = 8 + random.integer(below: 10)
            let phase = random.fraction()
            for step in 0..<length {
                let angle = 2 * Double.pi * (phase + Double(step) * [0.05, 0.12, 0.3][speed])
                let noise = (random.fraction() - 0.5) * 0.2
                text +=
                    "\(item),\(["slow", "quick", "wild"][speed]),\(3 + sin(angle) + noise),\(cos(angle))\n"
            }
        }
        return text
    }

    init(_ root: String) throws {
        self.root = root
        try write(Self.waves(45, seed: 1), to: "\(root)/train.csv")
        try write(Self.waves(30, seed: 2), to: "\(root)/test.csv")
        test = "\(root)/test.csv"
        options.hidden = 12
        options.filters = 6
        options.members = 2
        options.epochs = 12
        options.batch = 9
        options.learningRate = 0.02
        options.averaging = 0.8
    }

    @discardableResult
    func run(
        _ existing: ExistingRun = .keep, interruptAfter steps: Int = .max,
        report: @escaping (SeriesClassifierEvent) -> Void = { _ in }
    ) throws -> SeriesClassifierRecord {
        var done = 0
        return try SeriesClassifierRecipe(
            options: options, data: data, test: test, folder: folder, existing: existing,
            version: "test"
        ).run(
            isInterrupted: {
                done += 1
                return done == steps
            }, report: report)
    }

    func file(_ name: String) throws -> Data { try bytes(of: "\(folder)/\(name)") }
}

private func withTinySeriesRun(_ body: (inout TinySeriesRun) throws -> Void) throws {
    try withTemporaryFolder { root in
        var run = try TinySeriesRun(root)
        try body(&run)
    }
}

/// Training classifiers of series.
@Suite struct SeriesClassifierRunTests {
    @Test func itLearnsWaves() throws {
        try withTinySeriesRun { run in
            let record = try run.run()
            #expect(record.data.training == 36 && record.data.validation == 9)
            #expect(record.data.test == 30 && record.data.channels == ["sine", "cosine"])
            let test = try #require(record.test)
            #expect(test.accuracy > 0.9 && test.examples == 30)
            #expect(record.validation?.examples == 9)
            #expect(record.baselines.map(\.name) == ["1-NN DTW", "1-NN DTW, scaled"])
            #expect(record.baselines.allSatisfy { $0.metrics.examples == 30 })
            #expect(
                try names(in: run.folder) == [
                    "config.json", "model.safetensors", "report.html", "training.json",
                ])
            #expect(SeriesClassifierRecord.read(from: run.folder)?.test == test)
            let page = String(decoding: try run.file("report.html"), as: UTF8.self)
            for part in ["1-NN DTW", "Where it is right and wrong", "--members 2"] {
                #expect(page.contains(part), "\(part)")
            }
            // What judged the run judges it again.
            let evaluation = try SeriesEvaluation.run(model: run.folder, data: run.test ?? "")
            #expect(evaluation.part == .all && evaluation.model == test)
            #expect(evaluation.baselines == record.baselines && evaluation.note == nil)
            let own = try SeriesEvaluation.run(model: run.folder, data: run.data)
            #expect(own.part == .validation && own.model == record.validation)
            let answers = try SeriesPrediction.of(run.test ?? "", model: run.folder)
            #expect(answers.count == 30 && answers[0].line == 2)
            #expect(
                answers.enumerated().count { $1.label == ["slow", "quick", "wild"][$0 % 3] }
                    == test.correct)
        }
    }

    // In the first epoch, at its end, in the second, at the end of the run.
    @Test(arguments: [1, 4, 6, 12])
    func aResumedRunGivesTheSameBytes(_ steps: Int) throws {
        try withTinySeriesRun { whole in
            whole.options.epochs = 3
            let expected = try whole.run()
            try withTinySeriesRun { run in
                run.options.epochs = 3
                #expect(throws: TrainingError.self) { try run.run(interruptAfter: steps) }
                let record = try run.run(.resume)
                for name in ["model.safetensors", "config.json"] {
                    #expect(try run.file(name) == whole.file(name), "\(name)")
                }
                #expect(record.test == expected.test && record.bestEpoch == expected.bestEpoch)
                #expect(
                    record.epochs.map(\.trainingLoss) == expected.epochs.map(\.trainingLoss))
            }
        }
    }

    @Test func scalesAreThoseOfTheCasesToLearnFrom() throws {
        try withTinySeriesRun { run in
            run.options.epochs = 1
            try run.run()
            let model = try ModelFolder.load(SeriesClassifier.self, from: run.folder)
            let cases = try SeriesDataset.read(run.data).split(folds: 5, fold: 0).training
            for channel in 0..<2 {
                let values = cases.flatMap { item in
                    (0..<item.length).map { item.values[$0 * 2 + channel] }
                }
                let mean = values.reduce(0, +) / Double(values.count)
                let variance =
                    values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
                #expect(abs(model.configuration.means[channel] - mean) < 1e-12)
                #expect(
                    abs(model.configuration.deviations[channel] - variance.squareRoot()) < 1e-12)
            }
            // Another test file changes nothing of the model.
            let weights = try run.file("model.safetensors")
            try write(TinySeriesRun.waves(9, seed: 77), to: "\(run.root)/test.csv")
            try run.run(.replace)
            #expect(try run.file("model.safetensors") == weights)
        }
    }

    @Test func withoutValidationAllCasesAreLearnedFromAndTheLastEpochIsKept() throws {
        try withTinySeriesRun { run in
            run.options.folds = 0
            run.options.epochs = 4
            run.options.patience = 1
            run.test = nil
            let record = try run.run()
            #expect(record.data.training == 45 && record.data.validation == 0)
            #expect(record.bestEpoch == 4 && record.epochs.count == 4)
            #expect(record.test == nil && record.validation == nil && record.baselines.isEmpty)
        }
    }

    @Test func aChannelThatNeverChangesDoesNoHarm() throws {
        try withTinySeriesRun { run in
            let text = TinySeriesRun.waves(45, seed: 1).split(separator: "\n").enumerated()
                .map { $1 + ($0 == 0 ? ",still" : ",0.1") }.joined(separator: "\n")
            try write(text, to: run.data)
            run.test = nil
            run.options.epochs = 1
            try run.run()
            let model = try ModelFolder.load(SeriesClassifier.self, from: run.folder)
            #expect(model.configuration.deviations[2] == 1)
            #expect(model.configuration.differenceDeviations?[2] == 1)
        }
    }

    @Test func dataThatCannotBeUsedAreRefusedBeforeAnythingIsWritten() throws {
        try withTinySeriesRun { run in
            func complaint() -> String {
                do {
                    try run.run()
                    return "it ran"
                } catch { return "\(error)" }
            }
            try write("case,label,sine,cosine\nq,fast,1,2\n", to: "\(run.root)/test.csv")
            #expect(
                complaint().contains("test.csv:2: label \"fast\" is not one of quick, slow, wild"))
            try write("case,label,sine\nq,slow,1\n", to: "\(run.root)/test.csv")
            #expect(complaint().contains("test.csv: has 1 channels: the model was trained on 2"))
            run.test = nil
            try write("case,label,x\na,up,1\nb,down,2\n", to: run.data)
            #expect(complaint().contains("is left to learn from; give at least two of each"))
            run.options.fold = 3
            #expect(complaint().contains("fold 3 of 5 is empty"))
            try write("case,label,x\na,up,1\nb,down,nan\n", to: run.data)
            #expect(complaint().contains("train.csv:3: step 1 of channel x is missing"))
            #expect(!FileManager.default.fileExists(atPath: run.folder))
        }
    }

    @Test func optionsAreChecked() {
        func problem(_ change: (inout SeriesClassifierOptions) -> Void) -> String {
            var options = SeriesClassifierOptions()
            change(&options)
            return options.problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.kernel = 4 } == "--kernel is 4: expected an odd number")
        for filters in [-1, 4097, Int.max] {
            let found = problem { $0.filters = filters }
            #expect(found.hasPrefix("--filters is \(filters): expected 0"))
        }
        #expect(problem { $0.folds = 1 }.hasPrefix("--folds is 1"))
        #expect(problem { $0.fold = 5 }.hasPrefix("--fold is 5: expected 0 … 4"))
        #expect(problem { $0.augmentation.jitter = .nan }.hasPrefix("--jitter is nan"))
        #expect(problem { $0.augmentation.crop = 1 }.hasPrefix("--crop is 1"))
        #expect(problem { $0.members = 0 }.hasPrefix("--members is 0"))
        #expect(problem { $0.batch = 0 }.hasPrefix("--batch is 0"))
        // Every option is in the listing, so that a resumed run cannot differ in silence.
        let listed = SeriesClassifierOptions().listing.map(\.flag)
        #expect(listed.count == Set(listed).count && listed.count == 29)
    }
}

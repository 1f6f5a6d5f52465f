import Foundation
import MartletData
import MartletModels
import MartletTensor
import MartletTestSupport
import MartletText
import MartletTraining
import Testing

/// From texts to a run folder: what it holds, and which data are refused.
@Suite struct SentimentRunTests {
    @Test func theFolderHoldsOneConsistentRun() throws {
        try withTinyRun { run in
            let record = try run.run()
            #expect(try names(in: run.folder) == TinyRun.files)
            let classifier = try TextClassifier(contentsOf: run.folder)
            #expect(classifier.labels == ["bad", "good"] && record.labels == ["bad", "good"])
            #expect(classifier.model.parameterCount == record.parameters)
            #expect(
                classifier.tokenizer.vocabulary.count
                    == classifier.model.configuration.vocabularySize)
            #expect(record.data.training == 160)
            #expect(record.data.validation == 20 && record.data.test == 20)
            #expect(record.options == run.options)

            // The model on disk is that of the best epoch, and the figures are its own.
            let data = "\(run.root)/reviews.jsonl"
            func accuracy(_ part: EvaluationPart) throws -> Double {
                try SentimentEvaluation.run(models: [run.folder], data: data, part: part).model
                    .accuracy
            }
            let best = try #require(record.bestEpoch)
            #expect(try accuracy(.validation) == record.epochs[best - 1].validationShare)
            #expect(
                record.epochs.map(\.validationShare).max()
                    == record.epochs[best - 1].validationShare)
            let evaluation = try SentimentEvaluation.run(models: [run.folder], data: data)
            #expect(evaluation.part == .test)
            #expect(evaluation.model == record.test && evaluation.baselines == record.baselines)
            #expect(record.baselines.map(\.name) == ["n-grams", "majority"])
            // It has learned something: the words tell the labels.
            #expect(try accuracy(.training) > 0.9)
        }
    }

    @Test func theRecordOnDiskHasTheReportedFigures() throws {
        try withTinyRun { run in
            var epochs: [EpochRecord] = []
            var steps = 0
            var reported: RunRecord?
            let returned = try run.run { event in
                switch event {
                case .training(.epoch(let record, _)): epochs.append(record)
                case .training(.step): steps += 1
                case .finished(let record): reported = record
                default: break
                }
            }
            #expect(steps == 2 * TinyRun.stepsPerEpoch)
            let onDisk = try #require(RunRecord.read(from: run.folder))
            #expect(epochs.count == 2)
            for record in [returned, try #require(reported), onDisk] {
                #expect(record.epochs == epochs)
                #expect(record.test == returned.test && record.baselines == returned.baselines)
                #expect(record.bestEpoch == returned.bestEpoch)
            }
            let json = try run.text("training.json")
            for key in ["\"version\" : \"test\"", "\"task\" : \"sentiment\"", "\"sha256\""] {
                #expect(json.contains(key))
            }
        }
    }

    @Test func theSameOptionsGiveTheSameBytesAndAnotherSeedOthers() throws {
        var models: [Data] = []
        for seed: UInt64 in [3, 3, 4] {
            try withTinyRun { run in
                run.options.seed = seed
                try run.run()
                models.append(try run.file("model.safetensors"))
            }
        }
        #expect(models[0] == models[1])
        #expect(models[0] != models[2])
    }

    @Test func anExistingRunIsRefusedAndStaysAsItIs() throws {
        try withTinyRun { run in
            try run.run()
            let before = try TinyRun.files.map { try run.file($0) }
            let text = errorText { try run.run() }
            #expect(text.contains("\(run.folder) holds a run already"))
            #expect(text.contains("--overwrite") && text.contains("--resume"))
            #expect(try TinyRun.files.map { try run.file($0) } == before)
        }
        // So is one that was only begun.
        try withTinyRun { run in
            #expect(run.interrupt(afterSteps: 1).contains("interrupted in epoch 1 after step 1"))
            #expect(errorText { try run.run() }.contains("holds a run already"))
        }
    }

    @Test func anOverwrittenRunIsReplacedWholeAndOnlyTheNewOneCanBeResumed() throws {
        try withTinyRun { run in
            try run.run()
            let old = try TinyRun.files.map { try run.file($0) }
            run.options.hidden = 6
            #expect(run.interrupt(afterSteps: 3, .replace).contains("interrupted"))
            // No epoch is done: the old model is still there with everything that belongs to it.
            #expect(try TinyRun.files.map { try run.file($0) } == old)
            #expect(run.interrupt(afterSteps: 9, .resume).contains("epoch 2 after step 2"))
            let half = try #require(RunRecord.read(from: run.folder))
            #expect(half.options.hidden == 6 && half.test == nil && half.epochs.count == 1)
            #expect(try run.text("report.html").contains("Not tested yet"))
            #expect(try TextClassifier(contentsOf: run.folder).model.configuration.hiddenSize == 6)

            // A new run that ends before its first checkpoint leaves none of the one before to resume.
            run.options.learningRate = 1e30
            #expect(errorText { try run.run(.replace) }.contains("the loss is"))
            #expect(errorText { try run.run(.resume) }.contains("holds no checkpoint"))
        }
    }

    @Test func dataWithNothingToTellApartAreRefused() throws {
        try withTinyRun { run in
            let reviews = Reviews(40)
            func refusal(_ name: String) -> String {
                run.data = name
                let text = errorText { try run.run() }
                #expect(!FileManager.default.fileExists(atPath: run.folder), "\(name)")
                return text
            }
            try write(reviews.jsonLines(good: "same", bad: "same"), to: "\(run.root)/one.jsonl")
            #expect(refusal("one.jsonl").contains("has one label only, same"))

            try FileManager.default.createDirectory(
                atPath: "\(run.root)/half", withIntermediateDirectories: true)
            try write(reviews.lines(good: true), to: "\(run.root)/half/pos.txt")
            try write("\n", to: "\(run.root)/half/neg.txt")
            #expect(refusal("half").contains("half/neg.txt: is empty"))
            // The only text of the other label has this one, too, and is dropped.
            try write(reviews.all[0].text, to: "\(run.root)/half/neg.txt")
            let half = refusal("half")
            #expect(half.contains("all 17 texts to learn from have the label positive"), "\(half)")

            try write(Reviews(9).jsonLines(), to: "\(run.root)/few.jsonl")
            let few = refusal("few.jsonl")
            #expect(few.contains("has 9 usable texts") && few.contains("at least 10"), "\(few)")
        }
    }

    @Test(arguments: [(TokenizerKind.words, 5), (.characters, 1)])
    func veryLongAndEmptyTextsWork(_ kind: TokenizerKind, _ width: Int) throws {
        try withTinyRun { run in
            run.options.tokenizer = kind
            run.options.epochs = 1
            run.data = "mixed.jsonl"
            let long = String(repeating: "the room was great and ", count: 5000).prefix(100_000)
            let empty = "{\"text\": \"  \", \"label\": \"good\"}\n"
            let extra = "{\"text\": \"\(long)\", \"label\": \"good\"}\n"
            try write(
                Reviews(60).jsonLines() + empty + extra, to: "\(run.root)/mixed.jsonl")
            let record = try run.run()
            #expect(record.data.summary.empty == 1 && record.data.summary.kept == 61)
            let classifier = try TextClassifier(contentsOf: run.folder)
            #expect(classifier.tokenizer.encode(String(long)).count >= 100_000 / width / 2)
            for text in ["", "   ", String(long), String(long) + " awful"] {
                let prediction = classifier.predict(text)
                #expect(abs(prediction.probabilities.values.reduce(0, +) - 1) < 1e-5)
                #expect((0.5...1).contains(prediction.probability))
            }
        }
    }

    @Test func aWeightThatBlowsUpIsSaidClearly() throws {
        try withTinyRun { run in
            run.options.learningRate = 1e30
            let text = errorText { try run.run() }
            #expect(text.hasPrefix("epoch 1, step ") && text.contains("--learning-rate"), "\(text)")
        }
    }

    @Test func aFileInTheFoldersPlaceIsRefusedBeforeTraining() throws {
        try withTinyRun { run in
            try write("mine", to: run.folder)
            var events = 0
            let text = errorText {
                try run.run { event in
                    if case .training = event { events += 1 }
                }
            }
            #expect(text.contains("\(run.folder): cannot be written: Not a directory"), "\(text)")
            #expect(events == 0)
            #expect(try bytes(of: run.folder) == Data("mine".utf8))
        }
    }
}

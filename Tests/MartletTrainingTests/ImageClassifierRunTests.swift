import Foundation
import MartletData
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// Whole runs of the image classifier, small.
@Suite struct ImageClassifierRunTests {
    private static func recipe(
        _ root: String, _ name: String = "run", _ existing: ExistingRun = .keep,
        _ change: (inout ImageClassifierOptions) -> Void = { _ in }
    ) -> ImageClassifierRecipe {
        var options = ImageClassifierOptions()
        options.channels = [4, 8]
        options.hidden = 16
        options.epochs = 8
        options.batch = 16
        options.learningRate = 1e-2
        options.averaging = 0.9
        options.warmUp = 5
        options.dropout = 0.1
        change(&options)
        return ImageClassifierRecipe(
            options: options, data: "\(root)/images", folder: "\(root)/\(name)",
            existing: existing, version: "test")
    }

    @Test func itLearnsWhatANearestMeanCannotAndIsJudgedTheSame() throws {
        try withTemporaryFolder { root in
            try MadeImages.write(to: "\(root)/images")
            let record = try Self.recipe(root).run()
            let test = try #require(record.test)
            #expect(test.accuracy >= 0.9, "\(test.accuracy)")
            #expect(record.data.training == 216 && record.data.validation == 24)
            let mean = try #require(record.baselines.first { $0.name == "nearest mean" })
            #expect(test.accuracy > mean.metrics.accuracy)
            let evaluation = try ImageEvaluation.run(
                model: "\(root)/run", data: "\(root)/images")
            #expect(evaluation.part == .test && evaluation.model == test)
            #expect(evaluation.baselines == record.baselines && evaluation.note == nil)
            let learned = try ImageEvaluation.run(
                model: "\(root)/run", data: "\(root)/images", part: .training)
            #expect(learned.baselines.isEmpty && learned.note?.contains("would know") == true)
            let answers = try ImagePrediction.of(
                "\(root)/images/t10k-images-idx3-ubyte", model: "\(root)/run")
            #expect(answers.map(\.place) == Array(0..<60))
            let right = zip(answers, MadeImages(60, seed: 2).answers).count {
                $0.label == MadeImages.labels[Int($1)]
            }
            #expect(right == test.correct)
            let page = String(
                decoding: try bytes(of: "\(root)/run/report.html"), as: UTF8.self)
            expectWellFormed(page)
            #expect(page.contains("unseen ones rightly"))
            #expect(
                errorText {
                    _ = try ImageEvaluation.run(
                        model: "\(root)/run", data: "\(root)/images", part: .all)
                }.contains("use --split training, validation or test"))
            try MadeImages.write(to: "\(root)/large", side: 14)
            #expect(
                errorText {
                    _ = try ImageEvaluation.run(model: "\(root)/run", data: "\(root)/large")
                }.contains("images are 14 × 14: the model knows 12 × 12"))
        }
    }

    @Test func aResumedRunHasTheSameBits() throws {
        try withTemporaryFolder { root in
            try MadeImages.write(to: "\(root)/images", training: 90, test: 15)
            _ = try Self.recipe(root) { $0.epochs = 2 }.run()
            var steps = 0
            let stopped = Self.recipe(root, "again") { $0.epochs = 2 }
            #expect(
                errorText {
                    _ = try stopped.run(isInterrupted: {
                        steps += 1
                        return steps == 7
                    })
                }.contains("interrupted"))
            _ = try Self.recipe(root, "again", .resume) { $0.epochs = 2 }.run()
            let name = "model.safetensors"
            #expect(try bytes(of: "\(root)/run/\(name)") == bytes(of: "\(root)/again/\(name)"))
        }
    }

    @Test func dataAndValuesThatDoNotGoAreNamed() throws {
        try withTemporaryFolder { root in
            try MadeImages.write(to: "\(root)/images", training: 9, test: 3)
            #expect(
                errorText { _ = try Self.recipe(root).run() }
                    .contains("has 9 images to learn from and 3 to judge by"))
            try MadeImages.write(to: "\(root)/images", training: 30, test: 3)
            #expect(
                errorText {
                    _ = try Self.recipe(root) { $0.channels = [2, 2, 2, 2] }.run()
                }.contains("height is 12 and width 12: expected at least 16 for 4 convolutions"))
        }
        func problem(_ change: (inout ImageClassifierOptions) -> Void) -> String {
            var options = ImageClassifierOptions()
            change(&options)
            return options.problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.channels = [] } == "--channels has 0 numbers: expected 1 … 8")
        #expect(problem { $0.channels = [8, 0] } == "--channels is 0: expected at least 1")
        #expect(problem { $0.kernel = 4 } == "--kernel is 4: expected an odd number")
        #expect(problem { $0.shift = -1 } == "--shift is -1: expected 0 … 64")
    }
}

import Foundation
import MartletData
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletText
import Testing

@testable import MartletTraining

/// A pretrained encoder that learns to label texts.
@Suite struct EncoderClassifierTests {
    /// A tiny encoder's folder, and 200 reviews, of which 160 are learned from.
    private func withEncoder(
        _ body: (_ root: String, _ recipe: EncoderClassifierRecipe) throws -> Void
    )
        throws
    {
        try withTemporaryFolder { root in
            let reviews = Reviews(200)
            try write(reviews.jsonLines(), to: "\(root)/reviews.jsonl")
            try writeTinyEncoder(
                to: "\(root)/encoder", text: reviews.all.map(\.text).joined(separator: "\n"),
                pieces: 300, positions: 32, dropout: 0.1)
            var options = EncoderClassifierOptions()
            options.encoder = "\(root)/encoder"
            options.epochs = 2
            options.batch = 16
            options.learningRate = 5e-3
            options.seed = 3
            try body(
                root,
                EncoderClassifierRecipe(
                    options: options, data: "\(root)/reviews.jsonl", folder: "\(root)/run",
                    version: "test"))
        }
    }

    @Test func itLearnsAndItsFolderIsUsedAgain() throws {
        try withEncoder { root, recipe in
            var recipe = recipe
            recipe.options.epochs = 8
            let record = try recipe.run()
            let test = try #require(record.test)
            #expect(test.accuracy > 0.9, "\(record.epochs)")
            #expect(try names(in: "\(root)/run") == TinyRun.files)
            #expect(record.cut == 0 && record.longest == 32 && record.labels == ["bad", "good"])

            let classifier = try EncoderClassifier(contentsOf: "\(root)/run")
            let (answer, isCut) = try classifier.predict("the staff was friendly and lovely")
            #expect(answer.label == "good" && !isCut && answer.probabilities.count == 2)
            // Alone or among others, an answer is the same.
            let texts = ["awful", "the room was clean and the food tasty at night", ""]
            let tokens = try classifier.encoder.tokens(of: texts).tokens
            let all = classifier.probabilities(tokens: tokens)
            for (row, ids) in zip(all, tokens) {
                #expect(classifier.probabilities(tokens: [ids])[0] == row)
            }

            let own = try SentimentEvaluation.run(
                models: ["\(root)/run"], data: "\(root)/reviews.jsonl")
            #expect(own.part == .test && own.model == test && own.baselines.count == 2)
            let page = String(decoding: try bytes(of: "\(root)/run/report.html"), as: UTF8.self)
            #expect(page.contains("encoder, fine-tuned on reviews.jsonl"))
        }
    }

    @Test(arguments: [1, 10, 13])
    func aResumedRunGivesTheSameBytes(_ stop: Int) throws {
        try withEncoder { root, recipe in
            let expected = try recipe.run()
            var other = recipe
            other.folder = "\(root)/other"
            var count = 0
            let error = errorText {
                _ = try other.run(isInterrupted: {
                    count += 1
                    return count == stop
                })
            }
            #expect(error.contains("interrupted in epoch"), "\(error)")
            other.existing = .resume
            let record = try other.run()
            #expect(record.test == expected.test)
            for name in ["model.safetensors", "config.json", "tokenizer.json"] {
                #expect(try bytes(of: "\(root)/other/\(name)") == bytes(of: "\(root)/run/\(name)"))
            }
        }
    }

    @Test func whatIsNotReadOfLongTextsIsCounted() throws {
        try withEncoder { root, recipe in
            var recipe = recipe
            recipe.options.longest = 6
            recipe.options.epochs = 1
            var told: [String] = []
            let record = try recipe.run(report: { event in
                if case .tokens(let cut, let longest) = event { told.append("\(cut) \(longest)") }
            })
            #expect(record.cut == 200 && told == ["200 6"])
            let classifier = try EncoderClassifier(contentsOf: "\(root)/run")
            #expect(classifier.encoder.longest == 6)
            #expect(try classifier.predict("the room").isCut == false)
            #expect(try classifier.predict("the room was clean and the food tasty").isCut)
        }
    }

    @Test func inEightBitsItIsUsedAsBefore() throws {
        try withEncoder { root, recipe in
            var recipe = recipe
            recipe.options.epochs = 4
            _ = try recipe.run()
            func quantized(_ model: String, _ data: String) throws -> QuantizationReport {
                try QuantizeRecipe(
                    model: "\(root)/\(model)", type: .int8, out: "\(root)/\(model)-small",
                    data: data
                ).run()
            }
            let judged = try quantized("run", "\(root)/reviews.jsonl")
            #expect(judged.examples == 20 && judged.sameAnswers! > 0.9 && judged.cosine == nil)
            #expect(judged.bytes.after < judged.bytes.before)
            let files = try names(in: "\(root)/run").filter { $0 != "report.html" }
            #expect(try names(in: "\(root)/run-small") == files)
            let (before, after) = (
                try EncoderClassifier(contentsOf: "\(root)/run"),
                try EncoderClassifier(contentsOf: "\(root)/run-small")
            )
            #expect(after.encoder.model.quantization == .int8)
            let texts = ["the staff was friendly and lovely", "awful", "noisy room, cold food"]
            for (one, other) in zip(
                try before.probabilities(texts), try after.probabilities(texts))
            {
                #expect(one != other && abs(one[0] - other[0]) < 0.1)
            }

            // Of an encoder, how close its vectors stay; its folder says how they are made.
            try FileManager.default.createDirectory(
                atPath: "\(root)/encoder/1_Pooling", withIntermediateDirectories: true)
            try write(
                "{\"pooling_mode_cls_token\": true}", to: "\(root)/encoder/1_Pooling/config.json")
            try write(texts.joined(separator: "\n"), to: "\(root)/texts.txt")
            let compared = try quantized("encoder", "\(root)/texts.txt")
            let cosine = try #require(compared.cosine)
            #expect(compared.examples == 3 && cosine.least > 0.99)
            let small = try SentenceEncoder(contentsOf: "\(root)/encoder-small")
            #expect(small.pooling == .first)
            let whole = try SentenceEncoder(contentsOf: "\(root)/encoder", type: .int8)
            #expect(try largestDifference(small.embed(texts), whole.embed(texts)) == 0)
            // Unpacked, too, it gives the same.
            var plain = small
            plain.model = try ModelFolder.load(BERT.self, from: "\(root)/encoder-small")
            #expect(try largestDifference(small.embed(texts), plain.embed(texts)) < 1e-5)

            recipe.options.encoder = "\(root)/encoder-small"
            recipe.folder = "\(root)/again"
            let text = errorText { _ = try recipe.run() }
            #expect(text.contains("is quantised to int8"), "\(text)")
            #expect(
                errorText { _ = try quantized("encoder-small", "\(root)/texts.txt") }
                    .contains("is quantised to int8 already"))
        }
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        try withEncoder { root, recipe in
            let headless = errorText {
                _ = try EncoderClassifier(contentsOf: "\(root)/encoder")
            }
            #expect(headless.contains("has no classes (architectures is BertForMaskedLM)"))
            var options = EncoderClassifierOptions()
            options.longest = 2
            #expect(options.problem == "--longest is 2: expected at least 3")
            options = EncoderClassifierOptions()
            options.labelSmoothing = 1
            #expect(options.problem?.hasPrefix("--label-smoothing is 1.0") ?? false)
            // Every option is in the listing, so that a resumed run cannot differ in silence.
            #expect(EncoderClassifierOptions().listing.count == 13)
            var other = recipe
            other.options.encoder = "\(root)/nowhere"
            #expect(errorText { _ = try other.run() }.contains("nowhere"))
        }
    }
}

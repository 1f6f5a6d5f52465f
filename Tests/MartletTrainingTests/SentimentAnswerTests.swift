import Foundation
import MartletData
import MartletModels
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletText
import MartletTraining
import Testing

/// What a trained classifier says, and run folders that it refuses.
@Suite struct SentimentAnswerTests {
    /// Texts of all lengths; some so long that a batch is cut into groups.
    private var texts: [String] {
        let reviews = Reviews(30, words: 12, seed: 4).all.map(\.text)
        let prefixes = reviews[0].split(separator: " ").indices.map {
            reviews[0].split(separator: " ").prefix($0).joined(separator: " ")
        }
        let long = [300, 1000, 1000].map { String(repeating: "great noisy room ", count: $0) }
        return [""] + reviews + prefixes + long + ["", "never seen words only", "?!"]
    }

    @Test(arguments: [CellKind.gru, .lstm, .rnnTanh])
    func anAnswerDoesNotDependOnTheOtherTexts(_ cell: CellKind) throws {
        try withTinyRun { run in
            run.options.cell = cell
            run.options.layers = 2
            try run.run()
            let classifier = try TextClassifier(contentsOf: run.folder)
            func bits(_ rows: [[Double]]) -> [[UInt64]] { rows.map { $0.map(\.bitPattern) } }
            let together = bits(classifier.probabilities(texts))
            #expect(together.count == texts.count)
            #expect(Set(together).count > 20)
            for (text, row) in zip(texts, together) {
                #expect(bits(classifier.probabilities([text])) == [row], "\(text.prefix(40))")
            }
            #expect(bits(classifier.probabilities(texts.reversed())) == together.reversed())
        }
    }

    @Test(arguments: [TextArchitecture.cnn, .transformer, .bag])
    func otherNetworksLearnAnswerAndAreResumed(_ network: TextArchitecture) throws {
        try withTinyRun { run in
            run.options.architecture = network
            run.options.longestNGram = 1
            run.options.epochs = 6
            try run.run()
            let classifier = try TextClassifier(contentsOf: run.folder)
            func bits(_ rows: [[Double]]) -> [[UInt64]] { rows.map { $0.map(\.bitPattern) } }
            let together = bits(classifier.probabilities(texts))
            for (text, row) in zip(texts, together) {
                #expect(bits(classifier.probabilities([text])) == [row], "\(text.prefix(40))")
            }
            let unseen = Reviews(40, seed: 9).all
            let right = unseen.count {
                classifier.predict($0.text).label == ($0.isGood ? "good" : "bad")
            }
            #expect(right >= 36, "\(network): \(right)")
            let trace = try #require(classifier.trace("the great noisy room"))
            #expect(trace.tokens.count == 4)
            #expect(
                try run.text("report.html").contains(
                    [.cnn: "CNN over 3, 4, 5", .bag: "Sum of vectors"][network] ?? "Transformer"))

            let whole = try run.file("model.safetensors")
            run.folderName = "again"
            #expect(run.interrupt(afterSteps: 25).contains("interrupted"))
            try run.run(.resume)
            #expect(try run.file("model.safetensors") == whole)

            // What goes with recurrent layers alone says so.
            let folder = run.folder
            #expect(
                errorText {
                    _ = try QuantizeRecipe(model: folder, type: .int8, out: folder + "-small").run()
                }.contains("is a \(network.rawValue): expected recurrent layers"))
        }
    }

    @Test func anAnswerIsTheMostProbableLabel() throws {
        try withTinyRun { run in
            try run.run()
            let classifier = try TextClassifier(contentsOf: run.folder)
            for text in texts {
                let answer = classifier.predict(text)
                #expect(answer.text == text)
                #expect(answer.probabilities.keys.sorted() == ["bad", "good"])
                #expect(answer.probability == answer.probabilities.values.max())
                #expect(answer.probabilities[answer.label] == answer.probability)
            }
            let unseen = Reviews(40, seed: 9).all
            let right = unseen.count {
                classifier.predict($0.text).label == ($0.isGood ? "good" : "bad")
            }
            #expect(right >= 36)
        }
    }

    @Test func aTraceEndsAtTheAnswer() throws {
        try withTinyRun { run in
            try run.run()
            let classifier = try TextClassifier(contentsOf: run.folder)
            for text in texts where classifier.tokenizer.encode(text).count <= 100 {
                let trace = try #require(classifier.trace(text, truth: "good"))
                let answer = classifier.predict(text)
                #expect(trace.label == answer.label && trace.probability == answer.probability)
                #expect(trace.truth == "good" && trace.labels == ["bad", "good"])
                #expect(trace.tokens.map(\.token) == classifier.tokenizer.tokens(text))
                let place = try #require(trace.labels.firstIndex(of: trace.label))
                let before = classifier.predict("").probabilities[trace.label]!
                guard let last = trace.tokens.last else {
                    #expect(answer.probability == before)
                    continue
                }
                #expect(last.probabilities[place] == answer.probability)
                let sum = trace.tokens.reduce(before) { $0 + $1.contribution }
                #expect(abs(sum - answer.probability) < 1e-9)
            }
            // Half-way, a trace says what the beginning alone would be answered.
            let trace = try #require(classifier.trace("the great noisy room"))
            let half = classifier.predict("the great").probabilities
            #expect(trace.tokens[1].probabilities == trace.labels.map { half[$0]! })
            let words = TextClassifier.longestTrace + 1
            #expect(classifier.trace(String(repeating: "a ", count: words)) == nil)
        }
    }

    /// The error when the folder of a run is used after `change`.
    private func refusal(_ change: (TinyRun) throws -> Void) throws -> String {
        var text = ""
        try withTinyRun { run in
            run.options.epochs = 1
            try run.run()
            try change(run)
            let data = "\(run.root)/reviews.jsonl"
            text = errorText { _ = try TextClassifier(contentsOf: run.folder) }
            // Evaluation says the same.
            let evaluated = errorText {
                _ = try SentimentEvaluation.run(models: [run.folder], data: data)
            }
            #expect(evaluated == text)
            #expect(text.contains(run.folder), "\(text)")
        }
        return text
    }

    @Test func anotherArchitectureIsRefused() throws {
        let text = try refusal { run in
            var random = RandomGenerator(seed: 1)
            let other = RecurrentModel(
                .init(cell: .gru, inputSize: 8, hiddenSize: 8), using: &random)
            try CheckpointFolder.write(to: run.folder, files: ModelFolder.files(of: other))
        }
        #expect(
            text.contains(
                "config.json: the architecture is \"recurrent\": expected \"sentiment-classifier\""),
            "\(text)")
    }

    @Test func weightsThatDoNotFitAreRefusedByName() throws {
        func changed(_ change: (inout [String: Tensor]) -> Void) throws -> String {
            try refusal { run in
                let path = "\(run.folder)/model.safetensors"
                var tensors = try SafetensorsFile(path: path).tensors()
                change(&tensors)
                try Safetensors.write(tensors.map { ($0.key, $0.value) }, to: path)
            }
        }
        let missing = try changed { $0["output.bias"] = nil }
        #expect(missing.contains("no tensor \"output.bias\""), "\(missing)")
        let extra = try changed { $0["head.weight"] = .zeros([2]) }
        #expect(extra.contains("tensor \"head.weight\" is none of a"), "\(extra)")
        let turned = try changed { $0["output.weight"] = .zeros([32, 2]) }
        for part in ["\"output.weight\" is float32 [32, 2]", "asks for float32 [2, 40]"] {
            #expect(turned.contains(part), "\(turned)")
        }
    }

    @Test func damagedAndForeignFilesAreRefused() throws {
        let cut = try refusal { run in
            let whole = try run.file("model.safetensors")
            try whole.dropLast(10).write(
                to: URL(fileURLWithPath: "\(run.folder)/model.safetensors"))
        }
        #expect(cut.contains("it is cut off"), "\(cut)")
        let missing = try refusal { run in
            try FileManager.default.removeItem(atPath: "\(run.folder)/tokenizer.json")
        }
        #expect(missing.contains("tokenizer.json: cannot be read"), "\(missing)")
        let foreign = try refusal { run in
            let other = Tokenizer.train(on: ["a b c"], kind: .words, minimumCount: 1)
            try other.save(to: "\(run.folder)/tokenizer.json")
        }
        #expect(foreign.contains("both must come from one run"), "\(foreign)")
        let label = try refusal { run in
            let config = try run.text("config.json").replacing(
                "\"good\"", with: "\"good\", \"so-so\"")
            try write(config, to: "\(run.folder)/config.json")
        }
        #expect(label.contains("output.weight"), "\(label)")
    }

    @Test func anEvaluationOfOtherDataUsesAllOfThem() throws {
        try withTinyRun { run in
            try run.run()
            let other = "\(run.root)/other.csv"
            try write(Reviews(50, seed: 8).table(separator: ","), to: other)
            let evaluation = try SentimentEvaluation.run(models: [run.folder], data: other)
            #expect(evaluation.part == .all && evaluation.model.examples == 50)
            #expect(evaluation.baselines.count == 2 && evaluation.note == nil)

            // The baselines learn from the data of the run; without them there are none, and it says so.
            try FileManager.default.removeItem(atPath: "\(run.root)/reviews.jsonl")
            let alone = try SentimentEvaluation.run(models: [run.folder], data: other)
            #expect(alone.model == evaluation.model && alone.baselines.isEmpty)
            #expect(alone.note?.contains("are not there any more") == true)

            try write("text,label\nfine,so-so\n", to: other)
            let text = errorText {
                _ = try SentimentEvaluation.run(models: [run.folder], data: other)
            }
            #expect(text.contains("label \"so-so\" is not one of bad, good"), "\(text)")
        }
    }

    /// The mean of what several say; of each alone, too; and whoever has other labels is refused.
    @Test func severalAnswerTogether() throws {
        try withTinyRun { run in
            run.options.epochs = 2
            try run.run()
            let first = run.folder
            run.folderName = "bag"
            run.options.architecture = .bag
            try run.run()
            let second = run.folder
            let data = "\(run.root)/reviews.jsonl"
            let alone = try [first, second].map { try TextClassifier(contentsOf: $0) }
            let ensemble = try ClassifierEnsemble(contentsOf: [first, second])
            let rows = alone.map { $0.probabilities(texts) }
            let together = try ensemble.probabilities(texts)
            #expect(rows[0] != rows[1])
            for (place, row) in together.enumerated() {
                #expect(row == zip(rows[0][place], rows[1][place]).map { ($0 + $1) / 2 })
                #expect(try ensemble.predict(texts[place]).probability == row.max())
            }
            // The order of one's own labels does not matter.
            let config = try run.text("config.json")
            let labels = try #require(config.firstRange(of: /\[\s*"bad",\s*"good"\s*\]/))
            try write(
                config.replacingCharacters(in: labels, with: "[\"good\", \"bad\"]"),
                to: "\(second)/config.json")
            let crossed = try ClassifierEnsemble(contentsOf: [first, second]).probabilities(texts)
            for (place, row) in crossed.enumerated() {
                #expect(row == zip(rows[0][place], rows[1][place].reversed()).map { ($0 + $1) / 2 })
            }
            try write(config, to: "\(second)/config.json")

            let judged = try SentimentEvaluation.run(models: [first, second], data: data)
            #expect(judged.part == .test && judged.baselines.count == 2)
            let singles = try [first, second].map {
                try SentimentEvaluation.run(models: [$0], data: data)
            }
            #expect(judged.members?.map(\.accuracy) == singles.map(\.model.accuracy))
            #expect(judged.members?.map(\.folder) == [first, second])
            #expect(singles[0].members == nil)

            try write(config.replacing("\"good\"", with: "\"fine\""), to: "\(second)/config.json")
            let text = errorText { _ = try ClassifierEnsemble(contentsOf: [first, second]) }
            #expect(
                text.contains("the same") && text.contains("bad, fine")
                    && text.contains("bad, good"), "\(text)")
        }
    }
}

import Foundation
import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import MartletText
import MartletTraining
import Testing

/// Classifiers that begin with a language model.
@Suite struct PretrainedClassifierTests {
    /// A language model of the tiny run's training texts, then the tiny run itself.
    private func withBoth(
        layers: Int = 1, bidirectional: Bool? = nil,
        _ body: (_ run: inout TinyRun, _ source: String) throws -> Void
    ) throws {
        try withTinyRun { run in
            var options = LanguageModelOptions()
            options.cell = .gru
            options.hidden = 10
            options.embedding = 6
            options.layers = layers
            options.bidirectional = bidirectional
            options.minimumCount = 1
            options.batch = 4
            options.window = 16
            options.epochs = 1
            let source = "\(run.root)/language"
            _ = try LanguageModelRecipe(
                options: options, data: [], labelled: "\(run.root)/reviews.jsonl", folder: source,
                version: "test"
            ).run()
            let configuration = try ModelFolder.load(LanguageModel.self, from: source).configuration
            run.options = try run.options.adopting(configuration, of: source)
            try body(&run, source)
        }
    }

    @Test func itBeginsWithWhatTheLanguageModelKnowsAndThawsFromTheTop() throws {
        try withBoth(layers: 2) { run, source in
            #expect(run.options.bidirectional == false && run.options.hidden == 10)
            let language = try ModelFolder.load(LanguageModel.self, from: source)
            run.options.averaging = 0
            run.options.epochs = 4
            run.options.patience = 10
            // After each epoch: which of the language model's parameters are still its own.
            var unchanged: [[String]] = []
            for epochs in 1...4 {
                try? FileManager.default.removeItem(atPath: run.folder)
                _ = run.interrupt(afterSteps: epochs * TinyRun.stepsPerEpoch)
                let file = try SafetensorsFile(
                    path: "\(run.folder)/checkpoint/state.safetensors"
                ).tensors()
                unchanged.append(
                    language.parameters.filter { name, tensor in
                        file["model." + name].map { same($0, tensor) } ?? false
                    }.map(\.name).filter { $0.contains("weight_hh") || $0.hasPrefix("emb") })
            }
            #expect(
                unchanged == [
                    ["embedding.weight", "rnn.weight_hh_l0", "rnn.weight_hh_l1"],
                    ["embedding.weight", "rnn.weight_hh_l0"], ["embedding.weight"], [],
                ])
        }
    }

    @Test func aBidirectionalLanguageModelGivesBothDirections() throws {
        try withBoth(bidirectional: true) { run, source in
            let language = try ModelFolder.load(LanguageModel.self, from: source)
            let backward = try #require(language.backward)
            #expect(
                !same(backward.weights[0][0].hiddenHidden, language.rnn.weights[0][0].hiddenHidden))
            run.options.averaging = 0
            run.options.epochs = 4
            run.options.patience = 10
            for (epochs, isFrozen) in [(1, true), (2, false)] {
                try? FileManager.default.removeItem(atPath: run.folder)
                _ = run.interrupt(afterSteps: epochs * TinyRun.stepsPerEpoch)
                let file = try SafetensorsFile(
                    path: "\(run.folder)/checkpoint/state.safetensors"
                ).tensors()
                let known = try #require(file["model.rnn.weight_hh_l0_reverse"])
                #expect(same(known, backward.weights[0][0].hiddenHidden) == isFrozen)
                let forward = try #require(file["model.rnn.weight_hh_l0"])
                #expect(same(forward, language.rnn.weights[0][0].hiddenHidden) == isFrozen)
            }
        }
    }

    private func same(_ a: Tensor, _ b: Tensor) -> Bool {
        a.shape == b.shape && a.scalars(as: Float.self) == b.scalars(as: Float.self)
    }

    @Test func aLanguageModelOfOneLayerBecomesTheForwardDirection() throws {
        try withBoth { run, source in
            #expect(run.options.bidirectional)
            run.options.epochs = 8
            run.options.patience = 8
            let record = try run.run()
            #expect(record.options.pretrained == source)
            #expect(try #require(record.test).accuracy > 0.6)
            let classifier = try TextClassifier(contentsOf: run.folder)
            guard case .vocabulary(let tokenizer) = try TextGenerator(contentsOf: source).tokenizer
            else {
                Issue.record("a language model of words has no vocabulary")
                return
            }
            #expect(classifier.tokenizer.vocabulary == tokenizer.vocabulary)
        }
    }

    @Test func aResumedRunGivesTheSameBytes() throws {
        try withBoth { whole, _ in
            try whole.run()
            let expected = try whole.file("model.safetensors")
            var run = whole
            run.folderName = "again"
            #expect(run.interrupt(afterSteps: 13).contains("interrupted"))
            try run.run(.resume)
            #expect(try run.file("model.safetensors") == expected)
        }
    }

    @Test func whatDoesNotFitIsRefused() throws {
        try withBoth { run, source in
            run.options.hidden = 12
            let text = errorText { try run.run() }
            #expect(text.contains("does not fit the options: --hidden is 10, the options have 12"))
            var options = LanguageModelOptions()
            (options.cell, options.hidden, options.embedding, options.layers) = (.gru, 8, 8, 1)
            (options.unit, options.vocabulary, options.epochs) = (.subword, 280, 1)
            (options.batch, options.window) = (4, 16)
            let subwords = "\(run.root)/subwords"
            _ = try LanguageModelRecipe(
                options: options, data: [], labelled: "\(run.root)/reviews.jsonl",
                folder: subwords, version: "test"
            ).run()
            run.options.pretrained = subwords
            #expect(errorText { try run.run() }.contains("the language model reads subwords"))
            run.options.pretrained = "\(run.root)/nowhere"
            #expect(errorText { try run.run() }.contains("nowhere/config.json"))
            let quantised = try ModelFolder.load(LanguageModel.self, from: source)
                .quantized(to: .int8)
            #expect(
                errorText { _ = try TinyRun.options.adopting(quantised.configuration, of: "lm") }
                    .contains("lm: the language model is quantised to int8"))
        }
    }
}

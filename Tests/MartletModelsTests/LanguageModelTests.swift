import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// The recurrent language model: PyTorch's numbers, what it takes, and what it refuses.
@Suite struct LanguageModelTests {
    private static func configuration(_ config: GoldenValue) -> LanguageModel.Configuration {
        .init(
            cell: CellKind(rawValue: config["cell"].text)!,
            vocabularySize: config["vocab_size"].integer,
            embeddingSize: config["embedding_size"].integer,
            hiddenSize: config["hidden_size"].integer, layers: config["num_layers"].integer,
            isTied: config["tie_word_embeddings"].flag)
    }

    /// The model of a golden case, with its weights; they have PyTorch's names, and are all there are.
    private func model(_ expected: GoldenValue, _ dtype: DType) -> LanguageModel {
        var random = RandomGenerator(seed: 1)
        let model = LanguageModel(Self.configuration(expected["config"]), using: &random)
        #expect(model.parameters.map(\.name).sorted() == expected["parameters"].keys)
        return model.mapParameters { name, _ in expected["parameters"][name].tensor(dtype) }
    }

    private func state(_ expected: GoldenValue, _ dtype: DType) -> RecurrentState {
        let given = expected["given"]
        return RecurrentState(
            hidden: given["h0"].tensor(dtype), cell: given[optional: "c0"]?.tensor(dtype))
    }

    @Test(arguments: [DType.float64, .float32])
    func scoresLossStateAndGradientsEqualPyTorch(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        for expected in try golden("language_model")["cases"].list {
            let name = expected["name"].text
            let model = model(expected, dtype)
            let (tokens, next) = (
                expected["tokens"].tensor(.int32), expected["labels"].tensor(.int32)
            )
            let start = state(expected, dtype)
            let (scores, last) = model(tokens, from: start)
            #expect(largestDifference(scores, expected["logits"].tensor()) < tolerance, "\(name)")
            let (loss, after, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                let (loss, state) = model.loss(tokens, next: next, from: start, dropout: &none)
                return (loss, state)
            }
            #expect(abs(loss.item - expected["loss"].number) < tolerance, "\(name)")
            for final in [last, after] {
                let known = expected["state"]
                #expect(largestDifference(final.hidden, known["h_n"].tensor()) < tolerance)
                #expect((final.cell == nil) == (model.configuration.cell != .lstm))
                if let cell = final.cell {
                    #expect(largestDifference(cell, known["c_n"].tensor()) < tolerance)
                }
            }
            #expect(gradient.tensors.map(\.name).sorted() == expected["gradients"].keys)
            for (parameter, found) in gradient.tensors {
                let difference = largestDifference(found, expected["gradients"][parameter].tensor())
                #expect(difference < tolerance * 10, "\(name), \(parameter): \(difference)")
            }
        }
    }

    @Test(arguments: [DType.float64, .float32])
    func anAdaptiveSoftmaxGivesPyTorchsNumbers(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        let expected = try golden("adaptive_softmax")["model"]
        let config = expected["config"]
        let configuration = LanguageModel.Configuration(
            cell: .lstm, vocabularySize: config["vocab_size"].integer,
            embeddingSize: config["embedding_size"].integer,
            hiddenSize: config["hidden_size"].integer, cutoffs: config["cutoffs"].integers,
            frequencyOrder: config["frequency_order"].integers.map(Int32.init))
        #expect(configuration.problem == nil)
        var random = RandomGenerator(seed: 1)
        let fresh = LanguageModel(configuration, using: &random)
        #expect(fresh.parameters.map(\.name).sorted() == expected["parameters"].keys)
        let model = fresh.mapParameters { name, _ in expected["parameters"][name].tensor(dtype) }
        let (tokens, next) = (expected["tokens"].tensor(.int32), expected["labels"].tensor(.int32))
        let scores = model(tokens).scores
        #expect(largestDifference(scores, expected["logits"].tensor()) < tolerance)
        let (loss, gradient) = valueAndGradient(at: model) { model in
            var none: RandomGenerator?
            return model.loss(tokens, next: next, dropout: &none).loss
        }
        #expect(abs(loss.item - expected["loss"].number) < tolerance)
        #expect(gradient.tensors.map(\.name).sorted() == expected["gradients"].keys)
        for (parameter, found) in gradient.tensors {
            let difference = largestDifference(found, expected["gradients"][parameter].tensor())
            #expect(difference < tolerance * 10, "\(parameter): \(difference)")
        }
        guard dtype == .float32 else { return }
        try withTemporaryFolder { folder in
            try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
            let loaded = try ModelFolder.load(LanguageModel.self, from: folder)
            #expect(largestDifference(loaded(tokens).scores, scores) == 0)
            #expect(loaded.configuration.frequencyOrder == configuration.frequencyOrder)
        }
    }

    @Test func twoWindowsGiveWhatOneGives() throws {
        for expected in try golden("language_model")["cases"].list {
            let model = model(expected, .float32)
            let tokens = expected["tokens"].tensor(.int32)
            let whole = model(tokens, from: state(expected, .float32))
            let first = model(tokens.slice(axis: 1, 0..<4), from: state(expected, .float32))
            let second = model(tokens.slice(axis: 1, 4..<6), from: first.state)
            let scores = Tensor.concatenate([first.scores, second.scores], axis: 1)
            #expect(largestDifference(scores, whole.scores) == 0)
            #expect(largestDifference(second.state.hidden, whole.state.hidden) == 0)
            if let cell = second.state.cell {
                #expect(largestDifference(cell, whole.state.cell!) == 0)
            }
            // The state matters: from none the second window gives something else.
            let forgetful = model(tokens.slice(axis: 1, 4..<6))
            #expect(largestDifference(forgetful.scores, second.scores) > 1e-3)
        }
    }

    /// What a prepared model reads from its table of products are the bits that it would have made.
    @Test(arguments: CellKind.allCases, [nil, QuantizedType.int8, .int4])
    func aPreparedModelGivesTheSameBits(cell: CellKind, type: QuantizedType?) {
        var random = RandomGenerator(seed: 3)
        var model = LanguageModel(
            .init(cell: cell, vocabularySize: 37, embeddingSize: 24, hiddenSize: 40, layers: 2),
            using: &random)
        if let type { model = model.quantized(to: type) }
        func same(_ ready: LanguageModel, _ plain: LanguageModel) -> Bool {
            var states: (RecurrentState?, RecurrentState?)
            for (batch, time) in [(1, 1), (1, 1), (1, 20)] {
                let tokens = random.integers([batch, time], in: 0..<37).cast(to: .int32)
                let (found, one) = ready(tokens, from: states.0)
                let (expected, other) = plain(tokens, from: states.1)
                guard largestDifference(found, expected) == 0,
                    largestDifference(one.hidden, other.hidden) == 0
                else { return false }
                states = (one, other)
            }
            let tokens = random.integers([5, 7], in: 0..<37).cast(to: .int32)
            return largestDifference(ready(tokens).scores, plain(tokens).scores) == 0
        }
        let prepared = model.prepared
        #expect(same(prepared, model))
        // A change of what the products were made of is seen.
        var (changed, plain) = (prepared, model)
        changed.embedding.weight = changed.embedding.weight * 2
        #expect(!same(changed, model))
        plain.embedding.weight = changed.embedding.weight
        #expect(same(changed, plain))
        guard type == nil else { return }
        changed = prepared.mapParameters { name, tensor in
            name == "rnn.weight_ih_l0" ? tensor * 2 : tensor
        }
        #expect(!same(changed, model))
        // A gradient goes through the layers as ever.
        let tokens = Tensor([1, 2, 3] as [Int32], shape: [1, 3])
        func gradients(_ model: LanguageModel) -> [Tensor] {
            valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                return model.loss(tokens, next: tokens, dropout: &none).loss
            }.1.tensors.map(\.tensor)
        }
        for (found, expected) in zip(gradients(prepared), gradients(model)) {
            #expect(largestDifference(found, expected) == 0)
        }
    }

    /// The network that reads from the end is one like the first, of the same vectors and scores.
    @Test func aBidirectionalModelReadsBackwardsAsAForwardOneReadsATextTurnedRound() throws {
        for expected in try golden("language_model")["cases"].list {
            let forward = model(expected, .float64)
            var configuration = forward.configuration
            configuration.bidirectional = true
            var random = RandomGenerator(seed: 2)
            var both = LanguageModel(configuration, using: &random)
            both = both.mapParameters { name, fresh in
                forward.parameters.first { $0.name == name }?.tensor ?? fresh.cast(to: .float64)
            }
            let tokens = expected["tokens"].tensor(.int32)
            let next = expected["labels"].tensor(.int32)
            var none: RandomGenerator?
            func loss(_ model: LanguageModel, isBackward: Bool) -> Double {
                model.loss(tokens, next: next, isBackward: isBackward, dropout: &none).loss.item
            }
            #expect(loss(both, isBackward: false) == loss(forward, isBackward: false))
            #expect(loss(both, isBackward: true) != loss(forward, isBackward: false))
            both.backward = both.rnn
            #expect(loss(both, isBackward: true) == loss(forward, isBackward: false))
            // Its gradient goes to its own layers, and to what is shared.
            let (_, _, gradient) = valueAndGradient(at: both) { model in
                var none: RandomGenerator?
                return model.loss(tokens, next: next, isBackward: true, dropout: &none)
            }
            for (name, tensor) in gradient.tensors where name.contains("weight") {
                let isReached = tensor.scalars(as: Double.self).contains { $0 != 0 }
                #expect(isReached == !name.hasPrefix("rnn."), "\(name)")
            }
        }
    }

    @Test func namedTensorsGiveScoresAndState() throws {
        for expected in try golden("language_model")["cases"].list {
            let model = model(expected, .float32)
            var inputs = ["tokens": expected["tokens"].tensor(.int64)]
            for name in expected["given"].keys {
                inputs[name] = expected["given"][name].tensor(.float32)
            }
            let found = try model.run(inputs)
            let states = expected["state"].keys
            #expect(found.keys.sorted() == states + ["logits"])
            #expect(largestDifference(found["logits"]!, expected["logits"].tensor()) < 2e-5)
            for name in states {
                #expect(largestDifference(found[name]!, expected["state"][name].tensor()) < 2e-5)
            }
            // Without a state: that of a model which has read nothing.
            let zeros = inputs.mapValues { $0.dtype == .float32 ? .zeros($0.shape) : $0 }
            let fresh = try model.run(["tokens": inputs["tokens"]!])
            #expect(largestDifference(fresh["logits"]!, try model.run(zeros)["logits"]!) == 0)
        }
    }

    @Test func badInputsAreRefused() {
        var random = RandomGenerator(seed: 3)
        let sizes = LanguageModel.Configuration(
            cell: .lstm, vocabularySize: 9, embeddingSize: 4, hiddenSize: 3, layers: 2)
        let lstm = LanguageModel(sizes, using: &random)
        var others = sizes
        others.cell = .gru
        let gru = LanguageModel(others, using: &random)
        let tokens = Tensor([1, 2, 3, 4, 5, 0] as [Int32], shape: [2, 3])
        let good = Tensor.zeros([2, 2, 3])
        let cases: [(LanguageModel, [String: Tensor], String)] = [
            (lstm, [:], "\"tokens\" is missing: expected int32 or int64"),
            (lstm, ["tokens": .zeros([2, 3])], "\"tokens\" is float32 [2, 3]: expected int32"),
            (lstm, ["tokens": Tensor([1, 2] as [Int32])], "\"tokens\" is int32 [2]: expected"),
            (
                lstm, ["tokens": Tensor([1, 9] as [Int64], shape: [1, 2])],
                "tokens[0, 1] is 9: expected 0 … 8"
            ),
            (
                gru, ["tokens": Tensor([-1, 2] as [Int32], shape: [1, 2])],
                "tokens[0, 0] is -1: expected 0 … 8"
            ),
            (
                lstm, ["tokens": tokens, "h0": good],
                "\"c0\" is missing: an lstm's state is h0 and c0"
            ),
            (
                lstm, ["tokens": tokens, "c0": good],
                "\"h0\" is missing: an lstm's state is h0 and c0"
            ),
            (
                lstm, ["tokens": tokens, "h0": .zeros([2, 3, 3]), "c0": good],
                "\"h0\" has the shape [2, 3, 3]: expected [2, 2, 3]"
            ),
            (
                lstm, ["tokens": tokens, "h0": good, "c0": .zeros([1, 2, 3])],
                "\"c0\" has the shape [1, 2, 3]: expected [2, 2, 3]"
            ),
            (
                gru, ["tokens": tokens, "h0": .zeros([2, 2, 3], dtype: .int32)],
                "\"h0\" is int32: expected float32"
            ),
            (gru, ["tokens": tokens, "h0": good, "c0": good], "\"c0\""),
            (gru, ["tokens": tokens, "mask": tokens], "\"mask\""),
        ]
        for (model, inputs, expected) in cases {
            let found = errorText { _ = try model.run(inputs) }
            #expect(found.contains(expected), "\(found)")
        }
    }

    @Test func checkpointsComeBackAndWrongOnesAreRefused() throws {
        for expected in try golden("language_model")["cases"].list {
            let model = model(expected, .float32)
            try withTemporaryFolder { folder in
                try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
                let loaded = try ModelFolder.load(LanguageModel.self, from: folder)
                #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
                let tokens = expected["tokens"].tensor(.int32)
                #expect(largestDifference(loaded(tokens).scores, model(tokens).scores) == 0)
                var tensors = model.parameters
                let bias = try #require(tensors.firstIndex { $0.name == "output.bias" })
                tensors[bias].tensor = .zeros([1, 1])
                try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
                let misshapen = errorText { _ = try ModelFolder.load(from: folder) }
                #expect(misshapen.contains("\"output.bias\" is float32 [1, 1]"), "\(misshapen)")
                tensors.remove(at: bias)
                try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
                let missing = errorText { _ = try ModelFolder.load(from: folder) }
                #expect(missing.contains("no tensor \"output.bias\""), "\(missing)")
            }
        }
    }

    @Test func wrongSizesAreNamed() {
        let sizes = LanguageModel.Configuration(
            cell: .gru, vocabularySize: 9, embeddingSize: 4, hiddenSize: 3)
        #expect(sizes.problem == nil)
        let changes: [(WritableKeyPath<LanguageModel.Configuration, Int>, Int, String)] = [
            (\.vocabularySize, 0, "vocab_size is 0"), (\.embeddingSize, -1, "embedding_size is -1"),
            (\.hiddenSize, 1 << 21, "hidden_size is 2097152"), (\.layers, 0, "num_layers is 0"),
        ]
        for (key, value, expected) in changes {
            var changed = sizes
            changed[keyPath: key] = value
            #expect(changed.problem?.contains(expected) == true, "\(changed.problem ?? "none")")
        }
        var changed = sizes
        changed.dropout = 1
        #expect(changed.problem == "dropout is 1.0: expected 0 ..< 1")
        changed = sizes
        changed.weightDropout = -.infinity
        #expect(changed.problem == "weight_dropout is -inf: expected 0 ..< 1")
    }

    @Test func clustersThatDoNotFitAreNamed() {
        let sizes = LanguageModel.Configuration(
            cell: .gru, vocabularySize: 5, embeddingSize: 4, hiddenSize: 16, cutoffs: [1, 3],
            frequencyOrder: [4, 3, 2, 1, 0])
        #expect(sizes.problem == nil)
        let changes: [((inout LanguageModel.Configuration) -> Void, String)] = [
            ({ $0.isTied = true }, "tie_word_embeddings is true beside cutoffs"),
            ({ $0.cutoffs = [3, 1] }, "cutoffs are [3, 1]: expected rising"),
            ({ $0.cutoffs = [1, 5] }, "cutoffs are [1, 5]: expected rising numbers in 1 ..< 5"),
            ({ $0.hiddenSize = 15 }, "the width is 15"),
            ({ $0.cutoffs = nil }, "frequency_order is given without cutoffs"),
            ({ $0.frequencyOrder = [0, 1, 2, 3] }, "frequency_order has 4 tokens"),
            ({ $0.frequencyOrder = [0, 1, 2, 3, 3] }, "frequency_order has 3 twice"),
            ({ $0.frequencyOrder = [0, 1, 2, 3, -1] }, "frequency_order has -1 twice"),
        ]
        for (change, expected) in changes {
            var changed = sizes
            change(&changed)
            #expect(changed.problem?.contains(expected) == true, "\(changed.problem ?? "none")")
        }
    }
}

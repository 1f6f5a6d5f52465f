import Foundation
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletModels

/// Whole models against Hugging Face's transformers: read from a folder, their outputs, loss, all gradients, and steps.
@Suite struct TransformerGoldenTests {
    static let decoders = [
        "gpt2", "llama", "llama3", "llama_linear", "llama_yarn", "llama_dynamic", "mistral",
        "qwen2", "qwen3", "gemma2", "gemma3",
    ]
    static let encoders = [
        "bert", "bert_masked_lm", "bert_classification", "roberta", "roberta_masked_lm",
    ]
    static let t5s = ["t5", "t5_v1_1"]

    /// The golden values, the folder's model in single precision, and the same in double.
    private struct Case {
        let name: String
        let expected: GoldenValue
        var inputs: [String: Tensor] = [:]

        init(_ name: String) throws {
            self.name = name
            expected = try golden("transformers/\(name)")
            for key in expected["inputs"].keys where key != "labels" {
                inputs[key] = expected["inputs"][key].tensor(.int32)
            }
        }

        var labels: Tensor { expected["inputs"]["labels"].tensor(.int32) }
        var mask: TokenMask { TokenMask(expected["inputs"]["attention_mask"].tensor(.int32)) }

        /// The weights that the golden script made of integers.
        func weight(_ entry: GoldenValue) -> Tensor {
            hashedTensor(
                entry["number"].integer, Shape(entry["shape"].integers),
                bound: entry["bound"].number) + (entry[optional: "offset"]?.number ?? 0)
        }

        /// The model of a folder with the file's config and weights.
        func model(config: String = "config") throws -> any Model {
            try withTemporaryFolder { folder in
                try expected[config].json.write(
                    to: URL(fileURLWithPath: "\(folder)/config.json"))
                let weights = expected["weights"]
                try Safetensors.write(
                    weights.keys.map {
                        (name: $0, tensor: weight(weights[$0]).cast(to: .float32))
                    }, to: "\(folder)/model.safetensors")
                return try ModelFolder.load(from: folder)
            }
        }

        /// Compares rows that are real.
        func compare(_ found: [String: Tensor], _ tolerance: Double) {
            for key in expected["outputs"].keys {
                var (a, b) = (found[key]!, expected["outputs"][key].tensor())
                #expect(a.shape == b.shape, "\(name) \(key)")
                let real = expected["real"].tensor(.float64)
                if a.rank == 3, a.shape[0] == real.shape[0], a.shape[1] == real.shape[1] {
                    let mask = real.expandingDimension(at: 2)
                    (a, b) = (a.cast(to: .float64) * mask, b * mask)
                } else if key == "encoder_last_hidden_state" {
                    let mask = expected["inputs"]["attention_mask"].tensor(.float64)
                        .expandingDimension(at: 2)
                    (a, b) = (a.cast(to: .float64) * mask, b * mask)
                }
                // Of the largest number: that is what rounding is in proportion to.
                let size = max(1, b.absolute().reshaped([b.count]).max(axis: 0).item)
                let difference = largestDifference(a, b) / size
                #expect(difference < tolerance, "\(name) \(key): \(difference)")
            }
        }

        func compare<M: Model>(
            _ loss: Tensor, _ gradient: Gradient<M>, naming: (String) -> String = { $0 }
        ) {
            #expect(abs(loss.item - expected["loss"].number) < 1e-6, "\(name): loss \(loss.item)")
            let known = expected["gradients"]
            #expect(
                gradient.tensors.map { naming($0.name) }.sorted() == known.keys, "\(name)")
            for (parameter, found) in gradient.tensors {
                guard let wanted = known[optional: naming(parameter)] else { continue }
                let difference = largestDifference(found, wanted.tensor())
                #expect(difference < 1e-6, "\(name): gradient of \(parameter): \(difference)")
            }
        }
    }

    @Test(arguments: decoders + encoders + t5s)
    func foldersGiveTheSameOutputs(name: String) throws {
        let test = try Case(name)
        for config in ["config", "older_config"] {
            let model = try test.model(config: config)
            test.compare(try model.run(test.inputs), 2e-5)
            func double<M: Model>(_ model: M) throws -> [String: Tensor] {
                try model.mapParameters { $1.cast(to: .float64) }.run(test.inputs)
            }
            test.compare(try double(model), 1e-6)
        }
    }

    @Test(arguments: decoders) func decodersLearnAsTheReference(name: String) throws {
        let test = try Case(name)
        func check<M: CausalLanguageModel>(_ single: M) {
            let model = single.mapParameters { $1.cast(to: .float64) }
            let (B, T) = (test.labels.shape[0], test.labels.shape[1])
            let next = Tensor.concatenate(
                [
                    test.labels.slice(axis: 1, 1..<T),
                    Tensor([Int32](repeating: -100, count: B), shape: [B, 1]),
                ], axis: 1)
            let (loss, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                return model.loss(
                    test.inputs["input_ids"]!, next: next, mask: test.mask, dropout: &none)
            }
            test.compare(loss, gradient)
        }
        let found = try #require(try test.model() as? any CausalLanguageModel)
        check(found)
    }

    @Test(arguments: decoders) func decodersGoOnAsTheReference(name: String) throws {
        let test = try Case(name)
        func check<M: CausalLanguageModel>(_ single: M) {
            let model = single.mapParameters { $1.cast(to: .float64) }
            let ids = test.inputs["input_ids"]!.slice(axis: 0, 0..<1)
            let prompt = test.expected["cached"]["prompt"].integer
            var state: M.State? = model.emptyState(batch: 1)
            var parts = [model(ids.slice(axis: 1, 0..<prompt), state: &state)]
            for place in prompt..<ids.shape[1] {
                parts.append(model(ids.slice(axis: 1, place..<place + 1), state: &state))
            }
            let difference = largestDifference(
                .concatenate(parts, axis: 1), test.expected["cached"]["logits"].tensor())
            #expect(difference < 1e-6, "\(name): \(difference)")

            state = model.emptyState(batch: 1)
            var tokens: [Int32] = []
            var next = test.expected["greedy"]["prompt"].tensor(.int32)
            for _ in test.expected["greedy"]["tokens"].integers {
                let scores = model(next, state: &state)
                let best = scores.select(axis: 1, scores.shape[1] - 1).argmax(axis: 1)
                tokens.append(best.cast(to: .int32).scalars(as: Int32.self)[0])
                next = Tensor([tokens.last!], shape: [1, 1])
            }
            #expect(tokens.map(Int.init) == test.expected["greedy"]["tokens"].integers, "\(name)")
        }
        let found = try #require(try test.model() as? any CausalLanguageModel)
        check(found)
    }

    @Test(arguments: encoders) func encodersLearnAsTheReference(name: String) throws {
        let test = try Case(name)
        let single = try #require(try test.model() as? BERT)
        let model = single.mapParameters { $1.cast(to: .float64) }
        let (tokens, types) = (test.inputs["input_ids"]!, test.inputs["token_type_ids"])
        let (loss, gradient) = valueAndGradient(at: model) { model in
            var none: RandomGenerator?
            let hidden = model.encode(tokens, types: types, mask: test.mask, dropout: &none)
            switch model.configuration.head {
            case .none:
                let weights = test.expected["loss_weights"]
                let states = (hidden * test.weight(weights["last_hidden_state"])).sum()
                return states
                    + (model.pooled(hidden) * test.weight(weights["pooler_output"])).sum()
            case .maskedLanguageModel:
                return model.tokenFeatures(hidden).linearCrossEntropy(
                    weight: model.tokens.weight, bias: model.tokenBias, labels: test.labels)
            case .classes:
                return model.classScores(ofFirst: hidden.select(axis: 1, 0), dropout: &none)
                    .softmaxCrossEntropy(test.labels)
            }
        }
        test.compare(loss, gradient)
    }

    @Test(arguments: t5s) func t5LearnsAndWritesAsTheReference(name: String) throws {
        let test = try Case(name)
        let single = try #require(try test.model() as? T5)
        let model = single.mapParameters { $1.cast(to: .float64) }
        let (source, target) = (test.inputs["input_ids"]!, test.inputs["decoder_input_ids"]!)
        let (loss, gradient) = valueAndGradient(at: model) { model in
            var none: RandomGenerator?
            return model.loss(
                source: source, sourceMask: test.mask, target: target, next: test.labels,
                dropout: &none)
        }
        test.compare(loss, gradient)

        var none: RandomGenerator?
        func step(_ tokens: Tensor, _ state: inout EncoderDecoderState?) -> Tensor {
            model.scores(of: model.decode(tokens, memory: nil, state: &state, dropout: &none))
        }
        let row = target.slice(axis: 0, 0..<1)
        let memory = model.encode(source.slice(axis: 0, 0..<1), dropout: &none)
        var state: EncoderDecoderState? = model.state(reading: memory)
        let prompt = test.expected["cached"]["prompt"].integer
        var parts = [step(row.slice(axis: 1, 0..<prompt), &state)]
        for place in prompt..<row.shape[1] {
            parts.append(step(row.slice(axis: 1, place..<place + 1), &state))
        }
        #expect(
            largestDifference(
                .concatenate(parts, axis: 1), test.expected["cached"]["logits"].tensor()) < 1e-6)

        state = model.state(reading: memory)
        var next = test.expected["greedy"]["prompt"].tensor(.int32)
        let wanted = test.expected["greedy"]["tokens"].integers
        let found = wanted.map { _ in
            let best = step(next, &state).select(axis: 1, 0).argmax(axis: 1).cast(to: .int32)
            next = best.reshaped([1, 1])
            return Int(best.scalars(as: Int32.self)[0])
        }
        #expect(found == wanted)
    }

    /// PyTorch's `nn.Transformer` has its weights under the same names.
    @Test(arguments: ["torch_post_norm", "torch_norm_first"])
    func theTransformerIsPyTorchs(name: String) throws {
        let test = try Case(name)
        let config = test.expected["config"]
        var configuration = Transformer.Configuration(
            sourceVocabularySize: config["vocab_size"].integer,
            vocabularySize: config["vocab_size"].integer, width: config["d_model"].integer,
            innerWidth: config["dim_feedforward"].integer, heads: config["nhead"].integer,
            layers: config["num_encoder_layers"].integer,
            decoderLayers: config["num_decoder_layers"].integer,
            sharesTokens: config["tie_word_embeddings"].flag,
            isTied: config["tie_word_embeddings"].flag, normFirst: config["norm_first"].flag,
            dropout: 0)
        configuration.activation = Activation(rawValue: config["activation"].text)!
        var random = RandomGenerator(seed: 1)
        func theirs(_ name: String) -> String {
            let names = ["source": "source_embedding", "target": "target_embedding"]
            let part = String(name.prefix { $0 != "." })
            if let known = names[part] { return known + ".weight" }
            return part == "output" ? name : "transformer." + name
        }
        let weights = test.expected["weights"]
        let model = Transformer(configuration, using: &random).mapParameters { name, fresh in
            // Tied, the reference has no offset.
            guard let entry = weights[optional: theirs(name)] else {
                return fresh.cast(to: .float64)
            }
            return test.weight(entry)
        }
        test.compare(
            try model.run(test.inputs.filter { $0.key != "decoder_attention_mask" }), 1e-9)
        let (loss, gradient) = valueAndGradient(at: model) { model in
            var none: RandomGenerator?
            return model.loss(
                source: test.inputs["input_ids"]!, sourceMask: test.mask,
                target: test.inputs["decoder_input_ids"]!, next: test.labels, dropout: &none)
        }
        #expect(abs(loss.item - test.expected["loss"].number) < 1e-9)
        let known = test.expected["gradients"]
        for (parameter, found) in gradient.tensors {
            guard let wanted = known[optional: theirs(parameter)] else {
                #expect(parameter == "output.bias" && configuration.isTied)
                continue
            }
            let difference = largestDifference(found, wanted.tensor())
            #expect(difference < 1e-9, "\(name): gradient of \(parameter): \(difference)")
        }
    }

    @Test func bucketsOfDistancesAreT5s() throws {
        let file = try golden("transformers/t5_buckets")
        for expected in file["cases"].list {
            let found = file["distances"].integers.map {
                T5.bucket(
                    of: $0, buckets: expected["buckets"].integer,
                    farthest: expected["max_distance"].integer,
                    isDecoder: !expected["bidirectional"].flag)
            }
            #expect(found == expected["found"].integers)
        }
    }

    /// Frequencies of every scaling that is known, as `rope_parameters` and as the older keys say it.
    @Test func frequenciesOfRotaryPositionsAreTheReferences() throws {
        var tested = 0
        for expected in try golden("transformers/rope")["cases"].list {
            let rope = expected["rope_parameters"]
            guard rope[optional: "partial_rotary_factor"] == nil else { continue }
            tested += 1
            for isOlder in [false, true] {
                guard !isOlder || expected[optional: "rope_scaling"] != nil else { continue }
                let parameters = String(
                    decoding: expected[isOlder ? "rope_scaling" : "rope_parameters"].json,
                    as: UTF8.self)
                let keys =
                    isOlder
                    ? "\"rope_theta\": \(rope["rope_theta"].number), \"rope_scaling\": \(parameters)"
                    : "\"rope_parameters\": \(parameters)"
                let context = expected["max_position_embeddings"].integer
                let json = """
                    {"model_type": "llama", "vocab_size": 9, "hidden_size": 32, "intermediate_size": 8, "num_hidden_layers": 1,
                     "num_attention_heads": 2, "max_position_embeddings": \(context), \(keys)}
                    """
                let configuration = try JSONDecoder().decode(
                    Llama.Configuration.self, from: Data(json.utf8))
                #expect(configuration.problem == nil)
                let positions = configuration.rope.positions(
                    width: 16, context: context, base: 10_000)
                let found = positions.frequencies(
                    length: expected[optional: "length"]?.integer ?? 1)
                let wanted = expected["inverse_frequencies"]["values"].numbers
                for (a, b) in zip(found, wanted) {
                    #expect(abs(a - b) <= 1e-6 * b, "\(parameters): \(a), \(b)")
                }
                #expect(found.count == wanted.count)
                #expect(abs(positions.magnitude - expected["attention_factor"].number) < 1e-9)
            }
        }
        #expect(tested == 17)
    }
}

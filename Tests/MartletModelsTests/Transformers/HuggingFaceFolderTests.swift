import Foundation
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Folders as Hugging Face's transformers writes them: to and fro, under all their names, and damaged.
@Suite struct HuggingFaceFolderTests {
    private let tokens = Tensor([3, 14, 15, 9, 2] as [Int32], shape: [1, 5])

    private func outputs(_ model: any Model) throws -> [String: Tensor] {
        var inputs = ["input_ids": tokens]
        if model is any EncoderDecoderModel { inputs["decoder_input_ids"] = tokens }
        return try model.run(inputs)
    }

    private func files(_ model: any Model) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model)
    }

    private func same(_ a: [String: Tensor], _ b: [String: Tensor]) -> Bool {
        a.keys == b.keys && a.allSatisfy { largestDifference($0.value, b[$0.key]!) == 0 }
    }

    @Test func whatIsWrittenIsRead() throws {
        let models: [any Model] =
            try TinyTransformers.decoders + TinyTransformers.encoderDecoders + [
                TinyTransformers.bert(), TinyTransformers.bert("BertForMaskedLM"),
                TinyTransformers.bert("BertForSequenceClassification"),
            ]
        for model in models {
            try withTemporaryFolder { folder in
                try CheckpointFolder.write(to: folder, files: files(model))
                let loaded = try ModelFolder.load(from: folder)
                #expect(loaded.parameters.map(\.name) == model.parameters.map(\.name))
                #expect(same(try outputs(loaded), try outputs(model)))
            }
        }
    }

    /// No sequences, or sequences of nothing, give as much.
    @Test func nothingIsReadToo() throws {
        let models: [any Model] = try TinyTransformers.decoders + TinyTransformers.encoderDecoders
        for model in models {
            for shape: Shape in [[1, 0], [0, 5]] {
                let none = Tensor([] as [Int32], shape: shape)
                var inputs = ["input_ids": none]
                if model is any EncoderDecoderModel {
                    inputs["decoder_input_ids"] = Tensor([] as [Int32], shape: [shape[0], 0])
                }
                for (name, found) in try model.run(inputs) {
                    #expect(found.shape[0] == shape[0] && found.count == 0, "\(name)")
                }
            }
        }
        for head in ["BertModel", "BertForMaskedLM", "BertForSequenceClassification"] {
            let bert = try TinyTransformers.bert(head)
            let none = try bert.run(["input_ids": Tensor([] as [Int32], shape: [0, 5])])
            #expect(none.values.allSatisfy { $0.shape[0] == 0 }, "\(head)")
            let empty = errorText {
                _ = try bert.run(["input_ids": Tensor([] as [Int32], shape: [1, 0])])
            }
            #expect(empty.contains("it has no token"), "\(head): \(empty)")
        }
    }

    /// Older files leave a prefix out, keep tables, and have shared weights twice.
    @Test func otherNamesAreUnderstood() throws {
        let gpt2 = try TinyTransformers.gpt2()
        let bert = try TinyTransformers.bert()
        let cases: [(any Model, (String) -> String, [(name: String, tensor: Tensor)])] = [
            (
                gpt2, { $0.replacing("transformer.", with: "") },
                [
                    ("h.0.attn.bias", .ones([1, 1, 16, 16])),
                    ("lm_head.weight", gpt2.tokens.weight),
                ]
            ),
            (bert, { "bert." + $0 }, [("bert.embeddings.position_ids", .zeros([1, 16]))]),
        ]
        for (model, rename, more) in cases {
            try withTemporaryFolder { folder in
                try CheckpointFolder.write(to: folder, files: files(model))
                let tensors = model.parameters.map { (name: rename($0.name), tensor: $0.tensor) }
                try Safetensors.write(tensors + more, to: "\(folder)/model.safetensors")
                #expect(same(try outputs(try ModelFolder.load(from: folder)), try outputs(model)))
            }
        }
    }

    @Test func shardsAreOneModel() throws {
        let model = try TinyTransformers.qwen2()
        try withTemporaryFolder { folder in
            let config = try files(model).filter { $0.name == "config.json" }
            try CheckpointFolder.write(to: folder, files: config)
            let names = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
            let half = model.parameters.count / 2
            let parts = [Array(model.parameters[..<half]), Array(model.parameters[half...])]
            var map: [String: String] = [:]
            for (name, part) in zip(names, parts) {
                try Safetensors.write(part, to: "\(folder)/\(name)")
                for tensor in part { map[tensor.name] = name }
            }
            func writeIndex(_ map: [String: String]) throws {
                let data = try JSONEncoder().encode(["weight_map": map])
                try data.write(to: URL(fileURLWithPath: "\(folder)/model.safetensors.index.json"))
            }
            try writeIndex(map)
            #expect(same(try outputs(try ModelFolder.load(from: folder)), try outputs(model)))

            func refusal() -> String { errorText { _ = try ModelFolder.load(from: folder) } }
            var extended = map
            extended["model.surplus"] = names[1]
            try writeIndex(extended)
            #expect(refusal().contains("lack 1 tensors that it lists: \"model.surplus\""))
            extended["model.surplus"] = "../elsewhere.safetensors"
            try writeIndex(extended)
            #expect(
                refusal().contains("\"../elsewhere.safetensors\" does not lie in the same folder"))
            try writeIndex(map)
            try FileManager.default.removeItem(atPath: "\(folder)/\(names[0])")
            #expect(
                refusal().contains(
                    "1 of 2 files are missing: \"model-00001-of-00002.safetensors\""))
        }
    }

    @Test func weightsThatDoNotFitAreNamed() throws {
        let model = try TinyTransformers.llama()
        func refusal(_ change: (inout [(name: String, tensor: Tensor)]) -> Void) throws -> String {
            try withTemporaryFolder { folder in
                try CheckpointFolder.write(to: folder, files: files(model))
                var tensors = model.parameters
                change(&tensors)
                try Safetensors.write(tensors, to: "\(folder)/model.safetensors")
                return errorText { _ = try ModelFolder.load(from: folder) }
            }
        }
        let missing = try refusal { $0.removeAll { $0.name.contains("q_proj") } }
        for layer in 0..<2 {
            #expect(
                missing.contains("\"model.layers.\(layer).self_attn.q_proj.weight\""), "\(missing)")
        }
        let extra = try refusal {
            $0.append(("model.layers.0.mlp.surplus", .zeros([2])))
            $0.append(("other", .zeros([2])))
        }
        #expect(
            extra.contains(
                "tensors \"model.layers.0.mlp.surplus\", \"other\" are none of a llama's"),
            "\(extra)")
        let wrong = try refusal {
            $0[0].tensor = .zeros([23, 11])
            $0[1].tensor = .zeros([24, 13])
        }
        for part in [
            "\"model.embed_tokens.weight\" is float32 [23, 11]", "asks for float32 [23, 12]",
            "\"model.layers.0.self_attn.q_proj.weight\" is float32 [24, 13]",
        ] {
            #expect(wrong.contains(part), "\(wrong)")
        }
    }

    @Test func configurationsThatAreWrongSaySo() throws {
        let sizes = """
            "vocab_size": 23, "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2
            """
        let cases: [(String, String)] = [
            ("{\"model_type\": \"mamba\"}", "the architecture is \"mamba\": this version knows"),
            (
                "{\"vocab_size\": 3}",
                "\"architecture\" is missing, and Hugging Face's \"model_type\""
            ),
            ("{\"model_type\": \"llama\", \(sizes)}", "\"num_attention_heads\" is missing"),
            (
                "{\"model_type\": \"llama\", \(sizes), \"num_attention_heads\": 6, \"num_key_value_heads\": 4}",
                "num_attention_heads is 6 and num_key_value_heads 4"
            ),
            (
                "{\"model_type\": \"llama\", \(sizes), \"num_attention_heads\": 2, \"rope_scaling\": {\"rope_type\": \"strange\"}}",
                "rope_scaling is \"strange\": this version knows default, linear, dynamic, yarn, longrope, llama3"
            ),
            (
                "{\"model_type\": \"llama\", \(sizes), \"num_attention_heads\": 2, \"rope_scaling\": {\"rope_type\": \"longrope\", \"original_max_position_embeddings\": 8, \"short_factor\": [1]}}",
                "rope_scaling \"longrope\" needs short_factor with"
            ),
            (
                "{\"model_type\": \"llama\", \(sizes), \"num_attention_heads\": 2, \"rope_scaling\": {\"rope_type\": \"longrope\"}}",
                "needs original_max_position_embeddings above 1"
            ),
            (
                "{\"model_type\": \"llama\", \(sizes), \"num_attention_heads\": 2, \"hidden_act\": \"mish\"}",
                "hidden_act"
            ),
            (
                "{\"model_type\": \"gpt2\", \"n_embd\": 10, \"n_head\": 3}",
                "n_embd is 10 and n_head 3"
            ),
            (
                "{\"model_type\": \"bert\", \"architectures\": [\"BertForQuestionAnswering\"]}",
                "this version knows BertModel, BertForMaskedLM, BertForSequenceClassification"
            ),
            (
                "{\"model_type\": \"bert\", \"position_embedding_type\": \"relative_key\"}",
                "position_embedding_type is \"relative_key\""
            ),
            (
                "{\"model_type\": \"t5\", \"feed_forward_proj\": \"gated-mish\"}",
                "feed_forward_proj is \"gated-mish\""
            ),
            (
                "{\"model_type\": \"qwen2\", \(sizes), \"num_attention_heads\": 2, \"use_sliding_window\": true, \"sliding_window\": 4, \"layer_types\": [\"full_attention\"]}",
                "layer_types lists 1 layers, num_hidden_layers is 2"
            ),
        ]
        try withTemporaryFolder { folder in
            for (config, expected) in cases {
                try write(config, to: "\(folder)/config.json")
                let found = errorText { _ = try ModelFolder.load(from: folder) }
                #expect(found.contains(expected) && found.contains("config.json"), "\(found)")
            }
        }
    }

    @Test func inputsThatAreWrongAreRefused() throws {
        let gpt2 = try TinyTransformers.gpt2()
        let cases: [([String: Tensor], String)] = [
            ([:], "\"input_ids\" is missing"),
            (
                ["input_ids": Tensor([23 as Int32], shape: [1, 1])],
                "input_ids[0, 0] is 23: expected 0 … 22"
            ),
            (
                ["input_ids": .zeros([1, 17], dtype: .int32)],
                "17 tokens: this model reads at most 16"
            ),
            (
                ["input_ids": tokens, "attention_mask": .ones([1, 4], dtype: .int64)],
                "has the shape [1, 4]: expected [1, 5]"
            ),
            (["input_ids": tokens, "labels": tokens], "\"labels\" is not one of"),
        ]
        for (inputs, expected) in cases {
            let found = errorText { _ = try gpt2.run(inputs) }
            #expect(found.contains(expected), "\(found)")
        }
    }
}

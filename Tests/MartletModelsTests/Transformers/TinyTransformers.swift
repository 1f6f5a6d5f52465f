import Foundation
import MartletModels
import MartletNN
import MartletTensor

/// Small models of every family that is read from left to right, with random weights.
enum TinyTransformers {
    static let vocabulary = 23

    static var decoders: [any CausalLanguageModel] {
        get throws { try [gpt2(), llama(), mistral(), qwen2(), qwen3(), gemma3(), gemma2()] }
    }

    static var encoderDecoders: [any EncoderDecoderModel] {
        get throws {
            try [t5(), t5(feedForward: "gated-gelu"), transformer(), transformer(normFirst: false)]
        }
    }

    static func gpt2() throws -> GPT2 {
        try model(
            """
            {"vocab_size": 23, "n_positions": 16, "n_embd": 12, "n_layer": 2, "n_head": 3}
            """)
    }

    private static let llamaSizes = """
        "vocab_size": 23, "hidden_size": 12, "intermediate_size": 20, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "head_dim": 6, "max_position_embeddings": 32
        """

    static func llama() throws -> Llama {
        try model("{\"model_type\": \"llama\", \(llamaSizes)}")
    }
    static func mistral() throws -> Llama {
        try model("{\"model_type\": \"mistral\", \(llamaSizes), \"sliding_window\": 4}")
    }
    static func qwen2() throws -> Llama {
        try model("{\"model_type\": \"qwen2\", \(llamaSizes), \"tie_word_embeddings\": true}")
    }
    static func qwen3() throws -> Llama {
        try model("{\"model_type\": \"qwen3\", \(llamaSizes)}")
    }
    static func gemma3() throws -> Gemma {
        try model(
            "{\"model_type\": \"gemma3_text\", \(llamaSizes), \"sliding_window\": 4, \"sliding_window_pattern\": 2}"
        )
    }
    static func gemma2() throws -> Gemma {
        try model(
            "{\"model_type\": \"gemma2\", \(llamaSizes), \"sliding_window\": 4, \"attn_logit_softcapping\": 20.0, \"final_logit_softcapping\": 10.0}"
        )
    }

    static func bert(_ head: String = "BertModel") throws -> BERT {
        try model(
            """
            {"model_type": "bert", "architectures": ["\(head)"], "vocab_size": 23, "hidden_size": 12, "num_hidden_layers": 2,
             "num_attention_heads": 3, "intermediate_size": 20, "max_position_embeddings": 16}
            """)
    }

    static func t5(feedForward: String = "relu") throws -> T5 {
        try model(
            """
            {"vocab_size": 23, "d_model": 12, "d_kv": 5, "d_ff": 20, "num_layers": 2, "num_heads": 3,
             "relative_attention_num_buckets": 8, "relative_attention_max_distance": 12,
             "feed_forward_proj": "\(feedForward)", "tie_word_embeddings": \(feedForward == "relu")}
            """)
    }

    static func transformer(normFirst: Bool = true) throws -> Transformer {
        var random = RandomGenerator(seed: 7)
        return Transformer(
            .init(
                sourceVocabularySize: 19, vocabularySize: vocabulary, width: 12, innerWidth: 20,
                heads: 3, layers: 2, normFirst: normFirst), using: &random)
    }

    /// A model with weights large enough that all of it matters.
    private static func model<M: HuggingFaceModel>(_ config: String) throws -> M {
        let configuration = try JSONDecoder().decode(
            M.Configuration.self, from: Data(config.utf8))
        precondition(configuration.problem == nil, configuration.problem!)
        var random = RandomGenerator(seed: 5)
        return M(configuration, using: &random).mapParameters { _, tensor in
            tensor + random.normal(tensor.shape, standardDeviation: 0.2)
        }
    }
}

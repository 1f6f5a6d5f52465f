/// The keys of a `config.json` as Hugging Face's transformers writes it.
public protocol HuggingFaceConfiguration: ModelConfiguration {
    /// The values of `model_type` that are read.
    static var modelTypes: [String] { get }
    /// The value of `model_type` that is written.
    var modelType: String { get }
    /// The classes that are written as `architectures`, such as `LlamaForCausalLM`.
    var classes: [String] { get }
    /// The longest sequence that can be read; nil: any.
    var contextLength: Int? { get }
    /// The number of tokens V.
    var vocabularySize: Int { get }
}

extension HuggingFaceConfiguration {
    /// The first of ``modelTypes``.
    public static var architecture: String { modelTypes[0] }
}

/// An architecture whose folders are Hugging Face's, to and fro.
public protocol HuggingFaceModel: Model where Configuration: HuggingFaceConfiguration {
    /// What stands before the names of all weights but the head's, and may be missing in a file, such as `transformer.`.
    var basePrefix: String { get }

    /// Whether a tensor of a file is no parameter: a table that older versions saved.
    static func isTable(_ name: String) -> Bool

    /// Names that a file may have for weights that this model shares with others, or has no use for.
    var sharedNames: Set<String> { get }
}

extension HuggingFaceModel {
    /// None.
    public static func isTable(_ name: String) -> Bool { false }
    /// None.
    public var sharedNames: Set<String> { [] }
}

/// What a decoder's `eos_token_id` is: one token, or several.
public struct TokenList: Codable, Sendable, Equatable {
    /// The tokens.
    public var tokens: [Int]

    /// These tokens.
    public init(_ tokens: [Int]) { self.tokens = tokens }

    /// Reads a number or a list.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        tokens = try (try? [value.decode(Int.self)]) ?? value.decode([Int].self)
    }

    /// Writes a number, or a list.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        if tokens.count == 1 { try value.encode(tokens[0]) } else { try value.encode(tokens) }
    }
}

extension KeyedDecodingContainer {
    /// The value of a key; where it is missing or null, what Hugging Face takes then.
    func value<Value: Decodable>(_ key: Key, or other: Value) throws -> Value {
        try decodeIfPresent(Value.self, forKey: key) ?? other
    }
}

extension HuggingFaceConfiguration {
    /// What is wrong with the sizes and the division into heads; nil if nothing is.
    static func problem(
        sizes: KeyValuePairs<String, Int>, layers: (key: String, value: Int), heads: Int,
        keyHeads: Int
    ) -> String? {
        for (key, value) in sizes where !(1...1 << 24).contains(value) {
            return "\(key) is \(value): expected 1 … \(1 << 24)"
        }
        if !(1...1024).contains(layers.value) {
            return "\(layers.key) is \(layers.value): expected 1 … 1024"
        }
        if heads < 1 || keyHeads < 1 || heads % keyHeads != 0 {
            return
                "num_attention_heads is \(heads) and num_key_value_heads \(keyHeads): the first must be a multiple of the second"
        }
        return nil
    }
}

public import MartletStore
import MartletTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A model on disk as Hugging Face lays it out: `config.json`, and `model.safetensors` or its shards, in one folder.
public enum ModelFolder {
    /// The architectures that ``load(from:)`` knows.
    public static let architectures: [any Model.Type] = [
        RecurrentModel.self, SentimentClassifier.self, LanguageModel.self, SileroVAD.self,
        PolyphoneTagger.self, TextGenRNN.self, SeriesClassifier.self, Forecaster.self, GPT2.self,
        Llama.self, Gemma.self, BERT.self, T5.self, Transformer.self,
        RecurrentSequenceToSequence.self, ImageClassifier.self,
    ]

    /// The model of a folder, whatever its architecture.
    ///
    /// - Throws: ``ModelError`` or `StoreError`: which file, what is wrong with it, what was expected.
    public static func load(from folder: String) throws -> any Model {
        try CheckpointFolder.reading(folder) {
            let (data, path) = try configurationFile(folder)
            let name = try architecture(data, path)
            guard let type = architectures.first(where: { names(of: $0).contains(name) }) else {
                throw ModelError(
                    "\(path): the architecture is \"\(name)\": this version knows \(architectures.flatMap { names(of: $0) }.joined(separator: ", "))"
                )
            }
            return try load(type, folder, data, path)
        }
    }

    /// The model of a folder that must be of the given architecture.
    ///
    /// - Throws: ``ModelError`` or `StoreError`: which file, what is wrong with it, what was expected.
    public static func load<M: Model>(_ type: M.Type, from folder: String) throws -> M {
        try CheckpointFolder.reading(folder) {
            let (data, path) = try configurationFile(folder)
            let name = try architecture(data, path)
            guard names(of: type).contains(name) else {
                throw ModelError(
                    "\(path): the architecture is \"\(name)\": expected \(names(of: type).map { "\"\($0)\"" }.joined(separator: " or "))"
                )
            }
            return try load(type, folder, data, path)
        }
    }

    /// The name of the architecture of a folder's model: `architecture`, or Hugging Face's `model_type`.
    ///
    /// - Throws: ``ModelError`` if it has no `config.json` that says it.
    public static func architecture(of folder: String) throws -> String {
        try CheckpointFolder.reading(folder) {
            let (data, path) = try configurationFile(folder)
            return try architecture(data, path)
        }
    }

    /// The files of a model, for `CheckpointFolder.write(to:files:)`.
    public static func files(of model: some Model) throws -> [(
        name: String, contents: FileContents
    )] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let config = try encoder.encode(NamedConfiguration(configuration: model.configuration))
        return [
            ("config.json", .bytes(Array(config) + [UInt8(ascii: "\n")])),
            ("model.safetensors", .tensors(model.parameters, metadata: ["format": "pt"])),
        ]
    }

    /// The configuration beside the name of its architecture.
    private struct NamedConfiguration<Configuration: ModelConfiguration>: Encodable {
        var configuration: Configuration

        enum Keys: String, CodingKey {
            case architecture, architectures
            case modelType = "model_type"
        }

        func encode(to encoder: any Encoder) throws {
            var values = encoder.container(keyedBy: Keys.self)
            if let known = configuration as? any HuggingFaceConfiguration {
                try values.encode(known.modelType, forKey: .modelType)
                try values.encode(known.classes, forKey: .architectures)
            } else {
                try values.encode(Configuration.architecture, forKey: .architecture)
            }
            try configuration.encode(to: encoder)
        }
    }

    private struct ArchitectureOnly: Decodable {
        var architecture: String?
        var modelType: String?

        enum CodingKeys: String, CodingKey {
            case architecture
            case modelType = "model_type"
        }
    }

    private static func names<M: Model>(of type: M.Type) -> [String] {
        (M.Configuration.self as? any HuggingFaceConfiguration.Type)?.modelTypes
            ?? [M.Configuration.architecture]
    }

    private static func configurationFile(_ folder: String) throws -> (Data, String) {
        let path = CheckpointFolder.resolve(folder, "config.json")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ModelError(
                "\(path): cannot be read; expected a model's folder with config.json and model.safetensors"
            )
        }
        return (data, path)
    }

    private static func architecture(_ data: Data, _ path: String) throws -> String {
        let names = try decode(ArchitectureOnly.self, data, path)
        guard let name = names.architecture ?? names.modelType else {
            throw ModelError(
                "\(path): the key \"architecture\" is missing, and Hugging Face's \"model_type\" too"
            )
        }
        return name
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, _ data: Data, _ path: String)
        throws -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch DecodingError.keyNotFound(let key, _) {
            throw ModelError("\(path): the key \"\(key.stringValue)\" is missing")
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(
            _, let context)
        {
            throw ModelError("\(path): \(place(context)): \(context.debugDescription)")
        } catch DecodingError.dataCorrupted(let context) {
            throw ModelError("\(path): \(place(context)): \(context.debugDescription)")
        }
    }

    private static func place(_ context: DecodingError.Context) -> String {
        let keys = context.codingPath.map(\.stringValue)
        return keys.isEmpty ? "not valid JSON" : "the key \"\(keys.joined(separator: "."))\""
    }

    private static func load<M: Model>(
        _ type: M.Type, _ folder: String, _ data: Data, _ path: String
    ) throws -> M {
        let configuration = try decode(M.Configuration.self, data, path)
        if let problem = configuration.problem { throw ModelError("\(path): \(problem)") }
        // Takes no memory, whatever sizes config.json claims.
        var random = RandomGenerator.placeholder
        let model = M(configuration, using: &random)
        let files = try WeightFiles(folder: folder)
        return try files.weights(of: model, configuration: path)
    }
}

import MartletModels
import MartletStore
import MartletText

/// A tokenizer that lies beside a model.
protocol StoredTokenizer {
    /// The number of tokens.
    var count: Int { get }
    /// The tokenizer of a `tokenizer.json`.
    init(contentsOf path: String) throws
}

extension RunningTokenizer: StoredTokenizer {}

extension Tokenizer: StoredTokenizer {
    /// The number of tokens.
    var count: Int { vocabulary.count }
}

/// A model that reads tokens, and the tokenizer beside it in its run folder.
struct TokenizedModel<M: Model, Cutter: StoredTokenizer> {
    let model: M
    let tokenizer: Cutter

    /// The model and tokenizer of a run folder: `config.json`, `model.safetensors`, `tokenizer.json`.
    ///
    /// - Parameter vocabularySize: how many tokens the model knows.
    /// - Throws: `ModelError`, `StoreError`, `TokenizerError` or `PipelineError`: which file, what is wrong, what was
    ///   expected.
    init(contentsOf folder: String, vocabularySize: KeyPath<M.Configuration, Int>) throws {
        (model, tokenizer) = try CheckpointFolder.reading(folder) {
            let model = try ModelFolder.load(M.self, from: folder)
            let path = CheckpointFolder.resolve(folder, "tokenizer.json")
            return (model, try Cutter(contentsOf: path))
        }
        let known = model.configuration[keyPath: vocabularySize]
        guard tokenizer.count == known else {
            throw ModelError(
                "\(folder)/tokenizer.json has \(tokenizer.count) tokens: config.json says vocab_size \(known); both must come from one run"
            )
        }
    }
}

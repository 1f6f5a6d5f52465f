import MartletModels
import MartletStore
import MartletText

/// A model that reads tokens, and the tokenizer beside it in its run folder.
struct TokenizedModel<M: Model> {
    let model: M
    let tokenizer: Tokenizer

    /// The model and tokenizer of a run folder: `config.json`, `model.safetensors`, `tokenizer.json`.
    ///
    /// - Parameter vocabularySize: how many tokens the model knows.
    /// - Throws: `ModelError`, `StoreError` or `TokenizerError`: which file, what is wrong, what was expected.
    init(contentsOf folder: String, vocabularySize: KeyPath<M.Configuration, Int>) throws {
        (model, tokenizer) = try CheckpointFolder.reading(folder) {
            let model = try ModelFolder.load(M.self, from: folder)
            let path = CheckpointFolder.resolve(folder, "tokenizer.json")
            return (model, try Tokenizer(contentsOf: path))
        }
        let known = model.configuration[keyPath: vocabularySize]
        guard tokenizer.vocabulary.count == known else {
            throw ModelError(
                "\(folder)/tokenizer.json has \(tokenizer.vocabulary.count) tokens: config.json says vocab_size \(known); both must come from one run"
            )
        }
    }
}

/// The parts of a tokenizer, made ready to run; it never changes.
final class PipelineEngine: Sendable {
    let added: AddedTokenIndex

    init(
        model: TokenModel, normalizer: Normalizer?, preTokenizer: PreTokenizer?,
        postProcessor: PostProcessor?, decoder: TokenDecoder?, addedTokens: [AddedToken]
    ) throws {
        added = try AddedTokenIndex(addedTokens, model: model)
    }
}

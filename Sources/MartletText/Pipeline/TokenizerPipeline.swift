/// A tokenizer as Hugging Face's `tokenizer.json` describes it: text to numbers and back.
///
/// A text goes through the normalizer, the pre-tokenizer, the model and the post-processor, in this order; added tokens are
/// taken out before. It is a value that any number of tasks may use at once.
public struct TokenizerPipeline: Sendable {
    /// What is done to the text first.
    public let normalizer: Normalizer?
    /// How the text is split into words.
    public let preTokenizer: PreTokenizer?
    /// How a word becomes pieces.
    public let model: TokenModel
    /// What is put around the tokens.
    public let postProcessor: PostProcessor?
    /// How pieces become text again.
    public let decoder: TokenDecoder?
    /// Tokens found in the text before the model sees it, by rising number.
    public let addedTokens: [AddedToken]
    /// How many tokens there may be; nil: any number.
    public let truncation: Truncation?
    /// What batches are filled up with; nil: nothing.
    public let padding: TokenPadding?

    let engine: PipelineEngine

    /// A tokenizer of its parts.
    ///
    /// Throws ``PipelineError`` where parts do not fit together, or one is not supported.
    public init(
        model: TokenModel, normalizer: Normalizer? = nil, preTokenizer: PreTokenizer? = nil,
        postProcessor: PostProcessor? = nil, decoder: TokenDecoder? = nil,
        addedTokens: [AddedToken] = [], truncation: Truncation? = nil,
        padding: TokenPadding? = nil
    ) throws {
        self.model = model
        self.normalizer = normalizer
        self.preTokenizer = preTokenizer
        self.postProcessor = postProcessor
        self.decoder = decoder
        self.truncation = truncation
        self.padding = padding
        engine = try PipelineEngine(
            model: model, normalizer: normalizer, preTokenizer: preTokenizer,
            postProcessor: postProcessor, decoder: decoder, addedTokens: addedTokens)
        self.addedTokens = engine.added.tokens
    }
}

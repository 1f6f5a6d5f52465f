public import MartletModels
import MartletNN
import MartletStore
public import MartletTensor
public import MartletText

/// A decoder with its tokenizer: reads a text and goes on with it, token by token.
///
/// A value: a copy goes on by itself. It keeps keys and values of what it has read, so a step costs no more than its own
/// token; where the context is full, it goes on from the last half of it, and ``forgotten`` counts the others.
public struct CausalWriter<Model: CausalLanguageModel>: Sendable {
    /// Cuts text into tokens.
    public let tokenizer: RunningTokenizer
    /// From tokens to scores.
    public let model: Model
    /// The tokens that end a text.
    public var endings: Set<Int32>
    private var state: Model.State?
    /// Tokens that the state knows, and those that it does not know yet.
    private var known: [Int32] = []
    private var waiting: [Int32] = []
    private var hasRead = false
    private var writer: RunningTextWriter
    private let silent: [Int32]
    /// The tokens that were read or written and are forgotten, as the context was full.
    public private(set) var forgotten = 0

    /// A writer that has read nothing but the end of a line.
    ///
    /// - Parameter endings: the tokens that end a text.
    public init(tokenizer: RunningTokenizer, model: Model, endings: Set<Int32> = []) {
        self.tokenizer = tokenizer
        self.model = model
        self.endings = endings
        state = model.emptyState(batch: 1)
        waiting = [tokenizer.startID]
        writer = tokenizer.writer
        silent = tokenizer.silentIDs
    }

    /// Reads a text after what was read or written so far.
    ///
    /// - Returns: how many of its tokens the model does not know.
    /// - Throws: `PipelineError` where a given tokenizer has no token for a part of the text.
    @discardableResult
    public mutating func read(_ text: String) throws -> Int {
        let tokens = try tokenizer.encode(text)
        // What begins with a text does not begin with the end of a line.
        if known.isEmpty, !hasRead, !tokens.isEmpty { waiting = [] }
        hasRead = hasRead || !tokens.isEmpty
        waiting += tokens
        try writer.skip(tokens)
        let unknown = tokenizer.unknownID
        return tokens.count { $0 == unknown }
    }

    /// The scores of what comes next, `[V]`.
    public mutating func scores() -> [Float] {
        if let context = model.contextLength, known.count + waiting.count > context {
            let all = known + waiting
            waiting = Array(all.suffix(max(1, context / 2)))
            forgotten += all.count - waiting.count
            known = []
            state = model.emptyState(batch: 1)
        }
        let scores = model(Tensor(waiting, shape: [1, waiting.count]), state: &state)
        known += waiting
        let last = scores.shape[1] - 1
        waiting = []
        return scores.slice(axis: 1, last..<last + 1).scalars(as: Float.self)
    }

    /// Writes the next token: its text; empty where a character is not whole yet. Nil at the end of the text.
    ///
    /// - Throws: `PipelineError` where a given tokenizer cannot decode.
    public mutating func next(
        _ sampler: Sampler, using random: inout RandomGenerator
    ) throws -> String? {
        var values = scores()
        // Rows beyond the tokens there are were never learned.
        for token in tokenizer.count..<max(values.count, tokenizer.count) {
            values[token] = -.infinity
        }
        for token in silent
        where Int(token) < values.count && !endings.contains(token)
            && values.count > silent.count
        {
            values[Int(token)] = -.infinity
        }
        let token = Int32(sampler.choose(values, using: &random))
        waiting = [token]
        hasRead = true
        if endings.contains(token) { return nil }
        return try writer.append(token)
    }
}

extension CausalWriter {
    /// The tokens that it goes on from: all that a later writer needs to go on in the same way.
    public var tokens: [Int32] { known + waiting }

    /// Goes on from the tokens of another one.
    ///
    /// - Throws: `ModelError` for tokens that the model does not know; `PipelineError` where a given tokenizer cannot decode.
    public mutating func restore(_ tokens: [Int32]) throws {
        if let bad = tokens.first(where: { $0 < 0 || $0 >= Int32(model.vocabularySize) }) {
            throw ModelError(
                "the saved state has the token \(bad): expected 0 … \(model.vocabularySize - 1); it is of another model, or damaged"
            )
        }
        guard !tokens.isEmpty else { return }
        (known, waiting, hasRead) = ([], tokens, true)
        state = model.emptyState(batch: 1)
        writer = tokenizer.writer
        try writer.skip(tokens)
    }
}

/// Decoders of whichever architecture.
public enum DecoderFolder {
    /// The decoder and the tokenizer of a folder; nil if its model is none that writes from left to right.
    ///
    /// - Throws: `ModelError`, `StoreError`, `TokenizerError` or `PipelineError`: which file, what is wrong, what was expected.
    public static func load(
        from folder: String
    ) throws -> (model: any CausalLanguageModel, tokenizer: RunningTokenizer)? {
        let (model, tokenizer) = try CheckpointFolder.reading(folder) {
            (
                try ModelFolder.load(from: folder) as? any CausalLanguageModel,
                try RunningTokenizer(
                    contentsOf: CheckpointFolder.resolve(folder, "tokenizer.json"))
            )
        }
        guard let model else { return nil }
        // Models often have rows for more tokens than there are.
        guard tokenizer.count <= model.vocabularySize else {
            throw ModelError(
                "\(folder)/tokenizer.json has \(tokenizer.count) tokens: config.json says vocab_size \(model.vocabularySize); both must come from one model"
            )
        }
        return (model, tokenizer)
    }
}

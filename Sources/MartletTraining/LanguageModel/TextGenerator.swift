public import MartletModels
public import MartletNN
public import MartletTensor
public import MartletText

/// A trained language model with its tokenizer: reads a text and goes on with it, token by token.
///
/// ```swift
/// var generator = try TextGenerator(contentsOf: "runs/poems")
/// var random = RandomGenerator(seed: 1)
/// try generator.read("床前明月光")
/// for _ in 0..<100 {
///     print(try generator.next(Sampler(temperature: 0.8), using: &random), terminator: "")
/// }
/// ```
///
/// It is a value: a copy goes on by itself. What it has read is in a state of constant size.
public struct TextGenerator: Sendable {
    /// Cuts text into tokens.
    public let tokenizer: RunningTokenizer
    /// From tokens to scores.
    public let model: LanguageModel
    /// The state after all tokens that were read but the last.
    public private(set) var state: RecurrentState?
    /// The last token that was read or written; what comes next follows from it and the state.
    public private(set) var last: Int32
    private var writer: RunningTextWriter
    private let silent: [Int32]

    /// A generator that has read nothing but the end of a line.
    public init(tokenizer: RunningTokenizer, model: LanguageModel) {
        self.tokenizer = tokenizer
        self.model = model.prepared
        last = tokenizer.startID
        writer = tokenizer.writer
        silent = tokenizer.silentIDs
    }

    /// A generator of characters or words that has read nothing but the end of a line.
    public init(tokenizer: Tokenizer, model: LanguageModel) {
        self.init(tokenizer: .vocabulary(tokenizer), model: model)
    }

    /// The language model of a run folder: `config.json`, `model.safetensors`, `tokenizer.json`.
    ///
    /// - Throws: `ModelError`, `StoreError`, `TokenizerError` or `PipelineError`: which file, what is wrong, what was
    ///   expected.
    public init(contentsOf folder: String) throws {
        let parts = try TokenizedModel<LanguageModel, RunningTokenizer>(
            contentsOf: folder, vocabularySize: \.vocabularySize)
        self.init(tokenizer: parts.tokenizer, model: parts.model)
    }

    /// Reads a text after what was read or written so far.
    ///
    /// - Returns: how many of its tokens the model does not know.
    /// - Throws: `PipelineError` where a given tokenizer has no token for a part of the text.
    @discardableResult
    public mutating func read(_ text: String) throws -> Int {
        let tokens = try tokenizer.encode(text)
        guard let end = tokens.last else { return 0 }
        try writer.skip(tokens)
        // In pieces, so that a long text takes no more memory than a short one.
        var rest = ([last] + tokens.dropLast())[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(512))
            rest = rest.dropFirst(512)
            var none: RandomGenerator?
            state =
                model.features(Tensor(piece, shape: [1, piece.count]), from: state, dropout: &none)
                .state
        }
        last = end
        let unknown = tokenizer.unknownID
        return tokens.count { $0 == unknown }
    }

    /// The scores of what comes next, `[V]`; nothing is written.
    public func scores() -> (scores: Tensor, state: RecurrentState) {
        let (scores, state) = model(Tensor([last], shape: [1, 1]), from: state)
        return (scores.reshaped([scores.shape[2]]), state)
    }

    /// Writes the next token: its text, with a space before it where one belongs. Empty where a character is not whole yet;
    /// it comes with the token that completes it.
    ///
    /// Tokens that stand for no text, as padding and the unknown token, are never written.
    ///
    /// - Throws: `PipelineError` where a given tokenizer cannot decode.
    public mutating func next(
        _ sampler: Sampler, using random: inout RandomGenerator
    ) throws -> String {
        let (scores, state) = scores()
        var values = scores.scalars(as: Float.self)
        for token in silent where values.count > silent.count && values.count > Int(token) {
            values[Int(token)] = -.infinity
        }
        let token = Int32(sampler.choose(values, using: &random))
        (self.state, last) = (state, token)
        return try writer.append(token)
    }
}

/// Where a generator stands, to be written down.
public struct SavedTextGenerator: Codable, Sendable {
    /// The state.
    public var state: SavedRecurrentState
    /// The last token, which is not in the state yet.
    public var last: Int32
    /// The last tokens, of which a character may not be whole; nil: only ``last``.
    public var recent: [Int32]?
    /// What its further choices are to be drawn with; nil: nobody said.
    public var random: RandomGenerator?
}

extension TextGenerator {
    /// Where it stands, with what names its network.
    public var saved: SavedTextGenerator {
        SavedTextGenerator(
            state: (state ?? model.rnn.zeroState(batch: 1)).saved(of: model.rnn), last: last,
            recent: writer.recent)
    }

    /// Goes on from where another one stood.
    ///
    /// - Throws: `RecurrentStateError` if that is of another network, or damaged.
    public mutating func restore(_ saved: SavedTextGenerator) throws {
        let recent = saved.recent ?? [saved.last]
        for token in [saved.last] + recent where !(0..<Int32(tokenizer.count)).contains(token) {
            throw ModelError(
                "the saved state's last token is \(token): expected 0 … \(tokenizer.count - 1); it is of another model, or damaged"
            )
        }
        state = try RecurrentState(saved.state, of: model.rnn, batch: 1)
        last = saved.last
        writer = tokenizer.writer
        try writer.skip(recent)
    }
}

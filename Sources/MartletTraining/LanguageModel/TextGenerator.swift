public import MartletModels
public import MartletNN
public import MartletTensor
public import MartletText

/// A trained language model with its tokenizer: reads a text and goes on with it, token by token.
///
/// ```swift
/// var generator = try TextGenerator(contentsOf: "runs/poems")
/// var random = RandomGenerator(seed: 1)
/// generator.read("床前明月光")
/// for _ in 0..<100 { print(generator.next(Sampler(temperature: 0.8), using: &random), terminator: "") }
/// ```
///
/// It is a value: a copy goes on by itself. What it has read is in a state of constant size.
public struct TextGenerator: Sendable {
    /// Cuts text into tokens.
    public let tokenizer: Tokenizer
    /// From tokens to scores.
    public let model: LanguageModel
    /// The state after all tokens that were read but the last.
    public private(set) var state: RecurrentState?
    /// The last token that was read or written; what comes next follows from it and the state.
    public private(set) var last: Int32
    private var hasRead = false

    /// A generator that has read nothing but the end of a line.
    public init(tokenizer: Tokenizer, model: LanguageModel) {
        self.tokenizer = tokenizer
        self.model = model.prepared
        // Without line breaks: the commonest token.
        last =
            tokenizer.lineBreakID ?? min(2, Int32(max(tokenizer.vocabulary.count, 1) - 1))
    }

    /// The language model of a run folder: `config.json`, `model.safetensors`, `tokenizer.json`.
    ///
    /// - Throws: `ModelError`, `StoreError` or `TokenizerError`: which file, what is wrong, what was expected.
    public init(contentsOf folder: String) throws {
        let parts = try TokenizedModel<LanguageModel>(
            contentsOf: folder, vocabularySize: \.vocabularySize)
        self.init(tokenizer: parts.tokenizer, model: parts.model)
    }

    /// Reads a text after what was read or written so far.
    ///
    /// - Returns: how many of its tokens the model does not know.
    @discardableResult
    public mutating func read(_ text: String) -> Int {
        let tokens = tokenizer.encode(runningText: text)
        guard let end = tokens.last else { return 0 }
        hasRead = true
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
        return tokens.count { $0 == Vocabulary.unknownID }
    }

    /// The scores of what comes next, `[V]`; nothing is written.
    public func scores() -> (scores: Tensor, state: RecurrentState) {
        let (scores, state) = model(Tensor([last], shape: [1, 1]), from: state)
        return (scores.reshaped([scores.shape[2]]), state)
    }

    /// Writes the next token: its text, with a space before it where one belongs.
    ///
    /// Padding and the unknown token are never written.
    public mutating func next(_ sampler: Sampler, using random: inout RandomGenerator) -> String {
        let (scores, state) = scores()
        var values = scores.scalars(as: Float.self)
        for token in [Vocabulary.paddingID, Vocabulary.unknownID]
        where values.count > Int(token) && values.count > 2 {
            values[Int(token)] = -.infinity
        }
        let token = Int32(sampler.choose(values, using: &random))
        let text = tokenizer.text(of: token, after: hasRead ? last : nil)
        (self.state, last, hasRead) = (state, token, true)
        return text
    }
}

/// Where a generator stands, to be written down.
public struct SavedTextGenerator: Codable, Sendable {
    /// The state.
    public var state: SavedRecurrentState
    /// The last token, which is not in the state yet.
    public var last: Int32
}

extension TextGenerator {
    /// Where it stands, with what names its network.
    public var saved: SavedTextGenerator {
        SavedTextGenerator(
            state: (state ?? model.rnn.zeroState(batch: 1)).saved(of: model.rnn), last: last)
    }

    /// Goes on from where another one stood.
    ///
    /// - Throws: `RecurrentStateError` if that is of another network, or damaged.
    public mutating func restore(_ saved: SavedTextGenerator) throws {
        guard (0..<Int32(tokenizer.vocabulary.count)).contains(saved.last) else {
            throw ModelError(
                "the saved state's last token is \(saved.last): expected 0 … \(tokenizer.vocabulary.count - 1); it is of another model, or damaged"
            )
        }
        state = try RecurrentState(saved.state, of: model.rnn, batch: 1)
        last = saved.last
        hasRead = true
    }
}

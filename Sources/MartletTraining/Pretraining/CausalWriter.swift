public import MartletModels
import MartletNN
public import MartletTensor
public import MartletText

/// A decoder with its tokenizer: reads a text and goes on with it, token by token.
///
/// A value: a copy goes on by itself. It keeps keys and values of what it has read, so a step costs no more than its own
/// token; where the context is full, it goes on from the last half of it.
public struct CausalWriter<Model: CausalLanguageModel>: Sendable {
    /// Cuts text into tokens.
    public let tokenizer: RunningTokenizer
    /// From tokens to scores.
    public let model: Model
    /// The tokens that end a text.
    public var endings: Set<Int32>
    private var state: Model.State?
    /// Tokens that the state knows, and those that it does not know yet.
    private var read: [Int32] = []
    private var waiting: [Int32] = []
    private var writer: RunningTextWriter
    private let silent: [Int32]

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
        if read.isEmpty, !tokens.isEmpty { waiting = [] }
        waiting += tokens
        try writer.skip(tokens)
        let unknown = tokenizer.unknownID
        return tokens.count { $0 == unknown }
    }

    /// The scores of what comes next, `[V]`.
    public mutating func scores() -> [Float] {
        if let context = model.contextLength, read.count + waiting.count > context {
            waiting = Array((read + waiting).suffix(max(1, context / 2)))
            read = []
            state = model.emptyState(batch: 1)
        }
        let scores = model(Tensor(waiting, shape: [1, waiting.count]), state: &state)
        read += waiting
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
        for token in silent
        where Int(token) < values.count && !endings.contains(token)
            && values.count > silent.count
        {
            values[Int(token)] = -.infinity
        }
        let token = Int32(sampler.choose(values, using: &random))
        waiting = [token]
        if endings.contains(token) { return nil }
        return try writer.append(token)
    }
}

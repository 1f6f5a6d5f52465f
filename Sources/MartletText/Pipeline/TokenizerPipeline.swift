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
    public private(set) var truncation: Truncation?
    /// What batches are filled up with; nil: nothing.
    public private(set) var padding: TokenPadding?

    let engine: PipelineEngine
    /// What the post-processor puts before and after the numbers of one text; nil where it does more than that.
    private let frame: (before: [Int32], after: [Int32])?

    /// A tokenizer of its parts.
    ///
    /// An added token whose content the model knows gets the model's number; others are numbered on from the model's pieces,
    /// in their order, as Hugging Face does. Throws ``PipelineError`` where parts do not fit together, or one is not supported.
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
        frame = try Self.frame(postProcessor)
    }

    /// The same tokenizer with other limits; both share what was made ready to run.
    ///
    /// Limits that cannot be kept are errors of ``encode(_:pair:addSpecialTokens:)``.
    public func with(truncation: Truncation?, padding: TokenPadding?) -> TokenizerPipeline {
        var tokenizer = self
        tokenizer.truncation = truncation
        tokenizer.padding = padding
        return tokenizer
    }

    private static func frame(
        _ processor: PostProcessor?
    ) throws -> (before: [Int32], after: [Int32])? {
        guard let processor else { return ([], []) }
        var text = Encoding()
        text.appendSpecial(id: -1, token: "")
        let ids = try processor.process([text], addsSpecial: true).flatMap(\.ids)
        guard ids.count(where: { $0 == -1 }) == 1, let place = ids.firstIndex(of: -1) else {
            return nil
        }
        return (Array(ids[..<place]), Array(ids[(place + 1)...]))
    }

    /// How many numbers there are: one more than the largest.
    public var idLimit: Int {
        max(engine.tokenModel.table.idLimit, addedTokens.last.map { Int($0.id) + 1 } ?? 0)
    }

    /// The number of a token, added or of the model; nil where it is not one.
    public func id(of token: String) -> Int32? { engine.added.id(of: token) ?? model.id(of: token) }

    /// The token numbered `id`, added or of the model; nil where there is none.
    public func token(_ id: Int32) -> String? {
        engine.added.token(id)?.content ?? model.piece(id)
    }

    /// The tokens of `text`, or of `text` and `pair`, with their offsets.
    ///
    /// `addSpecialTokens`: whether the post-processor puts special tokens in. Throws ``PipelineError`` where a text has what
    /// the vocabulary does not know, or truncation leaves no room.
    public func encode(
        _ text: String, pair: String? = nil, addSpecialTokens: Bool = true
    ) throws -> Encoding {
        var encoding = try engine.withWorker {
            try encodeUnpadded(text, pair, addSpecialTokens, $0)
        }
        if let padding { encoding.pad(to: padding.length([encoding.count]), padding) }
        return encoding
    }

    private func encodeUnpadded(
        _ text: String, _ pair: String?, _ addSpecialTokens: Bool, _ worker: PipelineWorker
    ) throws -> Encoding {
        var encodings = [try engine.encoding(of: text, typeID: 0, worker)]
        if let pair { encodings.append(try engine.encoding(of: pair, typeID: 1, worker)) }
        if let truncation {
            let room = try room(truncation, isPair: pair != nil, addSpecialTokens)
            try truncation.apply(to: &encodings, room: room)
        }
        if postProcessor != nil || pair != nil {
            for index in encodings.indices {
                encodings[index].sequenceRanges = [index: 0..<encodings[index].count]
                for part in encodings[index].overflowing.indices where postProcessor != nil {
                    let count = encodings[index].overflowing[part].count
                    encodings[index].overflowing[part].sequenceRanges = [index: 0..<count]
                }
            }
        }
        if let postProcessor {
            encodings = try postProcessor.process(encodings, addsSpecial: addSpecialTokens)
        }
        guard encodings.count > 1 else { return encodings.first ?? Encoding() }
        var whole = Encoding()
        for encoding in encodings { whole.merge(encoding) }
        return whole
    }

    /// How many tokens of the text truncation leaves.
    private func room(
        _ truncation: Truncation, isPair: Bool, _ addSpecialTokens: Bool
    ) throws -> Int {
        let added = addSpecialTokens ? postProcessor?.addedCount(isPair: isPair) ?? 0 : 0
        guard truncation.maximumLength >= added else {
            throw PipelineError.invalid(
                part: "truncation.max_length",
                reason: "\(truncation.maximumLength) has no room "
                    + "for the \(added) special tokens")
        }
        return truncation.maximumLength - added
    }

    /// The numbers of a text's tokens, without anything else: the fast way.
    ///
    /// `utf8` is the text. Throws ``PipelineError/invalid(part:reason:)`` where it is not valid UTF-8, and what
    /// ``encode(_:pair:addSpecialTokens:)`` throws.
    public func encodeIDs(
        _ utf8: UnsafeBufferPointer<UInt8>, addSpecialTokens: Bool = true
    ) throws -> [Int32] {
        if let offset = firstInvalidUTF8(utf8) {
            throw PipelineError.invalid(part: "text", reason: "byte \(offset) is not UTF-8")
        }
        return try engine.withWorker { try encodeValidIDs(utf8, addSpecialTokens, $0) }
    }

    /// The numbers of a text's tokens, without anything else: the fast way.
    ///
    /// Throws what ``encode(_:pair:addSpecialTokens:)`` throws.
    public func encodeIDs(_ text: String, addSpecialTokens: Bool = true) throws -> [Int32] {
        try engine.withWorker { try encodeIDs(text, addSpecialTokens, $0) }
    }

    private func encodeIDs(
        _ text: String, _ addSpecialTokens: Bool, _ worker: PipelineWorker
    ) throws -> [Int32] {
        var text = text
        return try text.withUTF8 { try encodeValidIDs($0, addSpecialTokens, worker) }
    }

    private func encodeValidIDs(
        _ utf8: UnsafeBufferPointer<UInt8>, _ addSpecialTokens: Bool, _ worker: PipelineWorker
    ) throws -> [Int32] {
        guard !engine.needsAlignments, let frame else {
            let text = String(decoding: utf8, as: UTF8.self)
            var encoding = try encodeUnpadded(text, nil, addSpecialTokens, worker)
            if let padding { encoding.pad(to: padding.length([encoding.count]), padding) }
            return encoding.ids
        }
        let (before, after) = addSpecialTokens ? frame : ([], [])
        let found = try engine.ids(utf8, worker)
        var kept = 0..<found.count
        if let truncation {
            let room = try room(truncation, isPair: false, addSpecialTokens)
            kept = try truncation.kept(of: found.count, room: room)
        }
        let length = before.count + kept.count + after.count
        let padded = max(length, padding?.length([length]) ?? 0)
        return [Int32](unsafeUninitializedCapacity: padded) { buffer, count in
            func append(_ ids: UnsafeBufferPointer<Int32>) {
                for id in ids {
                    buffer.initializeElement(at: count, to: id)
                    count += 1
                }
            }
            func fill() {
                guard let padding else { return }
                for _ in length..<padded {
                    buffer.initializeElement(at: count, to: padding.id)
                    count += 1
                }
            }
            if padding?.direction == .left { fill() }
            before.withUnsafeBufferPointer(append)
            append(UnsafeBufferPointer(rebasing: found[kept]))
            after.withUnsafeBufferPointer(append)
            if padding?.direction == .right { fill() }
        }
    }

    /// The text of `ids`; numbers that are no token are passed over.
    ///
    /// `skipSpecialTokens`: whether special added tokens are left out. Bytes that are no UTF-8 become U+FFFD. Throws
    /// ``PipelineError/unsupported(part:reason:)`` where an expression of the decoder is not linear in the text.
    public func decode(_ ids: [Int32], skipSpecialTokens: Bool = true) throws -> String {
        try engine.withWorker { try decode(ids, skipSpecialTokens, $0) }
    }

    private func decode(
        _ ids: [Int32], _ skipSpecialTokens: Bool, _ worker: PipelineWorker
    ) throws -> String {
        try ids.withUnsafeBufferPointer {
            try engine.text($0, skipsSpecial: skipSpecialTokens, worker)
        }
    }

    /// A decoder for numbers that come one by one.
    public func stream(skipSpecialTokens: Bool = true) -> TokenTextStream {
        TokenTextStream(self, skipSpecialTokens: skipSpecialTokens)
    }
}

extension TokenizerPipeline {
    /// The tokens of many texts, worked out on all processors, in the order of the texts.
    ///
    /// Padding makes all of them equally long. Throws what ``encode(_:pair:addSpecialTokens:)`` throws, of the first text
    /// that fails.
    public func encodeBatch(
        _ texts: [String], addSpecialTokens: Bool = true
    ) throws -> [Encoding] {
        var encodings = try inParallel(texts, engine) {
            try encodeUnpadded($0, nil, addSpecialTokens, $1)
        }
        if let padding {
            let length = padding.length(encodings.lazy.map(\.count))
            for index in encodings.indices { encodings[index].pad(to: length, padding) }
        }
        return encodings
    }

    /// The numbers of many texts' tokens, worked out on all processors, in the order of the texts: the fast way.
    ///
    /// Throws what ``encode(_:pair:addSpecialTokens:)`` throws, of the first text that fails.
    public func encodeIDsBatch(
        _ texts: [String], addSpecialTokens: Bool = true
    ) throws -> [[Int32]] {
        guard padding == nil else {
            return try encodeBatch(texts, addSpecialTokens: addSpecialTokens).map(\.ids)
        }
        return try inParallel(texts, engine) { try encodeIDs($0, addSpecialTokens, $1) }
    }

    /// The texts of many lists of numbers, worked out on all processors, in their order.
    ///
    /// Throws what ``decode(_:skipSpecialTokens:)`` throws.
    public func decodeBatch(
        _ batch: [[Int32]], skipSpecialTokens: Bool = true
    ) throws -> [String] {
        try inParallel(batch, engine) { try decode($0, skipSpecialTokens, $1) }
    }
}

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What cuts a running text into the tokens of a language model: any of the tokenizers there are.
public enum RunningTokenizer: Sendable {
    /// Characters or words, with their vocabulary.
    case vocabulary(Tokenizer)
    /// Subwords, as Hugging Face's `tokenizer.json` describes them.
    case pipeline(TokenizerPipeline)

    /// A tokenizer for running text like `text`, whose lines end with LF.
    ///
    /// Characters and words: as ``Tokenizer/train(onRunningText:unit:minimumCount:maximumSize:)``. Subwords: byte-level byte
    /// pair encoding; pairs seen less than `minimumCount` times are not joined, and `maximumSize` includes the 256 bytes.
    /// Throws ``TokenizerTrainingError`` where there is no text, or no room for the bytes.
    public static func train(
        on text: String, unit: TextUnit, minimumCount: Int = 2, maximumSize: Int = 30_000
    ) throws -> RunningTokenizer {
        guard unit == .subword else {
            return .vocabulary(
                .train(
                    onRunningText: text, unit: unit, minimumCount: minimumCount,
                    maximumSize: maximumSize))
        }
        var trainer = BPETrainer(size: maximumSize)
        trainer.minimumFrequency = minimumCount
        let split = try TokenizerPipeline.Family.byteLevel.splitter(normalizer: nil)
        let words = try CorpusCounter().count(text: text, split: split)
        return .pipeline(try TokenizerPipeline(try trainer.train(on: words), by: trainer))
    }

    /// A given tokenizer of subwords, without limits on the length of a text, and without filling up.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` for one that cuts the same text at random in different ways.
    public init(_ tokenizer: TokenizerPipeline) throws {
        if case .bytePair(let model) = tokenizer.model, let share = model.options.dropout, share > 0
        {
            throw PipelineError.invalid(
                part: "model.dropout",
                reason: "\(share) cuts the same text in another way each time; set it to null")
        }
        self = .pipeline(tokenizer.with(truncation: nil, padding: nil))
    }

    /// The `tokenizer.json` of a model: ours, or Hugging Face's.
    ///
    /// Throws ``TokenizerError`` or ``PipelineError`` that names the file when it is missing or damaged.
    public init(contentsOf path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path)
        } catch {
            guard case .unreadable(_, let reason) = error else { throw error }
            throw TokenizerError.unreadable(path: path, reason: reason)
        }
        if bytes.withUnsafeBufferPointer({ Self.isPipeline($0) }) {
            try self.init(try TokenizerPipeline(json: bytes, path: path))
        } else {
            self = .vocabulary(try Tokenizer(jsonData: Data(bytes), path: path))
        }
    }

    /// Whether a `tokenizer.json` is in Hugging Face's format, by the first of its keys that only one of the formats has.
    private static func isPipeline(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var reader = JSONReader(bytes)
        do {
            try reader.expect("{")
            while true {
                let key = try reader.string()
                try reader.expect(":")
                switch key {
                case "model", "added_tokens": return true
                case "type", "tokens", "counts": return false
                default: try reader.skipValue()
                }
                try reader.expect(",")
            }
        } catch {
            return false
        }
    }

    /// The content of `tokenizer.json`, the same bytes for an equal tokenizer.
    public var json: [UInt8] {
        switch self {
        case .vocabulary(let tokenizer): Array(tokenizer.jsonData)
        case .pipeline(let tokenizer): tokenizer.json()
        }
    }

    /// The number of token numbers: one more than the largest.
    public var count: Int {
        switch self {
        case .vocabulary(let tokenizer): tokenizer.vocabulary.count
        case .pipeline(let tokenizer): tokenizer.idLimit
        }
    }

    /// What the tokens are, in a word.
    public var kindName: String {
        switch self {
        case .vocabulary(let tokenizer): tokenizer.kind.rawValue
        case .pipeline(let tokenizer):
            if case .wordLevel = tokenizer.model { "words" } else { "subwords" }
        }
    }

    /// The numbers of a text's tokens, the ends of its lines included; nothing is put around them.
    ///
    /// Throws ``PipelineError`` where a given tokenizer has no token for a part of the text, not even an unknown one.
    public func encode(_ text: String) throws -> [Int32] {
        switch self {
        case .vocabulary(let tokenizer): tokenizer.encode(runningText: text)
        case .pipeline(let tokenizer):
            try tokenizer.encodeIDs(text, addSpecialTokens: false)
        }
    }

    /// The number of the token that stands for all that are not known; nil: any text has tokens of its own.
    public var unknownID: Int32? {
        switch self {
        case .vocabulary: Vocabulary.unknownID
        case .pipeline(let tokenizer):
            switch tokenizer.model {
            case .bytePair(let model): model.options.unknownToken.flatMap(tokenizer.id)
            case .unigram(let model): model.unknownID
            case .wordPiece(let model): tokenizer.id(of: model.unknownToken)
            case .wordLevel(let model): tokenizer.id(of: model.unknownToken)
            }
        }
    }

    /// The numbers that stand for no text, so that nobody should write them: padding, the unknown token, special tokens, and
    /// numbers that are no token.
    public var silentIDs: [Int32] {
        switch self {
        case .vocabulary: return [Vocabulary.paddingID, Vocabulary.unknownID]
        case .pipeline(let tokenizer):
            let special = Set(tokenizer.addedTokens.lazy.filter(\.isSpecial).map(\.id))
            let unknown = unknownID
            return (0..<Int32(count)).filter {
                $0 == unknown || special.contains($0) || tokenizer.token($0) == nil
            }
        }
    }

    /// The token that a text begins after: the end of a line, or where that is no token the commonest one.
    public var startID: Int32 {
        switch self {
        case .vocabulary(let tokenizer):
            tokenizer.lineBreakID ?? min(2, Int32(max(count, 1) - 1))
        case .pipeline: ((try? encode("\n")) ?? []).last ?? 0
        }
    }

    /// A writer that has written nothing.
    public var writer: RunningTextWriter { RunningTextWriter(self) }
}

/// Text from a language model's tokens, which come one by one; no character is ever split.
public struct RunningTextWriter: Sendable {
    private let tokenizer: RunningTokenizer
    private var stream: TokenTextStream?
    /// The last tokens: as many as what comes next can depend on.
    public private(set) var recent: [Int32] = []

    /// A character is at most four tokens, and a space at the begin is left out by some decoders.
    private static let memory = 8

    init(_ tokenizer: RunningTokenizer) {
        self.tokenizer = tokenizer
        if case .pipeline(let tokenizer) = tokenizer { stream = tokenizer.stream() }
    }

    /// Takes the next token; gives the text that is certain now, with a space before it where one belongs. Empty where a
    /// character is not yet whole.
    ///
    /// Throws ``PipelineError`` where a given tokenizer cannot decode.
    public mutating func append(_ id: Int32) throws -> String {
        defer { recent = recent.suffix(Self.memory - 1) + [id] }
        guard stream == nil else { return try stream!.append(id) ?? "" }
        guard case .vocabulary(let tokenizer) = tokenizer else { return "" }
        return tokenizer.text(of: id, after: recent.last)
    }

    /// Takes tokens whose text is known to the reader already.
    ///
    /// Throws ``PipelineError`` where a given tokenizer cannot decode.
    public mutating func skip(_ ids: [Int32]) throws {
        for id in ids.suffix(Self.memory) { _ = try append(id) }
    }
}

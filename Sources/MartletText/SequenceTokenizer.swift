/// What one side of pairs of texts is cut into.
public enum SequenceUnit: String, Sendable, Codable, CaseIterable {
    /// Every character, white space included.
    case character
    /// What stands between white space, as it is.
    case word
    /// Pieces of words, from byte-level byte pair encoding: any text comes back as it was.
    case subword
}

/// Cuts one side of pairs of texts into tokens, with one more token that stands where a sequence begins and ends.
///
/// That token is not in `tokenizer.json`: its number follows on those of the tokens there. What is read ends with it; what is
/// written begins after it, and ends with it.
public struct SequenceTokenizer: Sendable {
    /// Cuts texts.
    public let tokenizer: RunningTokenizer

    /// A tokenizer around one that was trained, or read.
    public init(_ tokenizer: RunningTokenizer) {
        self.tokenizer = tokenizer
    }

    /// A tokenizer for texts like `texts`.
    ///
    /// Characters and words that occur less than `minimumCount` times, and those that the `maximumSize` most frequent leave no
    /// room for, become the unknown token. Of subwords, pairs seen less often are not joined. Throws
    /// ``TokenizerTrainingError`` or ``PipelineError``.
    public static func train(
        on texts: [String], unit: SequenceUnit, minimumCount: Int = 1, maximumSize: Int = 30_000
    ) throws -> SequenceTokenizer {
        switch unit {
        case .character:
            SequenceTokenizer(
                .vocabulary(
                    .train(
                        on: texts, kind: .characters, minimumCount: minimumCount,
                        maximumSize: maximumSize)))
        case .word:
            SequenceTokenizer(
                .pipeline(
                    try words(
                        of: texts, minimumCount: minimumCount, maximumSize: maximumSize)))
        case .subword:
            SequenceTokenizer(
                try .train(
                    on: texts.joined(separator: "\n"), unit: .subword, minimumCount: minimumCount,
                    maximumSize: maximumSize))
        }
    }

    /// The words of texts, the frequent first, after the unknown one.
    private static func words(
        of texts: [String], minimumCount: Int, maximumSize: Int
    ) throws -> TokenizerPipeline {
        let known = Vocabulary(
            counting: texts.lazy.flatMap { text in
                text.unicodeScalars.split { $0.properties.isWhitespace }.map { String($0) }
            }, minimumCount: minimumCount, maximumSize: max(maximumSize, 2) + 1)
        let unknown = Vocabulary.unknownToken
        // Padding is none of them: batches are padded with the number of some token, which is not looked at.
        let model = try WordLevelModel(
            pieces: [unknown] + known.tokens.dropFirst(2), unknownToken: unknown)
        return try TokenizerPipeline(model: .wordLevel(model), preTokenizer: .whitespaceSplit)
    }

    /// The number of the token where a sequence begins and ends.
    public var boundaryID: Int32 { Int32(tokenizer.count) }

    /// The number of tokens, the boundary included.
    public var count: Int { tokenizer.count + 1 }

    /// The numbers of a text's tokens, and the boundary.
    ///
    /// Throws ``PipelineError`` where there is no token for a part of the text, not even an unknown one.
    public func encode(_ text: String) throws -> [Int32] {
        try tokenizer.encode(text) + [boundaryID]
    }

    /// The numbers of a text's tokens, and the boundary, where tokens that are not known can be copied: each different one gets a
    /// number of its own, from ``count`` on.
    ///
    /// - Parameters:
    ///   - words: those that have a number by now, the one of ``count`` first.
    ///   - adding: whether others get one, and are added; if not they are the unknown token.
    /// Throws ``PipelineError`` as ``encode(_:)``.
    public func encode(
        _ text: String, copying words: inout [String], adding: Bool
    ) throws -> [Int32] {
        let unknown = tokenizer.unknownID
        return try pieces(of: text).map { id, piece in
            guard id == unknown else { return id }
            if let place = words.firstIndex(of: piece) { return Int32(count + place) }
            guard adding else { return id }
            words.append(piece)
            return Int32(count + words.count - 1)
        } + [boundaryID]
    }

    /// The tokens of a text with what they stand for in it.
    private func pieces(of text: String) throws -> [(id: Int32, text: String)] {
        switch tokenizer {
        case .vocabulary(let tokenizer):
            return zip(tokenizer.encode(text), tokenizer.tokens(text)).map { ($0, $1) }
        case .pipeline(let tokenizer):
            let encoding = try tokenizer.encode(text, addSpecialTokens: false)
            let bytes = Array(text.utf8)
            return zip(encoding.ids, encoding.byteOffsets).map {
                ($0, String(decoding: bytes[$1], as: UTF8.self))
            }
        }
    }

    /// The text of tokens, up to the first boundary, some of which may be `words` that are not known, numbered from ``count`` on.
    ///
    /// Throws ``PipelineError`` where a given tokenizer cannot decode.
    public func decode(_ ids: [Int32], copying words: [String]) throws -> String {
        let text = ids.prefix { $0 != boundaryID }
        var parts: [String] = []
        var known: [Int32] = []
        for id in text {
            if id < count {
                known.append(id)
                continue
            }
            if !known.isEmpty { parts.append(try decode(known)) }
            known = []
            parts.append(words[Int(id) - count])
        }
        if !known.isEmpty { parts.append(try decode(known)) }
        if case .vocabulary = tokenizer { return parts.joined() }
        return parts.joined(separator: " ")
    }

    /// The text of tokens, up to the first boundary.
    ///
    /// Throws ``PipelineError`` where a given tokenizer cannot decode.
    public func decode(_ ids: [Int32]) throws -> String {
        let text = Array(ids.prefix { $0 != boundaryID })
        return switch tokenizer {
        case .vocabulary(let tokenizer): tokenizer.decode(text)
        case .pipeline(let tokenizer): try tokenizer.decode(text)
        }
    }

    /// The text of one token by itself; `⏎` for the boundary.
    ///
    /// - Parameter words: those that are not known, numbered from ``count`` on.
    /// Throws ``PipelineError`` where a given tokenizer cannot decode.
    public func label(_ id: Int32, copying words: [String] = []) throws -> String {
        id == boundaryID ? "⏎" : try decode([id], copying: words)
    }
}

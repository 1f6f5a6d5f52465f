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
    /// Throws ``PipelineError`` where a given tokenizer cannot decode.
    public func label(_ id: Int32) throws -> String {
        id == boundaryID ? "⏎" : try decode([id])
    }
}

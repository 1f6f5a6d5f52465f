/// What a running text is cut into, for a language model.
public enum TextUnit: String, Sendable, Codable, CaseIterable {
    /// Every character, white space and line breaks included: any text comes back as it was.
    case character
    /// Words, and the end of each line as a token of its own; in Chinese and Japanese, words learned from the text.
    case word
    /// Pieces of words, from byte-level byte pair encoding or a given `tokenizer.json`: any text comes back as it was.
    case subword
}

/// The end of a line as a token of a running text.
private let lineBreak = "\n"

extension Tokenizer {
    /// A tokenizer for running text like `text`, whose lines end with LF.
    ///
    /// Tokens that occur less than `minimumCount` times, and those that the `maximumSize` most frequent (with padding and
    /// unknown) leave no room for, become the unknown token. Subwords are learned by
    /// ``RunningTokenizer/train(on:unit:minimumCount:maximumSize:)``.
    public static func train(
        onRunningText text: String, unit: TextUnit, minimumCount: Int = 2,
        maximumSize: Int = 30_000
    ) -> Tokenizer {
        switch unit {
        case .character:
            return train(
                on: [text], kind: .characters, minimumCount: minimumCount,
                maximumSize: maximumSize)
        case .word:
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                .map(String.init)
            let words = train(
                on: lines, kind: isMostlyCJK(lines) ? .dictionary : .words,
                minimumCount: minimumCount, maximumSize: max(maximumSize - 1, 2))
            return Tokenizer(
                kind: words.kind,
                vocabulary: words.vocabulary.appending(lineBreak, count: lines.count))
        case .subword: preconditionFailure("Tokenizer: subwords are learned by RunningTokenizer")
        }
    }

    /// The numbers of the tokens of a running text, ends of lines included where they are tokens.
    public func encode(runningText text: String) -> [Int32] {
        guard kind != .characters, vocabulary.contains(lineBreak) else { return encode(text) }
        let end = vocabulary.id(of: lineBreak)
        var ids: [Int32] = []
        var isFirst = true
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if !isFirst { ids.append(end) }
            isFirst = false
            ids += encode(String(line))
        }
        return ids
    }

    /// The text of a token where it follows another one: with a space before it, if there must be one.
    public func text(of id: Int32, after previous: Int32?) -> String {
        let token = vocabulary.token(id)
        guard kind != .characters, let previous else { return token }
        let before = vocabulary.token(previous)
        if token == lineBreak || before == lineBreak { return token }
        return (Self.needsSpace(between: before, and: token) ? " " : "") + token
    }

    /// The number of the end of a line, if it is a token.
    public var lineBreakID: Int32? {
        vocabulary.contains(lineBreak) ? vocabulary.id(of: lineBreak) : nil
    }
}

extension Vocabulary {
    /// The same with one more token, unless it is known already.
    fileprivate func appending(_ token: String, count: Int) -> Vocabulary {
        guard !contains(token) else { return self }
        var table = table
        var token = token
        token.withUTF8 { _ = table.insert($0) }
        return Vocabulary(table: table, counts: counts + [count])
    }
}

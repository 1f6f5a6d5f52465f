#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Words and how often each was seen in a corpus: all that a ``DictionarySegmenter`` knows.
///
/// As a file, a line is a word, a space and its count, the frequent first; what follows (a part of speech, as jieba's
/// dictionaries have it) is not read.
public struct WordDictionary: Sendable {
    /// The words with their counts, by falling count, then by their UTF-8.
    public let words: [(word: String, count: Int)]
    /// The sum of all counts.
    public let total: Int

    /// A dictionary of words that were counted.
    public init(_ counts: WordCounts) {
        words = (0..<counts.count).map {
            (String(decoding: counts.word($0), as: UTF8.self), counts.count(of: $0))
        }.sorted {
            $0.count != $1.count
                ? $0.count > $1.count : $0.word.utf8.lexicographicallyPrecedes($1.word.utf8)
        }
        total = counts.total
    }

    /// A dictionary of words with their counts.
    public init(_ words: some Sequence<(String, Int)>) {
        self.init(WordCounts(words))
    }

    /// Reads a file of words, each with its count or alone, which counts once.
    ///
    /// Throws ``TokenizerTrainingError`` for a file that cannot be read or is not UTF-8, and for a line that is neither.
    public init(contentsOf path: String) throws {
        var words: [(String, Int)] = []
        var reader = try CorpusReader([path], blockSize: 1 << 20)
        var line = 0
        while let block = try reader.next() {
            if let invalid = block.invalidByte(path: path, linesBefore: line) { throw invalid }
            var lines = block.bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            for bytes in lines {
                line += 1
                if let word = try Self.word(bytes, path, line) { words.append(word) }
            }
        }
        self.init(words)
    }

    private static func word(
        _ line: ArraySlice<UInt8>, _ path: String, _ number: Int
    ) throws(TokenizerTrainingError) -> (String, Int)? {
        let fields = String(decoding: line, as: UTF8.self).split { $0.isWhitespace }
        guard let word = fields.first else { return nil }
        guard fields.count > 1 else { return (String(word), 1) }
        guard fields.count <= 3 else {
            throw .wordList(
                path: path, line: number, reason: "\(fields.count) fields, expected 1 to 3")
        }
        guard let count = Int(fields[1]), (0..<1 << 40).contains(count) else {
            throw .wordList(
                path: path, line: number,
                reason: "\"\(fields[1])\" is not a count (a whole number from 0 to 2^40)")
        }
        return (String(word), count)
    }

    /// Writes the words to a file, at once or not at all.
    ///
    /// Throws ``TokenizerError/unwritable(path:reason:)``.
    public func save(to path: String) throws {
        let text = words.map { "\($0.word) \($0.count)\n" }.joined()
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw TokenizerError.unwritable(path: path, reason: Tokenizer.reason(error))
        }
    }

    /// Splits a line of a segmented corpus at its white space: for ``CorpusCounter``.
    public static let splitter: CorpusCounter.Splitter = { line, word in
        var start = 0
        for place in 0...line.count {
            let isSpace = place == line.count || line[place] <= 0x20
            guard isSpace else { continue }
            if place > start { word(UnsafeBufferPointer(rebasing: line[start..<place])) }
            start = place + 1
        }
    }
}

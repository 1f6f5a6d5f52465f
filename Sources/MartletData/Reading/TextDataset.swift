import Crypto

/// A text and its label.
public struct TextExample: Sendable, Equatable {
    /// The text.
    public var text: String
    /// The place of its label in ``TextDataset/labels``.
    public var label: Int

    /// An example of these.
    public init(text: String, label: Int) {
        self.text = text
        self.label = label
    }
}

/// The names of the columns of a CSV or TSV file, or of the keys of a JSONL file.
public struct TextColumns: Sendable, Codable, Equatable {
    /// The column with the texts.
    public var text: String
    /// The column with the labels.
    public var label: String

    /// Columns of these names.
    public init(text: String = "text", label: String = "label") {
        self.text = text
        self.label = label
    }
}

/// Labelled texts, cleaned, in an order that depends on the texts alone.
///
/// Texts are trimmed; empty ones, duplicates, and those that carry different labels are dropped. What remains is
/// ordered by the SHA-256 of the UTF-8 text, so that anyone can repeat ``split()``.
public struct TextDataset: Sendable {
    /// What was read and what was dropped.
    public struct Summary: Sendable, Codable, Equatable {
        /// Texts read.
        public var read = 0
        /// Dropped because nothing was in them.
        public var empty = 0
        /// Dropped because the same text came before.
        public var duplicates = 0
        /// Dropped because the same text has different labels.
        public var conflicting = 0
        /// Texts kept.
        public var kept = 0
        /// Texts kept of each label.
        public var perLabel: [String: Int] = [:]

        enum CodingKeys: String, CodingKey {
            case read, empty, duplicates, conflicting, kept
            case perLabel = "per_label"
        }
    }

    /// Where the texts come from.
    public let source: String
    /// The labels: of a folder negative, then positive; else in alphabetical order.
    public let labels: [String]
    /// The texts, by their SHA-256.
    public let examples: [TextExample]
    /// What was read and what was dropped.
    public let summary: Summary
    /// The SHA-256 of all examples in order, in hexadecimal: equal for equal data.
    public let sha256: String

    /// Reads labelled texts.
    ///
    /// - Parameters:
    ///   - path: a folder with `pos.txt` and `neg.txt`, a text a line; or a `.csv`, `.tsv` or `.jsonl` file.
    ///   - columns: where such a file has texts and labels.
    ///   - labels: the labels there may be (of a folder: negative, then positive); nil: the data's own.
    /// - Throws: ``DataError`` with file and line.
    public static func read(
        _ path: String, columns: TextColumns = TextColumns(), labels: [String]? = nil
    ) throws(DataError) -> TextDataset {
        let (texts, known) = try LabelledSource.read(path, columns: columns, labels: labels)
        return try TextDataset(path, texts, known)
    }

    private init(
        _ path: String, _ texts: [LabelledSource.Text], _ known: [String]?
    ) throws(DataError) {
        var summary = Summary()
        summary.read = texts.count
        var first: [[UInt8]: (label: String, isConflicting: Bool)] = [:]
        for text in texts {
            if text.trimmed.isEmpty {
                summary.empty += 1
            } else if let seen = first[text.trimmed] {
                summary.duplicates += 1
                if seen.label != text.label { first[text.trimmed] = (seen.label, true) }
            } else {
                first[text.trimmed] = (text.label, false)
            }
        }
        let usable = first.filter { !$0.value.isConflicting }
        guard !usable.isEmpty else {
            throw DataError(
                path,
                first.isEmpty
                    ? "has no texts; give labelled ones"
                    : "has no usable text: \(summary.read) read, none kept")
        }
        // Of a text that is dropped, which label came first depends on the file's order.
        let labels = known ?? Set(usable.values.map(\.label)).sorted()
        guard (2...1000).contains(labels.count) else {
            throw DataError(
                path,
                labels.count == 1
                    ? "has one label only, \(labels[0]): expected 2 … 1000 different ones"
                    : "has \(labels.count) different labels (\(labels.prefix(3).joined(separator: ", "))…): expected 2 … 1000"
            )
        }
        let places = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var kept: [(digest: [UInt8], text: [UInt8], label: Int)] = []
        for (text, seen) in usable {
            kept.append((Array(SHA256.hash(data: text)), text, places[seen.label]!))
        }
        summary.conflicting = first.count - usable.count
        kept.sort { $0.digest.lexicographicallyPrecedes($1.digest) }
        summary.kept = kept.count
        for label in labels { summary.perLabel[label] = 0 }
        var hash = SHA256()
        for (_, text, label) in kept {
            summary.perLabel[labels[label]]! += 1
            // A length before each part, so that no two data sets can look the same.
            hash.update(
                data: Array("\(labels[label].utf8.count) \(labels[label]) \(text.count) ".utf8))
            hash.update(data: text)
        }
        source = path
        self.labels = labels
        examples = kept.map {
            TextExample(text: String(decoding: $0.text, as: UTF8.self), label: $0.label)
        }
        self.summary = summary
        sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// The first tenth for testing, the next for validation, the rest for training.
    public func split() -> DataSplit {
        let tenth = examples.count / 10
        return DataSplit(
            training: Array(examples[(2 * tenth)...]),
            validation: Array(examples[tenth..<2 * tenth]),
            test: Array(examples[..<tenth]))
    }
}

/// Examples to learn from, to choose by, and to judge by.
public struct DataSplit: Sendable {
    /// The examples to learn from.
    public var training: [TextExample]
    /// The examples that choose the best epoch and options.
    public var validation: [TextExample]
    /// The examples that only the last judgement sees.
    public var test: [TextExample]
}

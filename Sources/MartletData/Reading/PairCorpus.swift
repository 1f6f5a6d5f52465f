import Crypto
import MartletTensor
import MartletText

/// Pairs of texts, such as sentences and their translations, in the order of their file.
///
/// White space at the ends of a text is left out, and so is a pair that came before. One source may have several targets.
public struct PairCorpus: Sendable {
    /// Where the pairs come from.
    public let source: String
    /// The pairs, each once.
    public let pairs: [TextPair]
    /// Pairs that were read.
    public let read: Int
    /// The SHA-256 of all pairs in order, in hexadecimal.
    public let sha256: String

    /// Pairs that came before.
    public var duplicates: Int { read - pairs.count }

    /// A corpus of pairs; those that came before are left out.
    public init(source: String, pairs: [TextPair]) {
        var seen: Set<TextPair> = []
        let kept = pairs.filter { seen.insert($0).inserted }
        var hash = SHA256()
        for pair in kept {
            // A length before each text, so that no two corpora can look the same.
            for text in [pair.source, pair.target] {
                hash.update(data: Array("\(text.utf8.count) ".utf8) + Array(text.utf8))
            }
        }
        self.source = source
        self.pairs = kept
        read = pairs.count
        sha256 = hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Reads a file of pairs.
    ///
    /// - Parameters:
    ///   - path: a `.jsonl` (or `.ndjson`) file with an object a line, or any other file with two texts a line and a tab
    ///     between them. Empty lines are passed over.
    ///   - keys: where such an object has the texts.
    /// - Throws: ``DataError`` with file and line: for a line with more or fewer than two columns, a text of nothing, an object
    ///   without a key, bytes that are no UTF-8, and for a file without pairs.
    public static func read(
        _ path: String, keys: PairKeys = PairKeys()
    ) throws(DataError) -> PairCorpus {
        let file = try TextFile(path)
        let isJSON = ["jsonl", "ndjson"].contains(TextFile.suffix(of: path))
        var pairs: [TextPair] = []
        for (index, line) in file.lines.enumerated() where !line.allSatisfy({ $0 == 0x20 }) {
            let texts =
                isJSON
                ? try object(line, keys, path, index + 1) : try columns(line, path, index + 1)
            let names = isJSON ? [keys.source, keys.target] : ["first column", "second column"]
            let trimmed = texts.map { LabelledSource.trimmed($0) }
            if let empty = trimmed.firstIndex(where: \.isEmpty) {
                throw DataError(
                    path, line: index + 1,
                    "the \(isJSON ? "text of \"\(names[empty])\"" : names[empty]) is empty: expected a text on both sides; fill it in, or remove the line"
                )
            }
            pairs.append(
                TextPair(
                    source: String(decoding: trimmed[0], as: UTF8.self),
                    target: String(decoding: trimmed[1], as: UTF8.self)))
        }
        guard !pairs.isEmpty else {
            throw DataError(
                path,
                "has no pairs: expected two texts a line with a tab between them, or in a .jsonl file an object a line"
            )
        }
        return PairCorpus(source: path, pairs: pairs)
    }

    /// The texts of a line with a tab between them.
    private static func columns(
        _ line: ArraySlice<UInt8>, _ path: String, _ number: Int
    ) throws(DataError) -> [ArraySlice<UInt8>] {
        let texts = line.split(separator: 0x09, omittingEmptySubsequences: false)
        guard texts.count == 2 else {
            throw DataError(
                path, line: number,
                "has \(texts.count) column\(texts.count == 1 ? "" : "s"): expected 2, with one tab between what is read and what is written"
            )
        }
        return texts
    }

    /// The texts of a line that is an object.
    private static func object(
        _ line: ArraySlice<UInt8>, _ keys: PairKeys, _ path: String, _ number: Int
    ) throws(DataError) -> [ArraySlice<UInt8>] {
        var found: (source: String?, target: String?)
        do {
            found = try line.withUnsafeBufferPointer { bytes in
                var reader = JSONReader(bytes)
                var found: (source: String?, target: String?)
                try reader.object { (key, reader) throws(JSONReaderError) in
                    if key == keys.source {
                        found.source = try reader.string()
                    } else if key == keys.target {
                        found.target = try reader.string()
                    } else {
                        try reader.skipValue()
                    }
                }
                try reader.expectEnd()
                return found
            }
        } catch let error as JSONReaderError {
            throw DataError(
                path, line: number,
                "byte \(error.offset + 1): \(error.reason): expected an object such as {\"\(keys.source)\": \"…\", \"\(keys.target)\": \"…\"}"
            )
        } catch {
            throw DataError(path, line: number, "\(error)")
        }
        guard let source = found.source, let target = found.target else {
            throw DataError(
                path, line: number,
                "the object has no \"\(found.source == nil ? keys.source : keys.target)\"; choose the keys with --source-key and --target-key"
            )
        }
        return [Array(source.utf8)[...], Array(target.utf8)[...]]
    }

    /// A tenth of the sources for testing, a tenth for validation, the rest for training, in an order that follows from the
    /// seed.
    ///
    /// All targets of a source are in one part, so that nothing is tested that was learned from.
    public func split(seed: UInt64) -> PairSplit {
        var places: [String: Int] = [:]
        var groups: [[TextPair]] = []
        for pair in pairs {
            if let place = places[pair.source] {
                groups[place].append(pair)
            } else {
                places[pair.source] = groups.count
                groups.append([pair])
            }
        }
        var random = RandomGenerator(seed: seed, stream: Self.stream)
        let order = random.permutation(groups.count)
        let tenth = groups.count / 10
        func part(_ range: Range<Int>) -> [TextPair] {
            order[range].flatMap { groups[$0] }
        }
        return PairSplit(
            training: part(2 * tenth..<groups.count), validation: part(tenth..<2 * tenth),
            test: part(0..<tenth))
    }

    /// Keeps these random numbers apart from the others of the same seed.
    private static let stream: UInt64 = 1 << 60
}

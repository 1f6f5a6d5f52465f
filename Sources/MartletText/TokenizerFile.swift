#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

// The file is a JSON object:
//
//     {"version": 1, "type": "dictionary", "tokens": ["<pad>", "<unk>", …], "counts": [0, 0, …]}
//
// A token's number is its place in `tokens`; `counts` says how often it was seen in training, from
// which a dictionary's segmentation follows. If n-grams have numbers, `"longest_ngram"` and `"ngrams"`
// (each the array of its tokens' numbers, numbered from 1) say which. Keys not known are passed over.
extension Tokenizer {
    private static let version = 1

    /// The content of `tokenizer.json`, the same bytes for an equal tokenizer.
    public var jsonData: Data {
        var json: [UInt8] = Array(
            "{\n\"version\": \(Self.version),\n\"type\": \"\(kind.rawValue)\",\n\"tokens\": [".utf8)
        for index in 0..<vocabulary.count {
            json.append(contentsOf: index == 0 ? [0x0A] : [0x2C, 0x0A])
            Self.append(vocabulary.table[index], to: &json)
        }
        json.append(contentsOf: "\n],\n\"counts\": [".utf8)
        for (index, count) in vocabulary.counts.enumerated() {
            json.append(contentsOf: index == 0 ? [] : [0x2C])
            json.append(contentsOf: String(count).utf8)
        }
        json.append(contentsOf: "]".utf8)
        if let nGrams {
            json.append(contentsOf: ",\n\"longest_ngram\": \(nGrams.longest),\n\"ngrams\": [".utf8)
            for (index, nGram) in nGrams.nGrams.enumerated() {
                json.append(contentsOf: index == 0 ? [0x0A] : [0x2C, 0x0A])
                let numbers = nGram.map { String($0) }.joined(separator: ",")
                json.append(contentsOf: "[\(numbers)]".utf8)
            }
            json.append(contentsOf: "\n]".utf8)
        }
        json.append(contentsOf: "\n}\n".utf8)
        return Data(json)
    }

    /// Writes `tokenizer.json` to `path`, at once or not at all.
    ///
    /// Throws ``TokenizerError/unwritable(path:reason:)``.
    public func save(to path: String) throws {
        do {
            try jsonData.write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw TokenizerError.unwritable(path: path, reason: Self.reason(error))
        }
    }

    /// The tokenizer that was saved to `path`.
    ///
    /// Throws a ``TokenizerError`` that names the file when it is missing or damaged.
    public init(contentsOf path: String) throws {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path))
        } catch {
            throw TokenizerError.unreadable(path: path, reason: Self.reason(error))
        }
        try self.init(jsonData: data, path: path)
    }

    /// The tokenizer of the content of a `tokenizer.json`; errors name `path`.
    public init(jsonData data: Data, path: String = "tokenizer.json") throws {
        do {
            self = try data.withUnsafeBytes { try Self.read($0.bindMemory(to: UInt8.self)) }
        } catch let error as JSONReaderError {
            throw TokenizerError.damaged(path: path, reason: error.reason, offset: error.offset)
        }
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>
    ) throws(JSONReaderError) -> Tokenizer {
        if let place = firstInvalidUTF8(bytes) {
            throw JSONReaderError(reason: "not UTF-8", offset: place)
        }
        var reader = JSONReader(bytes)
        var seen: Set<String> = []
        var kind: TokenizerKind?
        var version: Int?
        // A token takes about six bytes of the file with its quotes; room for all avoids growing.
        var table = ByteStringTable(capacity: min(bytes.count / 16, 1 << 20))
        var counts: [Int] = []
        var longest: Int?
        var nGrams: [[Int32]]?
        try reader.object { (key, reader) throws(JSONReaderError) in
            guard seen.insert(key).inserted else {
                throw reader.failure("\"\(key)\" occurs twice")
            }
            switch key {
            case "type": kind = try Self.kind(&reader)
            case "version": version = try reader.integer()
            case "tokens":
                try reader.array { (reader) throws(JSONReaderError) in
                    var isNew = true
                    try reader.string { isNew = table.insert($0).isNew }
                    if !isNew { throw reader.failure("a token occurs twice") }
                }
            case "counts":
                try reader.array { (reader) throws(JSONReaderError) in
                    let count = try reader.integer()
                    // Less than 2^40, so that sums of counts cannot overflow.
                    guard (0..<1 << 40).contains(count) else {
                        throw reader.failure("count \(count) is out of range")
                    }
                    counts.append(count)
                }
            case "longest_ngram": longest = try reader.integer()
            case "ngrams": nGrams = try Self.nGrams(&reader)
            default: try reader.skipValue()
            }
        }
        try reader.expectEnd()
        guard version == Self.version else {
            let found = version.map(String.init) ?? "none"
            throw reader.failure("version is \(found), expected \(Self.version)")
        }
        guard let kind else { throw reader.failure("no type") }
        guard counts.count == table.count else {
            throw reader.failure("\(table.count) tokens, but \(counts.count) counts")
        }
        guard table.count >= 2, table.text(0) == Vocabulary.paddingToken,
            table.text(1) == Vocabulary.unknownToken
        else {
            throw reader.failure(
                "the first tokens are not \(Vocabulary.paddingToken), \(Vocabulary.unknownToken)")
        }
        let vocabulary = Vocabulary(table: table, counts: counts)
        guard let nGrams else { return Tokenizer(kind: kind, vocabulary: vocabulary) }
        guard nGrams.allSatisfy({ $0.allSatisfy { $0 < Int32(table.count) } }),
            let known = NGramVocabulary(longest: longest ?? 0, nGrams: nGrams)
        else {
            throw reader.failure("the n-grams do not fit the tokens, or longest_ngram, or repeat")
        }
        return Tokenizer(kind: kind, vocabulary: vocabulary, nGrams: known)
    }

    private static func nGrams(_ reader: inout JSONReader) throws(JSONReaderError) -> [[Int32]] {
        var nGrams: [[Int32]] = []
        try reader.array { (reader) throws(JSONReaderError) in
            var tokens: [Int32] = []
            try reader.array { (reader) throws(JSONReaderError) in
                let token = try reader.integer()
                guard let token = Int32(exactly: token), token >= 0 else {
                    throw reader.failure("token \(token) is out of range")
                }
                tokens.append(token)
            }
            nGrams.append(tokens)
        }
        return nGrams
    }

    private static func kind(_ reader: inout JSONReader) throws(JSONReaderError) -> TokenizerKind {
        let name = try reader.string()
        guard let kind = TokenizerKind(rawValue: name), kind != .automatic else {
            throw reader.failure("type \"\(name)\" is not one of characters, words, dictionary")
        }
        return kind
    }

    private static func append(_ token: ArraySlice<UInt8>, to json: inout [UInt8]) {
        json.append(0x22)
        for byte in token {
            switch byte {
            case 0x22, 0x5C: json.append(contentsOf: [0x5C, byte])
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                json.append(contentsOf: "\\u\(digits.count == 1 ? "000" : "00")\(digits)".utf8)
            default: json.append(byte)
            }
        }
        json.append(0x22)
    }

    /// Why a file could not be read or written, in a few words.
    static func reason(_ error: any Error) -> String {
        switch (error as? CocoaError)?.code {
        case .some(.fileReadNoSuchFile), .some(.fileNoSuchFile): "no such file or folder"
        case .some(.fileReadNoPermission), .some(.fileWriteNoPermission): "no permission"
        case .some(.fileWriteOutOfSpace): "no space left on the device"
        default: isFolder(error) ? "is a folder" : "\(error)"
        }
    }

    private static func isFolder(_ error: any Error) -> Bool {
        let cause = (error as? CocoaError)?.userInfo["NSUnderlyingError"] as? POSIXError
        return cause?.code == .EISDIR
    }
}

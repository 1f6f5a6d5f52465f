/// Reads the `model` of `tokenizer.json`: the vocabulary piece by piece, without a tree.
struct ModelReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private var reader: JSONReader
    private let start: Int
    private var small: [String: JSONValue] = [:]
    private var table: PieceTable?
    private var scores: [Double]?
    /// Where the merges stand, which are read when the pieces are known.
    private var mergesPlace: Int?
    private var merges: MergeTable?

    /// A reader of the value that begins at `start`.
    init(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
        self.bytes = bytes
        self.start = start
        reader = JSONReader(UnsafeBufferPointer(rebasing: bytes[start...]))
    }

    /// The model, and where it ends.
    ///
    /// Throws `JSONReaderError` with a byte of the whole file, or ``PipelineError``.
    static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, at start: Int
    ) throws -> (model: TokenModel, end: Int) {
        var model = ModelReader(bytes, at: start)
        do {
            try model.members()
            let end = start + model.reader.offset
            return (try model.build(), end)
        } catch var error as JSONReaderError {
            error.offset += start
            throw error
        }
    }

    private mutating func members() throws {
        try reader.expect("{")
        if reader.peek() == 0x7D { return try reader.expect("}") }
        while true {
            let key = try reader.string()
            try reader.expect(":")
            switch key {
            case "vocab":
                // Merges are of the pieces that were read last.
                merges = nil
                if reader.peek() == 0x7B {
                    scores = nil
                    table = try PieceTable.read(&reader)
                } else {
                    try scoredPieces()
                }
            case "merges":
                mergesPlace = reader.offset
                // Usually the pieces and the prefix stand before, and the merges can be read on the way.
                if let table, small["continuing_subword_prefix"] != nil {
                    var builder = MergeTable.Builder(
                        table: table, options: try options(part), capacity: table.count)
                    try Self.read(&reader, into: &builder)
                    merges = builder.finish()
                } else {
                    try reader.skipValue()
                }
            default: small[key] = try JSONValue.read(&reader)
            }
            guard reader.peek() == 0x2C else { return try reader.expect("}") }
            try reader.expect(",")
        }
    }

    /// `[["piece", score], …]`.
    private mutating func scoredPieces() throws {
        var builder = PieceTable.Builder(capacity: 1 << 12, isRepeatable: true)
        var scores: [Double] = []
        var piece: ContiguousArray<UInt8> = []
        try reader.expect("[")
        var isEnded = reader.peek() == 0x5D
        while !isEnded {
            piece.removeAll(keepingCapacity: true)
            try reader.expect("[")
            try reader.string { piece.append(contentsOf: $0) }
            try reader.expect(",")
            guard let score = Double(try reader.number()) else {
                throw reader.failure("expected a number")
            }
            try reader.expect("]")
            try piece.withUnsafeBufferPointer { try builder.add($0, id: scores.count) }
            scores.append(score)
            isEnded = reader.peek() != 0x2C
            if !isEnded { try reader.expect(",") }
        }
        try reader.expect("]")
        self.scores = scores
        table = try builder.finish()
    }

    /// The members but the large ones.
    private var part: JSONPart { JSONPart(value: .object(small), name: "model") }

    /// What the model is called, or must be by what it has.
    private func type() throws -> String {
        if let type = small["type"] { return try JSONPart(value: type, name: "model.type").text() }
        if mergesPlace != nil { return "BPE" }
        if scores != nil { return "Unigram" }
        return small["continuing_subword_prefix"] != nil ? "WordPiece" : "WordLevel"
    }

    private func build() throws -> TokenModel {
        let part = part
        let type = try type()
        guard ["BPE", "Unigram", "WordPiece", "WordLevel"].contains(type) else {
            throw PipelineError.unsupported(part: "model", reason: "the type \"\(type)\"")
        }
        guard let table else {
            throw PipelineError.invalid(part: "model", reason: "\"vocab\" is missing")
        }
        guard (scores != nil) == (type == "Unigram") else {
            throw PipelineError.invalid(
                part: "model.vocab",
                reason: type == "Unigram"
                    ? "expected a list of pieces with scores, found pieces with numbers"
                    : "expected pieces with numbers, found a list")
        }
        switch type {
        case "BPE": return .bytePair(try bytePair(table, part))
        case "Unigram":
            return .unigram(
                try UnigramModel(
                    table: table, scores: scores!, unknownID: try part["unk_id"]?.id(),
                    hasByteFallback: try part["byte_fallback"]?.flag() ?? false))
        case "WordPiece":
            return .wordPiece(
                WordPieceModel(
                    table: table, unknownToken: try part.required("unk_token").text(),
                    continuingPrefix: try part["continuing_subword_prefix"]?.text() ?? "##",
                    maximumCharactersPerWord: try part["max_input_chars_per_word"]?.count() ?? 100)
            )
        default:
            return .wordLevel(
                WordLevelModel(table: table, unknownToken: try part.required("unk_token").text()))
        }
    }

    private func options(_ part: JSONPart) throws -> BytePairModel.Options {
        BytePairModel.Options(
            dropout: try part["dropout"].map { Float(try $0.double()) },
            unknownToken: try part["unk_token"]?.text(),
            continuingPrefix: try part["continuing_subword_prefix"]?.text(),
            endOfWordSuffix: try part["end_of_word_suffix"]?.text(),
            fusesUnknown: try part["fuse_unk"]?.flag() ?? false,
            hasByteFallback: try part["byte_fallback"]?.flag() ?? false,
            ignoresMerges: try part["ignore_merges"]?.flag() ?? false)
    }

    private func bytePair(_ table: PieceTable, _ part: JSONPart) throws -> BytePairModel {
        let options = try options(part)
        if let merges { return try BytePairModel(table: table, merges: merges, options: options) }
        guard let mergesPlace else {
            throw PipelineError.invalid(part: "model", reason: "\"merges\" is missing")
        }
        var merges = JSONReader(UnsafeBufferPointer(rebasing: bytes[(start + mergesPlace)...]))
        var builder = MergeTable.Builder(table: table, options: options, capacity: 1 << 12)
        do {
            try Self.read(&merges, into: &builder)
        } catch var error as JSONReaderError {
            error.offset += mergesPlace
            throw error
        }
        return try BytePairModel(table: table, merges: builder.finish(), options: options)
    }

    /// `["a b", …]` or `[["a", "b"], …]`.
    private static func read(
        _ reader: inout JSONReader, into merges: inout MergeTable.Builder
    ) throws {
        var merge: ContiguousArray<UInt8> = []
        try reader.expect("[")
        var isEnded = reader.peek() == 0x5D
        var number = 0
        while !isEnded {
            merge.removeAll(keepingCapacity: true)
            var split: Int?
            if reader.peek() == 0x5B {
                try reader.expect("[")
                try reader.string { merge.append(contentsOf: $0) }
                split = merge.count
                merge.append(0x20)
                try reader.expect(",")
                try reader.string { merge.append(contentsOf: $0) }
                try reader.expect("]")
            } else {
                try reader.string { merge.append(contentsOf: $0) }
                if !merge.starts(with: "#version".utf8) {
                    split = merge.firstIndex(of: 0x20)
                    guard let split, !merge[(split + 1)...].contains(0x20) else {
                        throw PipelineError.invalid(
                            part: "model.merges[\(number)]",
                            reason: "expected two pieces and one space between them, found "
                                + "\"\(String(decoding: merge.prefix(64), as: UTF8.self))\"")
                    }
                }
            }
            if let split {
                try merge.withUnsafeBufferPointer { merge in
                    try merges.add(
                        UnsafeBufferPointer(rebasing: merge[..<split]),
                        UnsafeBufferPointer(rebasing: merge[(split + 1)...]))
                }
            }
            number += 1
            isEnded = reader.peek() != 0x2C
            if !isEnded { try reader.expect(",") }
        }
        try reader.expect("]")
    }
}

extension PieceTable {
    /// Reads `{"piece": number, …}`.
    ///
    /// Throws `JSONReaderError`, or ``PipelineError/invalid(part:reason:)`` where a piece or a number occurs twice.
    static func read(_ reader: inout JSONReader) throws -> PieceTable {
        var builder = Builder(capacity: 1 << 12)
        var piece: ContiguousArray<UInt8> = []
        try reader.expect("{")
        var isEnded = reader.peek() == 0x7D
        while !isEnded {
            piece.removeAll(keepingCapacity: true)
            try reader.string { piece.append(contentsOf: $0) }
            try reader.expect(":")
            let id = try reader.integer()
            try piece.withUnsafeBufferPointer { try builder.add($0, id: id) }
            isEnded = reader.peek() != 0x2C
            if !isEnded { try reader.expect(",") }
        }
        try reader.expect("}")
        return try builder.finish()
    }
}

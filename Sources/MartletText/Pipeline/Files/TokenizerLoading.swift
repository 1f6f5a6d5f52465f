extension TokenizerPipeline {
    /// A tokenizer from a file, or from the folder of a model.
    ///
    /// Files: `tokenizer.json`, SentencePiece's `tokenizer.model`, tiktoken's `NAME.tiktoken`, BERT's `vocab.txt`, GPT-2's
    /// `vocab.json` with `merges.txt` beside it. In a folder the first of these that is there is taken. Throws
    /// ``PipelineError``.
    public init(path: String) throws {
        guard !FileBytes.isFolder(path) else {
            self = try TokenizerPipeline(folder: path)
            return
        }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        let bytes = try FileBytes.read(path)
        if name.hasSuffix(".model") {
            self = try SentencePieceFile(bytes, path: path).tokenizer()
        } else if name.hasSuffix(".tiktoken") {
            self = try RankFile.tokenizer(bytes, path: path)
        } else if name.hasSuffix(".txt") {
            self = try Self.bert(vocabulary: bytes, path: path)
        } else if name == "vocab.json" || name == "encoder.json" {
            let folder = path.dropLast(name.utf8.count)
            let names = name == "vocab.json" ? ["merges.txt"] : ["vocab.bpe", "merges.txt"]
            guard let merges = names.map({ "\(folder)\($0)" }).first(where: FileBytes.exists) else {
                throw PipelineError.unreadable(
                    path: "\(folder)\(names[0])", reason: "no such file, but \(name) needs it")
            }
            self = try Self.gpt2(
                vocabulary: bytes, vocabularyPath: path, merges: try FileBytes.read(merges),
                mergesPath: merges)
        } else {
            self = try TokenizerPipeline(json: bytes, path: path)
        }
    }

    private init(folder: String) throws {
        let names = try FileBytes.names(in: folder)
        let known = [
            "tokenizer.json", "tokenizer.model", "spiece.model", "vocab.json", "encoder.json",
        ]
        let ranks = names.filter { $0.hasSuffix(".tiktoken") }
        let found =
            known.first(where: names.contains) ?? (ranks.count == 1 ? ranks[0] : nil)
            ?? (names.contains("vocab.txt") ? "vocab.txt" : nil)
        guard let found else {
            throw PipelineError.unreadable(path: folder, reason: "there is no tokenizer in it")
        }
        self = try TokenizerPipeline(path: "\(folder)/\(found)")
    }

    /// BERT's tokenizer from its vocabulary, a piece a line.
    ///
    /// It is for lower case if no piece has an upper-case letter of ASCII but the special ones. Throws ``PipelineError``.
    public static func bert(vocabulary bytes: [UInt8], path: String) throws -> TokenizerPipeline {
        if let offset = bytes.withUnsafeBufferPointer({ firstInvalidUTF8($0) }) {
            throw PipelineError.damaged(path: path, reason: "not UTF-8", offset: offset)
        }
        var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        if lines.last?.isEmpty ?? false { lines.removeLast() }
        let pieces = lines.map { line in
            var line = line
            while let last = line.last, last == 0x0D || last == 0x20 || last == 0x09 {
                line.removeLast()
            }
            return String(decoding: line, as: UTF8.self)
        }
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        let numbers = Dictionary(
            pieces.enumerated().map { ($1, Int32($0)) }, uniquingKeysWith: { $1 })
        guard let start = numbers["[CLS]"], let separator = numbers["[SEP]"],
            numbers["[UNK]"] != nil
        else {
            throw PipelineError.damaged(
                path: path, reason: "no vocabulary of BERT: [CLS], [SEP] or [UNK] is missing",
                offset: nil)
        }
        let hasUpper = pieces.contains { piece in
            !special.contains(piece) && !piece.hasPrefix("[")
                && piece.utf8.contains { (0x41...0x5A).contains($0) }
        }
        let template = try TokenTemplate(
            single: [
                .special("[CLS]", typeID: 0), .first(typeID: 0), .special("[SEP]", typeID: 0),
            ],
            pair: [
                .special("[CLS]", typeID: 0), .first(typeID: 0), .special("[SEP]", typeID: 0),
                .second(typeID: 1), .special("[SEP]", typeID: 1),
            ],
            specialTokens: [
                TokenTemplate.Special(name: "[CLS]", ids: [start], tokens: ["[CLS]"]),
                TokenTemplate.Special(name: "[SEP]", ids: [separator], tokens: ["[SEP]"]),
            ])
        do {
            return try TokenizerPipeline(
                model: .wordPiece(try WordPieceModel(pieces: pieces)),
                normalizer: .bert(
                    cleanText: true, handleChineseCharacters: true, stripAccents: nil,
                    lowercase: !hasUpper), preTokenizer: .bert, postProcessor: .template(template),
                decoder: .wordPiece(prefix: "##", cleansUp: true),
                addedTokens: special.compactMap { content in
                    numbers[content].map { AddedToken(id: $0, content: content, isSpecial: true) }
                })
        } catch PipelineError.invalid(let part, let reason) {
            throw PipelineError.damaged(path: path, reason: "\(part): \(reason)", offset: nil)
        }
    }

    /// GPT-2's tokenizer from its two files: pieces with their numbers, and merges, a pair a line.
    ///
    /// Throws ``PipelineError``.
    public static func gpt2(
        vocabulary: [UInt8], vocabularyPath: String, merges: [UInt8], mergesPath: String
    ) throws -> TokenizerPipeline {
        for (bytes, path) in [(vocabulary, vocabularyPath), (merges, mergesPath)] {
            if let offset = bytes.withUnsafeBufferPointer({ firstInvalidUTF8($0) }) {
                throw PipelineError.damaged(path: path, reason: "not UTF-8", offset: offset)
            }
        }
        let table: PieceTable
        do {
            table = try vocabulary.withUnsafeBufferPointer { bytes in
                var reader = JSONReader(bytes)
                let table = try PieceTable.read(&reader)
                try reader.expectEnd()
                return table
            }
        } catch let error as JSONReaderError {
            throw PipelineError.damaged(
                path: vocabularyPath, reason: error.reason, offset: error.offset)
        } catch PipelineError.invalid(_, let reason) {
            throw PipelineError.damaged(path: vocabularyPath, reason: reason, offset: nil)
        }
        var builder = MergeTable.Builder(table: table, options: BytePairModel.Options())
        for (number, line) in merges.split(separator: 0x0A).enumerated() {
            if line.starts(with: "#version".utf8) { continue }
            var parts = line.split(separator: 0x20)
            if parts.last?.last == 0x0D { parts[parts.count - 1].removeLast() }
            guard parts.count == 2 else {
                throw PipelineError.damaged(
                    path: mergesPath,
                    reason: "line \(number + 1): expected two pieces and a space "
                        + "between them", offset: nil)
            }
            do {
                try parts[0].withUnsafeBufferPointer { left in
                    try parts[1].withUnsafeBufferPointer { try builder.add(left, $0) }
                }
            } catch PipelineError.invalid(_, let reason) {
                throw PipelineError.damaged(
                    path: mergesPath, reason: "line \(number + 1): \(reason)", offset: nil)
            }
        }
        let model = try BytePairModel(
            table: table, merges: builder.finish(), options: BytePairModel.Options())
        let end = table.id(of: "<|endoftext|>")
        return try TokenizerPipeline(
            model: .bytePair(model),
            preTokenizer: .byteLevel(ByteLevelOptions(addsPrefixSpace: false)),
            postProcessor: .byteLevel(ByteLevelOptions(addsPrefixSpace: false)),
            decoder: .byteLevel,
            addedTokens: end.map { [AddedToken(id: $0, content: "<|endoftext|>", isSpecial: true)] }
                ?? [])
    }
}

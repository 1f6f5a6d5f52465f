/// A SentencePiece model (`tokenizer.model`), as its protocol buffer has it.
struct SentencePieceFile {
    /// What a piece is for.
    enum Kind: UInt64 {
        case normal = 1
        case unknown = 2
        case control = 3
        case userDefined = 4
        case unused = 5
        case byte = 6
    }

    /// One piece.
    struct Piece {
        var text = ""
        var score: Float = 0
        var kind = Kind.normal
    }

    private(set) var pieces: [Piece] = []
    /// 1: unigram, 2: BPE, 3: words, 4: characters.
    private(set) var modelType: UInt64 = 1
    private(set) var hasByteFallback = false
    private(set) var treatsSpaceAsSuffix = false
    private(set) var characterMap: [UInt8] = []
    private(set) var addsDummyPrefix = true
    private(set) var removesExtraSpaces = true
    private(set) var escapesSpaces = true
    private let path: String

    /// Reads a model from its bytes; `path` is for messages.
    ///
    /// Throws ``PipelineError/damaged(path:reason:offset:)``.
    init(_ bytes: [UInt8], path: String) throws(PipelineError) {
        self.path = path
        var reader = ProtobufReader(bytes, bytes.indices, path: path)
        while let (field, value) = try reader.next() {
            guard case .bytes(let range) = value else { continue }
            switch field {
            case 1: pieces.append(try Self.piece(bytes, range, path, pieces.count))
            case 2: try readTrainer(ProtobufReader(bytes, range, path: path))
            case 3: try readNormalizer(bytes, ProtobufReader(bytes, range, path: path))
            default: break
            }
        }
        guard !pieces.isEmpty else {
            throw .damaged(
                path: path, reason: "no SentencePiece model: it has no pieces", offset: nil)
        }
    }

    private static func piece(
        _ bytes: [UInt8], _ range: Range<Int>, _ path: String, _ number: Int
    ) throws(PipelineError) -> Piece {
        var piece = Piece()
        var reader = ProtobufReader(bytes, range, path: path)
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let range)):
                let isText = bytes[range].withUnsafeBufferPointer { firstInvalidUTF8($0) == nil }
                guard isText else {
                    throw .damaged(
                        path: path, reason: "piece \(number) is not UTF-8", offset: range.lowerBound
                    )
                }
                piece.text = String(decoding: bytes[range], as: UTF8.self)
            case (2, .bits32(let bits)): piece.score = Float(bitPattern: bits)
            case (3, .number(let kind)):
                guard let kind = Kind(rawValue: kind) else {
                    throw .damaged(
                        path: path, reason: "piece \(number) is of the type \(kind), which is none",
                        offset: range.lowerBound)
                }
                piece.kind = kind
            default: break
            }
        }
        return piece
    }

    private mutating func readTrainer(_ reader: ProtobufReader) throws(PipelineError) {
        var reader = reader
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (3, .number(let type)): modelType = type
            case (24, .number(let flag)): treatsSpaceAsSuffix = flag != 0
            case (35, .number(let flag)): hasByteFallback = flag != 0
            default: break
            }
        }
    }

    private mutating func readNormalizer(
        _ bytes: [UInt8], _ reader: ProtobufReader
    ) throws(PipelineError) {
        var reader = reader
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (2, .bytes(let range)): characterMap = Array(bytes[range])
            case (3, .number(let flag)): addsDummyPrefix = flag != 0
            case (4, .number(let flag)): removesExtraSpaces = flag != 0
            case (5, .number(let flag)): escapesSpaces = flag != 0
            default: break
            }
        }
    }

    /// The tokenizer that gives the same numbers.
    ///
    /// The character map, the removal of spaces, the space in front and the visible space become normalizers; control pieces
    /// become special tokens, user-defined ones added tokens. Throws ``PipelineError/unsupported(part:reason:)`` for models of
    /// words and characters, and for spaces that end words, and
    /// ``PipelineError/damaged(path:reason:offset:)`` where pieces, scores and the character map do not fit together.
    func tokenizer() throws -> TokenizerPipeline {
        guard modelType == 1 || modelType == 2 else {
            throw PipelineError.unsupported(
                part: path,
                reason: "a SentencePiece model of \(modelType == 3 ? "words" : "characters")"
            )
        }
        guard !treatsSpaceAsSuffix else {
            throw PipelineError.unsupported(
                part: path, reason: "a SentencePiece model whose words end with their space")
        }
        do {
            return try tokenizer(
                modelType == 1 ? .unigram(try unigram()) : .bytePair(try bytePair()))
        } catch PipelineError.invalid(let part, let reason) {
            throw PipelineError.damaged(path: path, reason: "\(part): \(reason)", offset: nil)
        }
    }

    private func tokenizer(_ model: TokenModel) throws -> TokenizerPipeline {
        var added: [AddedToken] = []
        for (id, piece) in pieces.enumerated() {
            switch piece.kind {
            case .control, .unknown:
                added.append(AddedToken(id: Int32(id), content: piece.text, isSpecial: true))
            case .userDefined:
                // They are found in normalised text, where that does not put a space before them.
                added.append(
                    AddedToken(
                        id: Int32(id), content: piece.text, isNormalized: !addsDummyPrefix))
            default: break
            }
        }
        return try TokenizerPipeline(
            model: model, normalizer: try normalizer(), decoder: decoder, addedTokens: added)
    }

    private func normalizer() throws -> Normalizer? {
        var steps: [Normalizer] = []
        if !characterMap.isEmpty {
            steps.append(.precompiled(try PrecompiledCharacterMap(bytes: characterMap)))
        }
        if removesExtraSpaces {
            steps.append(.replace(.expression(#"\A +| +\z"#), content: ""))
            steps.append(.replace(.expression(" {2,}"), content: " "))
        }
        let mark = escapesSpaces ? "\u{2581}" : " "
        if addsDummyPrefix { steps.append(.prepend(mark)) }
        if escapesSpaces { steps.append(.replace(.text(" "), content: mark)) }
        return steps.isEmpty ? nil : .sequence(steps)
    }

    private var decoder: TokenDecoder {
        var steps: [TokenDecoder] = []
        if escapesSpaces { steps.append(.replace(.text("\u{2581}"), content: " ")) }
        steps += [.byteFallback, .fuse]
        if addsDummyPrefix { steps.append(.strip(content: " ", start: 1, stop: 0)) }
        return .sequence(steps)
    }

    private var unknownID: Int? { pieces.firstIndex { $0.kind == .unknown } }

    private func unigram() throws -> UnigramModel {
        try UnigramModel(
            pieces: pieces.map { ($0.text, Double($0.score)) },
            unknownID: unknownID.map { Int32($0) }, hasByteFallback: hasByteFallback)
    }

    /// The merges are all pairs of pieces that give a piece, the best score first.
    private func bytePair() throws -> BytePairModel {
        let table = try PieceTable(pieces.map(\.text))
        let order = pieces.indices.filter { pieces[$0].kind == .normal }
            .sorted {
                let (one, other) = (pieces[$0].score, pieces[$1].score)
                return one != other ? one > other : $0 < $1
            }
        var builder = MergeTable.Builder(
            table: table, options: BytePairModel.Options(), capacity: pieces.count)
        for id in order {
            builder.addPairs(giving: Int32(id)) { pieces[Int($0)].kind == .normal }
        }
        return try BytePairModel(
            table: table, merges: builder.finish(),
            options: BytePairModel.Options(
                unknownToken: unknownID.map { pieces[$0].text }, fusesUnknown: true,
                hasByteFallback: hasByteFallback))
    }
}

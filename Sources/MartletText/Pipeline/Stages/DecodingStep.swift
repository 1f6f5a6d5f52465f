/// Pieces on their way to text: their bytes end to end.
struct PieceTexts {
    var bytes: [UInt8] = []
    /// Where each piece ends.
    var ends: [Int] = []

    var count: Int { ends.count }

    subscript(index: Int) -> ArraySlice<UInt8> {
        bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    /// Ends the piece that was appended to ``bytes``.
    mutating func endPiece() { ends.append(bytes.count) }
}

/// One decoder, made ready to run.
///
/// Source: `decoders` of Hugging Face tokenizers, whose text it gives.
enum DecodingStep: Sendable {
    case bytePair(suffix: [UInt8])
    case byteLevel
    case wordPiece(prefix: [UInt8], cleansUp: Bool)
    case metaspace(mark: [UInt8], dropsFirst: Bool)
    case ctc(padding: [UInt8], delimiter: [UInt8], cleansUp: Bool)
    case replace(CompiledPattern, [UInt8])
    case fuse
    case strip(content: UInt32, start: Int, stop: Int)
    case byteFallback

    /// The steps of `decoder`, in order.
    ///
    /// Throws ``PipelineError`` where a pattern is not supported.
    static func steps(_ decoder: TokenDecoder?, part: String = "decoder") throws -> [DecodingStep] {
        switch decoder {
        case nil: return []
        case .bytePair(let suffix): return [.bytePair(suffix: Array(suffix.utf8))]
        case .byteLevel: return [.byteLevel]
        case .wordPiece(let prefix, let cleansUp):
            return [.wordPiece(prefix: Array(prefix.utf8), cleansUp: cleansUp)]
        case .metaspace(let options):
            return [
                .metaspace(
                    mark: Array(UTF8.encode(options.replacement)!),
                    dropsFirst: options.prepending != .never)
            ]
        case .ctc(let padding, let delimiter, let cleansUp):
            return [
                .ctc(
                    padding: Array(padding.utf8), delimiter: Array(delimiter.utf8),
                    cleansUp: cleansUp)
            ]
        case .replace(let pattern, let content):
            return [.replace(try CompiledPattern(pattern, part: part), Array(content.utf8))]
        case .fuse: return [.fuse]
        case .strip(let content, let start, let stop):
            return [.strip(content: content.value, start: start, stop: stop)]
        case .byteFallback: return [.byteFallback]
        case .sequence(let decoders):
            var steps: [DecodingStep] = []
            for (index, decoder) in decoders.enumerated() {
                steps += try Self.steps(decoder, part: "\(part).decoders[\(index)]")
            }
            return steps
        }
    }

    /// What `pieces` become.
    func run(_ pieces: PieceTexts, _ decoding: inout DecodingMemory) throws -> PieceTexts {
        var result = PieceTexts()
        result.bytes.reserveCapacity(pieces.bytes.count + 16)
        switch self {
        case .byteLevel:
            var bytes: [UInt8] = []
            for index in 0..<pieces.count {
                let piece = pieces[index]
                if !piece.withUnsafeBufferPointer({ ByteAlphabet.decode($0, into: &bytes) }) {
                    bytes.append(contentsOf: piece)
                }
            }
            result.bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
            result.endPiece()
        case .fuse:
            result.bytes = pieces.bytes
            result.endPiece()
        case .bytePair(let suffix):
            for index in 0..<pieces.count {
                let space: [UInt8] = index == pieces.count - 1 ? [] : [0x20]
                Self.replace(suffix, in: pieces[index], with: space, into: &result.bytes)
                result.endPiece()
            }
        case .wordPiece(let prefix, let cleansUp):
            for index in 0..<pieces.count {
                let piece = pieces[index]
                let start = result.bytes.count
                if index == 0 {
                    result.bytes += piece
                } else if piece.starts(with: prefix) {
                    result.bytes += piece.dropFirst(prefix.count)
                } else {
                    result.bytes.append(0x20)
                    result.bytes += piece
                }
                if cleansUp, Self.mayNeedCleaning(result.bytes[start...]) {
                    let cleaned = Self.cleanedUp(Array(result.bytes[start...]))
                    result.bytes.replaceSubrange(start..., with: cleaned)
                }
                result.endPiece()
            }
        case .metaspace(let mark, let dropsFirst):
            for index in 0..<pieces.count {
                let space: [UInt8] = index == 0 && dropsFirst ? [] : [0x20]
                Self.replace(mark, in: pieces[index], with: space, into: &result.bytes)
                result.endPiece()
            }
        case .ctc(let padding, let delimiter, let cleansUp):
            for index in 0..<pieces.count {
                let piece = pieces[index]
                if index > 0, piece.elementsEqual(pieces[index - 1]) { continue }
                var text: [UInt8] = []
                Self.replace(padding, in: piece, with: [], into: &text)
                if cleansUp {
                    let cleaned = Self.cleanedUp(text)
                    text = []
                    Self.replace(delimiter, in: cleaned[...], with: [0x20], into: &text)
                }
                guard !text.isEmpty else { continue }
                result.bytes += text
                result.endPiece()
            }
        case .replace(let pattern, let content):
            try decoding.replace(pattern, content, pieces, into: &result)
        case .strip(let content, let start, let stop):
            for index in 0..<pieces.count {
                Self.strip(content, start, stop, pieces[index], into: &result.bytes)
                result.endPiece()
            }
        case .byteFallback: Self.byteFallback(pieces, into: &result)
        }
        return result
    }

    /// Appends `piece` with `content` for each `wanted`; an empty `wanted` stands around every character.
    private static func replace(
        _ wanted: [UInt8], in piece: ArraySlice<UInt8>, with content: [UInt8],
        into result: inout [UInt8]
    ) {
        guard !wanted.isEmpty else {
            for byte in piece {
                if byte & 0xC0 != 0x80 { result += content }
                result.append(byte)
            }
            result += content
            return
        }
        var place = piece.startIndex
        while place < piece.endIndex {
            if piece[place] == wanted[0], piece[place...].starts(with: wanted) {
                result += content
                place += wanted.count
            } else {
                result.append(piece[place])
                place += 1
            }
        }
    }

    private static let cleanings: [(from: [UInt8], to: [UInt8])] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"),
        (" 'm", "'m"), (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    /// Whether a space stands before something that one of ``cleanings`` begins with.
    private static func mayNeedCleaning(_ text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { text in
            var wasSpace = false
            for byte in text {
                if wasSpace {
                    switch byte {
                    case 0x2E, 0x3F, 0x21, 0x2C, 0x27, 0x6E, 0x64: return true
                    default: break
                    }
                }
                wasSpace = byte == 0x20
            }
            return false
        }
    }

    private static func cleanedUp(_ text: [UInt8]) -> [UInt8] {
        guard mayNeedCleaning(text[...]) else { return text }
        var text = text
        for (from, to) in cleanings where text.count >= from.count {
            var next: [UInt8] = []
            replace(from, in: text[...], with: to, into: &next)
            text = next
        }
        return text
    }

    private static func strip(
        _ content: UInt32, _ start: Int, _ stop: Int, _ piece: ArraySlice<UInt8>,
        into result: inout [UInt8]
    ) {
        let size = Array(UTF8.encode(Unicode.Scalar(content)!)!)
        var piece = piece
        let whole = piece
        var left = start
        while left > 0, piece.starts(with: size) {
            piece.removeFirst(size.count)
            left -= 1
        }
        // The ends are looked at independently, as if each had the whole piece.
        var end = whole
        var right = stop
        while right > 0, end.count >= size.count, end.suffix(size.count).elementsEqual(size) {
            end.removeLast(size.count)
            right -= 1
        }
        if piece.startIndex < end.endIndex { result += whole[piece.startIndex..<end.endIndex] }
    }

    private static func byteFallback(_ pieces: PieceTexts, into result: inout PieceTexts) {
        var pending: [UInt8] = []
        func flush(_ result: inout PieceTexts) {
            guard !pending.isEmpty else { return }
            if pending.withUnsafeBufferPointer({ firstInvalidUTF8($0) == nil }) {
                result.bytes += pending
                result.endPiece()
            } else {
                for _ in pending {
                    result.bytes += [0xEF, 0xBF, 0xBD]
                    result.endPiece()
                }
            }
            pending = []
        }
        for index in 0..<pieces.count {
            let piece = pieces[index]
            if let byte = byte(piece) {
                pending.append(byte)
            } else {
                flush(&result)
                result.bytes += piece
                result.endPiece()
            }
        }
        flush(&result)
    }

    /// The byte that a piece such as `<0x0A>` stands for.
    private static func byte(_ piece: ArraySlice<UInt8>) -> UInt8? {
        guard piece.count == 6, piece.starts(with: [0x3C, 0x30, 0x78]), piece.last == 0x3E else {
            return nil
        }
        let digits = piece[piece.startIndex + 3..<piece.startIndex + 5]
        // A plus sign is part of a number, as it is to Rust; a minus sign is not.
        guard digits.first != 0x2D else { return nil }
        return UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
    }
}

/// What decoders need to look for expressions.
struct DecodingMemory: ~Copyable {
    private let traits: UnicodeTraits
    private var memory = ExpressionMemory()
    private var matches = FlatBuffer<TextMatch>()

    init(traits: UnicodeTraits) { self.traits = traits }

    /// Appends `pieces` with `content` for each match of `pattern`.
    mutating func replace(
        _ pattern: CompiledPattern, _ content: [UInt8], _ pieces: PieceTexts,
        into result: inout PieceTexts
    ) throws {
        for index in 0..<pieces.count {
            let piece = Array(pieces[index])
            matches.count = 0
            try piece.withUnsafeBufferPointer { buffer in
                guard let base = buffer.baseAddress else { return }
                try pattern.find(in: base, 0, buffer.count, traits, &memory, into: &matches)
            }
            for index in 0..<matches.count {
                let match = matches[index]
                result.bytes +=
                    match.isMatch ? content[...] : piece[Int(match.start)..<Int(match.end)]
            }
            result.endPiece()
        }
    }
}

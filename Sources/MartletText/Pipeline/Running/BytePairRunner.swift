/// A byte-pair model made ready to run.
final class BytePairRunner: Sendable {
    private let table: PieceTable
    private let merges: MergeTable
    private let dropout: Float
    private let ignoresMerges: Bool
    private let fusesUnknown: Bool
    private let unknownToken: String?
    private let unknownID: Int32
    private let prefix: [UInt8]
    private let suffix: [UInt8]
    /// The pieces `<0x00>` … `<0xFF>`; empty without byte fallback, -1 where there is none.
    private let fallback: [Int32]
    /// The piece of each byte in the visible alphabet.
    private let byteIDs: [Int32]
    /// Whether no merge joins anything but the mark of a space to the mark of a space that follows.
    let partsAtMark: Bool
    private static let mark: [UInt8] = [0xE2, 0x96, 0x81]

    init(_ model: BytePairModel) {
        let options = model.options
        table = model.table
        merges = model.merges
        dropout = options.dropout ?? 0
        ignoresMerges = options.ignoresMerges
        fusesUnknown = options.fusesUnknown
        unknownToken = options.unknownToken
        unknownID = options.unknownToken.flatMap { model.table.id(of: $0) } ?? -1
        prefix = Array((options.continuingPrefix ?? "").utf8)
        suffix = Array((options.endOfWordSuffix ?? "").utf8)
        fallback = options.hasByteFallback ? ByteFallback.pieces(model.table) : []
        let table = model.table
        byteIDs = ByteAlphabet.scalars.map { value in
            table.id(of: String(Character(Unicode.Scalar(value)!))) ?? -1
        }
        partsAtMark =
            !ignoresMerges && prefix.isEmpty && suffix.isEmpty && dropout == 0
            && model.table.id(of: "\u{2581}") != nil && Self.partsAtMark(model)
    }

    private static func partsAtMark(_ model: BytePairModel) -> Bool {
        for pair in model.merges.pairs {
            let right = model.table.bytes(of: Int32(truncatingIfNeeded: pair))
            guard right.count >= 3, right.prefix(3).elementsEqual(mark) else { continue }
            let left = model.table.bytes(of: Int32(truncatingIfNeeded: pair >> 32))
            if left.count < 3 || !left.suffix(3).elementsEqual(mark) { return false }
        }
        return true
    }

    /// Whether words may stay bytes where the pre-tokenizer would make them visible.
    var takesBytes: Bool {
        prefix.isEmpty && suffix.isEmpty && fallback.isEmpty && !byteIDs.contains(-1)
    }

    /// Whether the tokens of a word are the same every time.
    var isFixed: Bool { dropout == 0 }

    /// Appends the tokens of a word; `isBytes`: of bytes that stand for visible ones.
    func append(
        _ word: UnsafePointer<UInt8>, _ count: Int, isBytes: Bool, _ chain: inout SymbolChain,
        _ scratch: inout FlatBuffer<UInt8>, to output: inout TokenOutput
    ) throws(PipelineError) {
        if ignoresMerges, count > 0 {
            var id: Int32 = -1
            if isBytes {
                scratch.count = 0
                for place in 0..<count {
                    scratch.append(scalar: ByteAlphabet.scalars[Int(word[place])])
                }
                id = table.find(scratch.base, scratch.count)
            } else {
                id = table.find(word, count)
            }
            if id >= 0 { return output.append(id, 0, count) }
        }
        chain.removeAll()
        if isBytes {
            byteIDs.withUnsafeBufferPointer { byteIDs in
                for place in 0..<count { chain.append(byteIDs[Int(word[place])], 1) }
            }
        } else {
            try split(word, count, &chain, &scratch)
        }
        chain.merge(merges, dropout: dropout)
        var place = 0
        for index in 0..<chain.count {
            let end = place + Int(chain.lengths[index])
            output.append(chain.ids[index], place, end)
            place = end
        }
    }

    /// The end of the part of a word that begins at `place`: no merge goes across it where ``partsAtMark`` holds.
    static func partEnd(_ word: UnsafePointer<UInt8>, _ place: Int, _ count: Int) -> Int {
        func isMark(_ place: Int) -> Bool {
            place + 3 <= count && word[place] == 0xE2 && word[place + 1] == 0x96
                && word[place + 2] == 0x81
        }
        var end = place
        while isMark(end) { end += 3 }
        while end < count, !(word[end] == 0xE2 && isMark(end)) { end += 1 }
        return end
    }

    /// The first symbols: the characters of a word, or what stands for them.
    private func split(
        _ word: UnsafePointer<UInt8>, _ count: Int, _ chain: inout SymbolChain,
        _ scratch: inout FlatBuffer<UInt8>
    ) throws(PipelineError) {
        var place = 0
        var unknown = 0
        while place < count {
            let length = scalarLength(word[place])
            var (symbol, size) = (word + place, length)
            if !prefix.isEmpty || !suffix.isEmpty {
                scratch.count = 0
                if place > 0 { for byte in prefix { scratch.append(byte) } }
                scratch.append(symbol, length)
                if place + length == count { for byte in suffix { scratch.append(byte) } }
                (symbol, size) = (UnsafePointer(scratch.base), scratch.count)
            }
            place += length
            let id = table.find(symbol, size)
            if id >= 0 {
                if unknown > 0 { chain.append(unknownID, unknown) }
                unknown = 0
                chain.append(id, length)
                continue
            }
            if !fallback.isEmpty, (0..<size).allSatisfy({ fallback[Int(symbol[$0])] >= 0 }) {
                for index in 0..<size { chain.append(fallback[Int(symbol[index])], 1) }
                continue
            }
            guard let unknownToken else { continue }
            guard unknownID >= 0 else {
                throw .unknownText(
                    reason: "the unknown token \"\(unknownToken)\" is not in the vocabulary")
            }
            if unknown > 0, !fusesUnknown {
                chain.append(unknownID, unknown)
                unknown = 0
            }
            unknown += length
        }
        if unknown > 0 { chain.append(unknownID, unknown) }
    }
}

/// The pieces that single bytes fall back to.
enum ByteFallback {
    /// `<0x00>` … `<0xFF>`.
    static let names: [String] = {
        let digits = Array("0123456789ABCDEF")
        return (0..<256).map { "<0x\(digits[$0 >> 4])\(digits[$0 & 15])>" }
    }()

    /// Their numbers in `table`; -1 where there is none.
    static func pieces(_ table: PieceTable) -> [Int32] { names.map { table.id(of: $0) ?? -1 } }
}

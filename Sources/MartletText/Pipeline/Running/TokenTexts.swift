/// What each token is in decoding, by its number: bytes end to end. It never changes once it is built.
final class TokenTexts: Sendable {
    private let bytes: ContiguousArray<UInt8>
    /// Where each token's text begins; one more than numbers.
    private let starts: ContiguousArray<UInt32>
    private let kinds: ContiguousArray<UInt8>

    private static let known: UInt8 = 1
    private static let special: UInt8 = 2

    /// The texts of all tokens; `decodesBytes`: as the bytes that visible characters stand for.
    init(model: TokenModel, added: AddedTokenIndex, decodesBytes: Bool) {
        let table = model.table
        let limit = max(table.idLimit, added.tokens.last.map { Int($0.id) + 1 } ?? 0)
        var bytes: [UInt8] = []
        var starts = ContiguousArray<UInt32>()
        var kinds = ContiguousArray<UInt8>(repeating: 0, count: limit)
        starts.reserveCapacity(limit + 1)
        func append(_ text: UnsafeBufferPointer<UInt8>) {
            if decodesBytes, ByteAlphabet.decode(text, into: &bytes) { return }
            bytes.append(contentsOf: text)
        }
        let hasSpecial = added.tokens.contains { $0.isSpecial }
        for id in 0..<Int32(limit) {
            starts.append(UInt32(bytes.count))
            if var text = added.text(id) {
                kinds[Int(id)] = Self.known | (added.isSpecial(text) ? Self.special : 0)
                text.withUTF8(append)
            } else if table.has(id) {
                kinds[Int(id)] = Self.known
                if hasSpecial, let first = table.bytes(of: id).first,
                    added.specialStarts.contains(first), added.isSpecial(table.piece(id)!)
                {
                    kinds[Int(id)] |= Self.special
                }
                append(table.bytes(of: id))
            }
        }
        starts.append(UInt32(bytes.count))
        self.bytes = ContiguousArray(bytes)
        self.starts = starts
        self.kinds = kinds
    }

    /// Calls `body` with the text of each of `ids` that is known.
    @inline(__always)
    func forEach(
        _ ids: UnsafeBufferPointer<Int32>, skipsSpecial: Bool,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        bytes.withUnsafeBufferPointer { bytes in
            for id in ids where id >= 0 && Int(id) < kinds.count {
                let kind = kinds[Int(id)]
                if kind == 0 || skipsSpecial && kind & Self.special != 0 { continue }
                let (start, end) = (Int(starts[Int(id)]), Int(starts[Int(id) + 1]))
                body(UnsafeBufferPointer(rebasing: bytes[start..<end]))
            }
        }
    }
}

/// SentencePiece's character map (`precompiled_charsmap`): a double-array trie of texts, and what they become.
///
/// The bytes are the trie's size (four bytes, little-endian), the trie's units (32 bits each), and the results, each
/// ended by a zero byte. Source: SentencePiece's `normalizer.cc`.
public struct PrecompiledCharacterMap: Sendable, Equatable {
    /// The whole map, as in `tokenizer.model`.
    public let bytes: [UInt8]
    private let units: ContiguousArray<UInt32>
    private let resultStart: Int

    /// A map from its bytes.
    ///
    /// Throws ``PipelineError/invalid(part:reason:)`` where sizes do not fit, or the results are not UTF-8.
    public init(bytes: [UInt8]) throws {
        func failure(_ reason: String) -> PipelineError {
            .invalid(part: "precompiled_charsmap", reason: reason)
        }
        guard bytes.count >= 4 else { throw failure("\(bytes.count) bytes are too few") }
        func word(_ place: Int) -> UInt32 {
            UInt32(bytes[place]) | UInt32(bytes[place + 1]) << 8 | UInt32(bytes[place + 2]) << 16
                | UInt32(bytes[place + 3]) << 24
        }
        let size = Int(word(0))
        guard size % 4 == 0, size >= 4, 4 + size <= bytes.count else {
            throw failure("a trie of \(size) bytes in \(bytes.count - 4)")
        }
        self.bytes = bytes
        units = ContiguousArray((0..<size / 4).map { word(4 + $0 * 4) })
        resultStart = 4 + size
        guard bytes[resultStart...].withUnsafeBufferPointer({ firstInvalidUTF8($0) == nil }) else {
            throw failure("the results are not UTF-8")
        }
    }

    /// What `text` becomes by the shortest entry it begins with: the range in ``bytes``; nil where there is none.
    func transform(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
        var node = Self.offset(units[0])
        for byte in text {
            if byte == 0 { return nil }
            node ^= Int(byte)
            guard node < units.count else { return nil }
            let unit = units[node]
            if unit & (1 << 31 | 0xFF) != UInt32(byte) { return nil }
            node ^= Self.offset(unit)
            if unit >> 8 & 1 == 1 {
                guard node < units.count else { return nil }
                let start = resultStart + Int(units[node] & (1 << 31 - 1))
                guard start <= bytes.count, start == bytes.count || bytes[start] & 0xC0 != 0x80
                else { return nil }
                var end = start
                while end < bytes.count, bytes[end] != 0 { end += 1 }
                return start..<end
            }
        }
        return nil
    }

    private static func offset(_ unit: UInt32) -> Int {
        Int(unit >> 10) << Int((unit & (1 << 9)) >> 6)
    }
}

/// Text from numbers that come one by one; no character is ever split.
///
/// What it gives, put together, is the text of all numbers, as far as the decoder's text of a beginning is the beginning of
/// its text. Source: `DecodeStream` of Hugging Face tokenizers.
public struct TokenTextStream: Sendable {
    private let tokenizer: TokenizerPipeline
    private let skipSpecialTokens: Bool
    /// The numbers whose text is not yet final, after those that were last given out.
    private var ids: [Int32] = []
    private var prefix: [UInt8] = []
    private var prefixCount = 0

    init(_ tokenizer: TokenizerPipeline, skipSpecialTokens: Bool) {
        self.tokenizer = tokenizer
        self.skipSpecialTokens = skipSpecialTokens
    }

    /// Takes the next number; gives the text that is certain now, or nil where a character is not yet whole.
    ///
    /// Throws what ``TokenizerPipeline/decode(_:skipSpecialTokens:)`` throws.
    public mutating func append(_ id: Int32) throws -> String? {
        if prefix.isEmpty, !ids.isEmpty {
            let text = try text()
            if !Self.isBroken(text) {
                prefix = text
                prefixCount = ids.count
            }
        }
        ids.append(id)
        let text = try text()
        guard text.count > prefix.count, !Self.isBroken(text) else { return nil }
        let new = Self.after(prefix, in: text)
        let count = ids.count - prefixCount
        ids.removeFirst(prefixCount)
        prefix = try self.text()
        prefixCount = count
        return new.isEmpty ? nil : new
    }

    /// The text that is left when no more numbers come: U+FFFD for what is no character.
    ///
    /// Throws what ``TokenizerPipeline/decode(_:skipSpecialTokens:)`` throws.
    public mutating func finish() throws -> String {
        let rest = Self.after(prefix, in: try text())
        ids = []
        prefix = []
        prefixCount = 0
        return rest
    }

    private func text() throws -> [UInt8] {
        Array(try tokenizer.decode(ids, skipSpecialTokens: skipSpecialTokens).utf8)
    }

    /// Whether `text` ends with U+FFFD, which more bytes could make a character.
    private static func isBroken(_ text: [UInt8]) -> Bool { text.suffix(3) == [0xEF, 0xBF, 0xBD] }

    /// What `text` has after what it shares with `prefix`.
    private static func after(_ prefix: [UInt8], in text: [UInt8]) -> String {
        var shared = 0
        while shared < min(prefix.count, text.count), prefix[shared] == text[shared] { shared += 1 }
        while shared > 0, shared < text.count, text[shared] & 0xC0 == 0x80 { shared -= 1 }
        return String(decoding: text[shared...], as: UTF8.self)
    }
}

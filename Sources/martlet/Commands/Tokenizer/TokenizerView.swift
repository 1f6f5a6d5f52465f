import MartletText
import MartletTraining

/// The stages of a tokenizer as text.
///
/// ```text
/// text        Hello world
/// normalised  Hello world
/// words       Hello│Ġworld
/// pieces      Hel│lo│Ġworld
/// ids         39│288│995
/// ```
struct TokenizerView {
    /// Whether pieces have backgrounds of their own, instead of a bar between them.
    let inColour: Bool

    /// Backgrounds of the 256-colour palette that black text is read on.
    private static let colours = [153, 157, 223, 218, 189, 194]

    /// Everything, a line a stage, and a table of the pieces.
    func text(_ text: String, _ stages: TokenizerStages) -> String {
        let encoding = stages.encoding
        let characters = text.unicodeScalars.count
        var lines = [
            "text        " + visible(text),
            "normalised  " + joined(stages.normalized.map(\.text)),
            "words       " + joined(stages.words.map(\.text)),
            "pieces      " + joined(encoding.tokens),
            "ids         " + joined(encoding.ids.map { "\($0)" }),
            "",
            "   id  piece",
        ]
        let bytes = Array(text.utf8)
        for (index, token) in encoding.tokens.enumerated() {
            let id = "\(encoding.ids[index])"
            let source = Self.source(encoding.byteOffsets[index], of: bytes)
            lines.append(
                String(repeating: " ", count: max(0, 5 - id.count)) + id + "  "
                    + coloured(DisplayWidth.fit(visible(token), 20), index) + "  " + source)
        }
        lines.append("")
        lines.append(
            "\(encoding.count) tokens for \(characters) characters, \(bytes.count) bytes"
                + (characters == 0
                    ? ""
                    : ": \(Decimals.fixed(Double(encoding.count) / Double(characters), 3)) tokens a character")
        )
        return lines.joined(separator: "\n")
    }

    private func joined(_ parts: [String]) -> String {
        inColour
            ? parts.enumerated().map { coloured(visible($1), $0) }.joined()
            : parts.map(visible).joined(separator: "│")
    }

    private func coloured(_ text: String, _ index: Int) -> String {
        guard inColour else { return text }
        let colour = Self.colours[index % Self.colours.count]
        return "\u{1B}[30;48;5;\(colour)m\(text)\u{1B}[0m"
    }

    /// White space and control characters as signs, so that they show and do nothing.
    private func visible(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar -> Unicode.Scalar in
                    switch scalar {
                    case " ": "␣"
                    case "\n": "⏎"
                    case "\t": "⇥"
                    case "\u{0}"..."\u{1F}": Unicode.Scalar(0x2400 + scalar.value)!
                    case "\u{7F}": "␡"
                    default: scalar
                    }
                }))
    }

    /// Where a token comes from: the bytes, and the text if they are whole characters.
    private static func source(_ range: Range<Int>, of text: [UInt8]) -> String {
        guard !range.isEmpty else { return "" }
        let bytes = text[range.clamped(to: text.indices)]
        return "bytes \(range.lowerBound)..<\(range.upperBound)"
            + (String(validating: bytes, as: UTF8.self) == nil ? " (part of a character)" : "")
    }
}

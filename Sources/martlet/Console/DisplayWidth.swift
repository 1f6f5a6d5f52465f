/// How many columns of a terminal a text takes: two for each Chinese character, Japanese kana or emoji.
enum DisplayWidth {
    /// The columns of a text.
    static func of(_ text: String) -> Int { text.reduce(0) { $0 + of($1) } }

    /// The columns of one character as a reader sees it.
    static func of(_ character: Character) -> Int {
        guard let first = character.unicodeScalars.first else { return 0 }
        if character.unicodeScalars.contains(where: { $0.value == 0xFE0F }) { return 2 }
        switch first.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        switch first.value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF,
            0xA000...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x20000...0x3FFFD:
            return 2
        default:
            return first.properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// The text with spaces after it, to fill `columns`; a longer text is cut and ends in `…`.
    static func fit(_ text: String, _ columns: Int) -> String {
        var result = ""
        var used = 0
        if of(text) <= columns {
            return text + String(repeating: " ", count: columns - of(text))
        }
        for character in text {
            let width = of(character)
            if used + width > columns - 1 { break }
            result.append(character)
            used += width
        }
        return result + "…" + String(repeating: " ", count: max(0, columns - used - 1))
    }
}

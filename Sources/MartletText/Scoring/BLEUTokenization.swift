/// How BLEU parts a text into tokens, as sacreBLEU 2 does it; the raw value is its name there.
public enum BLEUTokenization: String, Sendable, Codable, CaseIterable {
    /// `13a`, of the script mteval-v13a: punctuation of ASCII apart, numbers whole. sacreBLEU's usual one.
    case mteval13a = "13a"
    /// `zh`: each Chinese character apart, the rest as in `13a`.
    ///
    /// As sacreBLEU has it: U+2001–U+2A6D (dashes, quotation marks, arrows, box drawing) count as Chinese characters, and
    /// ideographs outside the basic plane do not.
    case chinese = "zh"
    /// `char`: each character, which is a Unicode scalar, apart; white space is none.
    case character = "char"
    /// `intl`, of mteval-v14: punctuation and symbols of any script apart, but not between digits.
    case international = "intl"
    /// `none`: what stands between white space.
    case none

    /// The tokens of a text.
    public func tokens(_ text: String) -> [String] {
        tokens(ScalarText(text)).map { token in
            String(String.UnicodeScalarView(token.compactMap(Unicode.Scalar.init)))
        }
    }

    /// The tokens of a text.
    func tokens(_ text: ScalarText) -> [ArraySlice<UInt32>] {
        let line = text.trimmedAtEnd
        switch self {
        case .mteval13a: return ScalarText(Self.western(Self.unescaped(line.scalars))).words
        case .chinese: return ScalarText(Self.western(Self.chinese(line.trimmed.scalars))).words
        case .character:
            let scalars = line.withoutSpaces.scalars
            return scalars.indices.map { scalars[$0...$0] }
        case .international: return ScalarText(Self.international(line.scalars)).words
        case .none: return line.words
        }
    }

    // MARK: The passes over a text

    private static let space: UInt32 = 0x20

    /// The text with spaces put around every scalar that fits.
    private static func setApart(
        _ text: [UInt32], where fits: (UInt32) -> Bool
    ) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count + text.count / 4)
        for value in text {
            if fits(value) { result += [space, value, space] } else { result.append(value) }
        }
        return result
    }

    /// The text with a space put between the two scalars of every pair that fits, and one more before or after it.
    ///
    /// Pairs are found from the left and do not overlap, as those of a regular expression.
    private static func part(
        _ text: [UInt32], spaceBefore: Bool, where fits: (UInt32, UInt32) -> Bool
    ) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(text.count + text.count / 4)
        var place = 0
        while place < text.count {
            let next = place + 1
            if next < text.count, fits(text[place], text[next]) {
                if spaceBefore { result.append(space) }
                result += [text[place], space, text[next]]
                if !spaceBefore { result.append(space) }
                place += 2
            } else {
                result.append(text[place])
                place += 1
            }
        }
        return result
    }

    /// The text with `find` replaced.
    private static func replace(
        _ text: [UInt32], _ find: StaticString, _ replacement: [UInt32]
    ) -> [UInt32] {
        let find = "\(find)".unicodeScalars.map(\.value)
        var result: [UInt32] = []
        result.reserveCapacity(text.count)
        var place = 0
        while place < text.count {
            if text[place] == find[0], text[place...].starts(with: find) {
                result += replacement
                place += find.count
            } else {
                result.append(text[place])
                place += 1
            }
        }
        return result
    }

    /// What `13a` does first: marks of the NIST taken out, lines joined, escaped characters read, a space at both ends.
    private static func unescaped(_ text: [UInt32]) -> [UInt32] {
        var text = text
        if text.contains(0x3C) { text = replace(text, "<skipped>", []) }
        if text.contains(0x0A) {
            text = replace(text, "-\n", [])
            text = replace(text, "\n", [space])
        }
        if text.contains(0x26) {
            text = replace(text, "&quot;", [0x22])
            text = replace(text, "&amp;", [0x26])
            text = replace(text, "&lt;", [0x3C])
            text = replace(text, "&gt;", [0x3E])
        }
        return [space] + text + [space]
    }

    /// Sets punctuation of ASCII apart: full stops and commas not between digits, hyphens only after one, apostrophes never.
    private static func western(_ text: [UInt32]) -> [UInt32] {
        func isDigit(_ value: UInt32) -> Bool { (0x30...0x39).contains(value) }
        func isStop(_ value: UInt32) -> Bool { value == 0x2E || value == 0x2C }
        var text = setApart(text) {
            switch $0 {
            case 0x20...0x26, 0x28...0x2B, 0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
            default: false
            }
        }
        text = part(text, spaceBefore: false) { !isDigit($0) && isStop($1) }
        text = part(text, spaceBefore: true) { isStop($0) && !isDigit($1) }
        return part(text, spaceBefore: false) { isDigit($0) && $1 == 0x2D }
    }

    /// Sets each Chinese character apart.
    private static func chinese(_ text: [UInt32]) -> [UInt32] {
        setApart(text) {
            switch $0 {
            case 0x2001...0x2A6D, 0x2E80...0x2EFF, 0x2F00...0x2FDF, 0x2FF0...0x303F: true
            case 0x3100...0x312F, 0x31A0...0x31BF, 0x31C0...0x31EF, 0x3200...0x33FF: true
            case 0x3400...0x4DB5, 0x4E00...0x9FBB: true
            case 0xF900...0xFA2D, 0xFA30...0xFA6A, 0xFA70...0xFAD9: true
            case 0xFE10...0xFE1F, 0xFE30...0xFE4F, 0xFF00...0xFFEF: true
            default: false
            }
        }
    }

    /// Sets punctuation apart that has no number before it, then that which has none after it, then symbols.
    private static func international(_ text: [UInt32]) -> [UInt32] {
        var text = part(text, spaceBefore: false) {
            ScalarKind($1) == .punctuation && ScalarKind($0) != .number
        }
        text = part(text, spaceBefore: true) {
            ScalarKind($0) == .punctuation && ScalarKind($1) != .number
        }
        return setApart(text) { ScalarKind($0) == .symbol }
    }
}

/// What a scalar is to `intl`, by its general category.
private enum ScalarKind {
    case punctuation, number, symbol, other

    init(_ value: UInt32) {
        switch value {
        case 0x61...0x7A, 0x41...0x5A, 0...0x20, 0x3400...0x4DBF, 0x4E00...0x9FFF: self = .other
        case 0x30...0x39: self = .number
        default: self = Unicode.Scalar(value).map(Self.general) ?? .other
        }
    }

    private static func general(_ scalar: Unicode.Scalar) -> ScalarKind {
        switch scalar.properties.generalCategory {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            .punctuation
        case .decimalNumber, .letterNumber, .otherNumber: .number
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: .symbol
        default: .other
        }
    }
}

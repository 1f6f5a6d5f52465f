/// How ROUGE parts a text into tokens. Both make lower case of it first.
public enum ROUGETokenization: String, Sendable, Codable, CaseIterable {
    /// As rouge-score does: rows of a–z and 0–9. Everything else parts words, letters with accents and other scripts too.
    case ascii
    /// For every script: a Chinese character or kana is a token, and so is a row of other letters, marks and numbers.
    /// Everything else parts words.
    ///
    /// Chinese characters are those of the basic plane and all of planes 2 and 3. Korean stays in words.
    case unicode

    /// The tokens of a text.
    public func tokens(_ text: String) -> [String] {
        tokens(ScalarText(text)).map { token in
            String(String.UnicodeScalarView(token.compactMap(Unicode.Scalar.init)))
        }
    }

    /// The tokens of a text.
    func tokens(_ text: ScalarText) -> [ArraySlice<UInt32>] {
        let text = text.lowercased.scalars
        switch self {
        case .ascii:
            return text.split { !(0x61...0x7A).contains($0) && !(0x30...0x39).contains($0) }
        case .unicode: return Self.anyScript(text)
        }
    }

    private static func anyScript(_ text: [UInt32]) -> [ArraySlice<UInt32>] {
        var tokens: [ArraySlice<UInt32>] = []
        var start: Int?
        for (place, value) in text.enumerated() {
            let isAlone = ScalarClass.isCJK(value) || (0x20000...0x3FFFF).contains(value)
            if !isAlone, isPartOfWord(value) {
                start = start ?? place
                continue
            }
            if let begun = start { tokens.append(text[begun..<place]) }
            start = nil
            if isAlone { tokens.append(text[place...place]) }
        }
        if let begun = start { tokens.append(text[begun...]) }
        return tokens
    }

    private static func isPartOfWord(_ value: UInt32) -> Bool {
        switch value {
        case 0x61...0x7A, 0x30...0x39: return true
        case 0..<0x80: return false
        default: break
        }
        switch Unicode.Scalar(value)?.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .letterNumber,
            .otherNumber:
            return true
        default: return false
        }
    }
}

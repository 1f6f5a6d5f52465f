/// What a Unicode scalar is to a tokenizer.
enum ScalarClass: UInt8 {
    /// White space and control characters: they part tokens and are dropped.
    case space
    /// Letters, and the marks that join them.
    case letter
    /// Decimal digits.
    case digit
    /// Han characters and kana of the basic plane, which are written without spaces.
    case cjk
    /// Everything else, such as punctuation, symbols and emoji: each one is a token.
    case mark

    /// The class of `scalar`.
    init(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        if value < 0x80 {
            self = Self.ascii(UInt8(value))
        } else if Self.isCJK(value) {
            self = .cjk
        } else {
            self = Self.general(scalar)
        }
    }

    private static func ascii(_ byte: UInt8) -> ScalarClass {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A: .letter
        case 0x30...0x39: .digit
        case 0...0x20, 0x7F: .space
        default: .mark
        }
    }

    /// Whether `value` is a Han character or kana of the basic plane.
    static func isCJK(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0xF900...0xFAFF: true
        case 0x3005...0x3007, 0x3041...0x3096, 0x309D...0x309F: true
        case 0x30A1...0x30FA, 0x30FC...0x30FF, 0x31F0...0x31FF: true
        default: false
        }
    }

    private static func general(_ scalar: Unicode.Scalar) -> ScalarClass {
        // Ideographs outside the basic plane stay alone: words are keyed by 16-bit units.
        if (0x20000...0x3FFFF).contains(scalar.value) { return .mark }
        if scalar.properties.isWhitespace { return .space }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .nonspacingMark, .spacingMark:
            return .letter
        case .decimalNumber: return .digit
        case .control, .format: return .space
        default: return .mark
        }
    }
}

/// Whether more than half of the letters of `texts` are Han characters or kana.
///
/// Digits, punctuation and white space do not count; texts without a letter are not CJK.
public func isMostlyCJK(_ texts: some Sequence<String>) -> Bool {
    var cjk = 0
    var letters = 0
    for text in texts {
        for scalar in text.unicodeScalars {
            switch ScalarClass(scalar) {
            case .cjk: cjk += 1
            case .letter: letters += 1
            default: break
            }
        }
    }
    return cjk > letters
}

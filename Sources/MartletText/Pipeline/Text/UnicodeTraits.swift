/// What the stages ask about a Unicode scalar: a set of bits, and its general category above them.
///
/// These are the classes that Hugging Face tokenizers 0.23 has: of Unicode 16, though the standard library may know a later
/// one; those for the stages that look for punctuation, marks and control characters are of Unicode 8 or 9.
///
/// The bits come from the standard library's tables, one page of 256 scalars at a time, as pages are asked for. A worker has
/// its own, so that nothing is shared.
final class UnicodeTraits {
    /// `\p{L}`.
    static let letter: UInt32 = 1 << 0
    /// `\p{Lu}`, `\p{Lt}`.
    static let upper: UInt32 = 1 << 1
    /// `\p{Ll}`.
    static let lower: UInt32 = 1 << 2
    /// `\p{Lm}`, `\p{Lo}`, `\p{M}`: what GPT-4o's expression takes for either case.
    static let caseless: UInt32 = 1 << 3
    /// What `StripAccents` takes away: `\p{M}` of Unicode 9.
    static let mark: UInt32 = 1 << 4
    /// What BERT takes for an accent: `\p{Mn}` of Unicode 8.
    static let nonspacing: UInt32 = 1 << 5
    /// `\p{N}`.
    static let number: UInt32 = 1 << 6
    /// What `Digits` splits at: `\p{N}` of Unicode 17.
    static let numeric: UInt32 = 1 << 14
    /// `\s`: White_Space.
    static let space: UInt32 = 1 << 7
    /// `[[:punct:]]`: `\p{P}` and `\p{S}`.
    static let punctuation: UInt32 = 1 << 8
    /// `\w`: letters, marks, decimal digits, connectors, joiners.
    static let word: UInt32 = 1 << 9
    /// What BERT takes for a control character: `\p{Cc}`, `\p{Cf}`, `\p{Co}` of Unicode 8, but no white space.
    static let control: UInt32 = 1 << 10
    /// What BERT takes for a Chinese character.
    static let han: UInt32 = 1 << 11
    /// CR and LF.
    static let lineBreak: UInt32 = 1 << 12
    /// What BERT and `Punctuation` split at: `\p{P}` of Unicode 8, and the marks and symbols of ASCII.
    static let olderPunctuation: UInt32 = 1 << 13
    /// The general category is `traits >> categoryShift`, by its place in ``categories``.
    static let categoryShift: UInt32 = 26

    private let pages: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>?>
    /// The traits of ASCII (of the first 256 scalars).
    let ascii: UnsafeMutablePointer<UInt32>
    private static let pageCount = 0x110000 / 256

    init() {
        pages = .allocate(capacity: Self.pageCount)
        pages.initialize(repeating: nil, count: Self.pageCount)
        ascii = Self.page(0)
        pages[0] = ascii
    }

    deinit {
        for page in 0..<Self.pageCount { pages[page]?.deallocate() }
        pages.deallocate()
    }

    /// The traits of scalar `value`.
    @inline(__always)
    subscript(value: UInt32) -> UInt32 {
        if let page = pages[Int(value >> 8)] { return page[Int(value & 0xFF)] }
        return fill(value)
    }

    @inline(never)
    private func fill(_ value: UInt32) -> UInt32 {
        let page = Self.page(value >> 8)
        pages[Int(value >> 8)] = page
        return page[Int(value & 0xFF)]
    }

    private static func page(_ number: UInt32) -> UnsafeMutablePointer<UInt32> {
        let page = UnsafeMutablePointer<UInt32>.allocate(capacity: 256)
        switch number {
        case 0x34...0x4C, 0x4E...0x9F, 0x200...0x2A5, 0xAC...0xD6:
            // Pages of nothing but Han characters or Hangul syllables: one look-up does for all.
            let all = traits(Unicode.Scalar(number << 8 | 0x10)!)
            page.update(repeating: all, count: 256)
        default:
            for low in 0..<256 {
                let scalar = Unicode.Scalar(number << 8 | UInt32(low))
                page[low] = scalar.map(traits) ?? category(.surrogate)
            }
        }
        return page
    }

    private static func category(_ category: Unicode.GeneralCategory) -> UInt32 {
        let number: UInt32 =
            switch category {
            case .uppercaseLetter: 0
            case .lowercaseLetter: 1
            case .titlecaseLetter: 2
            case .modifierLetter: 3
            case .otherLetter: 4
            case .nonspacingMark: 5
            case .spacingMark: 6
            case .enclosingMark: 7
            case .decimalNumber: 8
            case .letterNumber: 9
            case .otherNumber: 10
            case .connectorPunctuation: 11
            case .dashPunctuation: 12
            case .openPunctuation: 13
            case .closePunctuation: 14
            case .initialPunctuation: 15
            case .finalPunctuation: 16
            case .otherPunctuation: 17
            case .mathSymbol: 18
            case .currencySymbol: 19
            case .modifierSymbol: 20
            case .otherSymbol: 21
            case .spaceSeparator: 22
            case .lineSeparator: 23
            case .paragraphSeparator: 24
            case .control: 25
            case .format: 26
            case .surrogate: 27
            case .privateUse: 28
            default: 29
            }
        return number << categoryShift
    }

    private static func traits(_ scalar: Unicode.Scalar) -> UInt32 {
        let value = scalar.value
        let properties = scalar.properties
        let major = properties.age?.major ?? .max
        let isKnown = major <= 16
        let general = isKnown ? properties.generalCategory : .unassigned
        var traits = category(general)
        switch general {
        case .uppercaseLetter, .titlecaseLetter: traits |= letter | upper
        case .lowercaseLetter: traits |= letter | lower
        case .modifierLetter, .otherLetter: traits |= letter | caseless
        case .nonspacingMark, .spacingMark, .enclosingMark: traits |= caseless | word
        case .decimalNumber: traits |= number | word
        case .letterNumber, .otherNumber: traits |= number
        case .connectorPunctuation: traits |= punctuation | word
        case .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            traits |= punctuation
        case .mathSymbol, .currencySymbol, .modifierSymbol, .otherSymbol: traits |= punctuation
        default: break
        }
        if isKnown, properties.isAlphabetic || properties.isJoinControl { traits |= word }
        switch properties.generalCategory {
        case .decimalNumber, .letterNumber, .otherNumber: if major <= 17 { traits |= numeric }
        default: break
        }
        if properties.isWhitespace { traits |= space }
        traits |= older(value, general, major)
        if isHan(value) { traits |= han }
        if value == 0x0A || value == 0x0D { traits |= lineBreak }
        return traits
    }

    /// The classes of Unicode 8 and 9. What has been added since is in none; what has changed its class is named.
    private static func older(
        _ value: UInt32, _ general: Unicode.GeneralCategory, _ major: Int
    ) -> UInt32 {
        var older: UInt32 = 0
        if isASCIIPunctuation(value) { older |= olderPunctuation }
        switch general {
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation,
            .initialPunctuation, .finalPunctuation, .otherPunctuation:
            if major <= 8 { older |= olderPunctuation }
        case .nonspacingMark:
            if major <= 8 { older |= nonspacing }
            if major <= 9 { older |= mark }
        case .spacingMark, .enclosingMark:
            if major <= 9 { older |= mark }
        case .control, .format, .privateUse:
            let isLine = value == 0x09 || value == 0x0A || value == 0x0D
            if major <= 8, !isLine { older |= control }
        default: break
        }
        switch value {
        case 0x166D: older |= olderPunctuation
        case 0x111C9: older = olderPunctuation
        case 0x1CF2, 0x1CF3: older |= mark
        case 0x1734, 0x1171E: older |= nonspacing
        case 0x1885, 0x1886, 0xA9BD: older &= ~nonspacing
        default: break
        }
        return older
    }

    private static func isASCIIPunctuation(_ value: UInt32) -> Bool {
        switch value {
        case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    private static func isHan(_ value: UInt32) -> Bool {
        switch value {
        case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F: true
        case 0x2B740...0x2B81F, 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F: true
        default: false
        }
    }

    /// The general categories' short names, by their numbers.
    static let categories = [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
        "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co", "Cn",
    ]
}

/// The scalar that begins at `place`, in text known to be UTF-8, and how many bytes it has.
@inline(__always)
func scalar(_ text: UnsafePointer<UInt8>, _ place: Int) -> (value: UInt32, length: Int) {
    let first = UInt32(text[place])
    if first < 0x80 { return (first, 1) }
    let second = UInt32(text[place + 1] & 0x3F)
    if first < 0xE0 { return ((first & 0x1F) << 6 | second, 2) }
    let third = UInt32(text[place + 2] & 0x3F)
    if first < 0xF0 { return ((first & 0x0F) << 12 | second << 6 | third, 3) }
    let fourth = UInt32(text[place + 3] & 0x3F)
    return ((first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4)
}

/// The scalar that ends before `place`, in text known to be UTF-8, and how many bytes it has.
@inline(__always)
func scalarBefore(_ text: UnsafePointer<UInt8>, _ place: Int) -> (value: UInt32, length: Int) {
    var start = place - 1
    while text[start] & 0xC0 == 0x80 { start -= 1 }
    return scalar(text, start)
}

/// How many bytes the scalar that begins with `byte` has.
@inline(__always)
func scalarLength(_ byte: UInt8) -> Int {
    byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
}

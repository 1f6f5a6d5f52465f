/// The expressions that the known language models split text by, each with a scanner of its own.
///
/// They are recognised by their exact text. A scanner gives, from one place, the end of the match there; every one of
/// them matches at every place, so that a text is cut without a gap.
enum KnownExpression: Sendable, Equatable {
    /// GPT-2.
    case gpt2
    /// GPT-4, Llama 3, Qwen 2: they differ in how many digits stand together, and in how white space at the end is cut.
    case gpt4(digits: Int, endsAtOnce: Bool)
    /// GPT-4o.
    case gpt4o

    /// The expression of GPT-2, as `ByteLevel` uses it.
    static let gpt2Text =
        #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
    /// GPT-4's expression as Llama 3 writes it.
    static let llama3Text =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+"#
        + #"[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// GPT-4's expression as tiktoken has it, in Oniguruma's words.
    static let cl100kText =
        #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*+"#
        + #"|\s++\z|\s*[\r\n]|\s+(?!\S)|\s"#
    /// Qwen 2's expression.
    static let qwen2Text =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"#
        + #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
    /// GPT-4o's expression.
    static let gpt4oText =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"#
        + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"#
        + #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"#
        + #"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"#
        + #"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// The expression written `text`; nil where it is another.
    init?(_ text: String) {
        switch text {
        case Self.gpt2Text: self = .gpt2
        case Self.llama3Text: self = .gpt4(digits: 3, endsAtOnce: false)
        case Self.cl100kText: self = .gpt4(digits: 3, endsAtOnce: true)
        case Self.qwen2Text: self = .gpt4(digits: 1, endsAtOnce: false)
        case Self.gpt4oText: self = .gpt4o
        default: return nil
        }
    }
}

/// Cuts a text by one of the known expressions.
struct ExpressionScanner {
    private let text: UnsafePointer<UInt8>
    private let end: Int
    private let traits: UnicodeTraits
    private let ascii: UnsafeMutablePointer<UInt32>

    private static let letter = UnicodeTraits.letter
    private static let number = UnicodeTraits.number
    private static let space = UnicodeTraits.space

    /// A scanner of `text` up to `end`, which is the end of the text to all expressions.
    @inline(__always)
    init(_ text: UnsafePointer<UInt8>, end: Int, traits: UnicodeTraits) {
        self.text = text
        self.end = end
        self.traits = traits
        ascii = traits.ascii
    }

    @inline(__always)
    private func look(_ place: Int) -> (traits: UInt32, length: Int) {
        let byte = text[place]
        if byte < 0x80 { return (ascii[Int(byte)], 1) }
        let (value, length) = scalar(text, place)
        return (traits[value], length)
    }

    /// The first place from `place` on whose scalar has none of `mask`.
    @inline(__always)
    private func run(_ place: Int, of mask: UInt32) -> Int {
        var place = place
        while place < end {
            let (traits, length) = look(place)
            if traits & mask == 0 { break }
            place += length
        }
        return place
    }

    /// The first place from `place` on whose scalar is a letter, a number or white space.
    @inline(__always)
    private func marks(_ place: Int) -> Int {
        var place = place
        while place < end {
            let (traits, length) = look(place)
            if traits & (Self.letter | Self.number | Self.space) != 0 { break }
            place += length
        }
        return place
    }

    /// The end of `'s`, `'re` and the like at `place`; nil where there is none.
    @inline(__always)
    private func contraction(_ place: Int, anyCase: Bool) -> Int? {
        guard place + 1 < end, text[place] == 0x27 else { return nil }
        let fold: UInt8 = anyCase ? 0x20 : 0
        let first = text[place + 1] | fold
        switch first {
        case 0x73, 0x74, 0x6D, 0x64: return place + 2
        case 0xC5 | fold where anyCase && text[place + 1] == 0xC5:
            // U+017F is an s when case does not count.
            return place + 2 < end && text[place + 2] == 0xBF ? place + 3 : nil
        default: break
        }
        guard place + 2 < end else { return nil }
        let second = text[place + 2] | fold
        switch (first, second) {
        case (0x72, 0x65), (0x76, 0x65), (0x6C, 0x6C): return place + 3
        default: return nil
        }
    }

    /// The end of `\s+(?!\S)|\s+` at `place`.
    @inline(__always)
    private func whiteSpace(_ place: Int) -> Int {
        let after = run(place, of: Self.space)
        if after == end { return after }
        let before = after - scalarBefore(text, after).length
        return before > place ? before : after
    }

    /// The end of `\s*[\r\n]+` at `place`; nil where there is no line break in the white space there.
    @inline(__always)
    private func lineBreaks(_ place: Int) -> Int? {
        var place = place
        var last: Int?
        while place < end {
            let (traits, length) = look(place)
            if traits & Self.space == 0 { break }
            place += length
            if traits & UnicodeTraits.lineBreak != 0 { last = place }
        }
        return last
    }

    /// The end of GPT-2's match at `place`.
    @inline(__always)
    func gpt2(_ place: Int) -> Int {
        let first = text[place]
        if first == 0x27, let end = contraction(place, anyCase: false) { return end }
        var start = place
        if first == 0x20 {
            start += 1
            if start == end { return end }
        }
        let (traits, length) = look(start)
        if traits & Self.letter != 0 { return run(start + length, of: Self.letter) }
        if traits & Self.number != 0 { return run(start + length, of: Self.number) }
        if traits & Self.space == 0 { return marks(start + length) }
        return whiteSpace(place)
    }

    /// The end of GPT-4's match at `place`.
    @inline(__always)
    func gpt4(_ place: Int, digits: Int, endsAtOnce: Bool) -> Int {
        let first = text[place]
        if first == 0x27, let end = contraction(place, anyCase: true) { return end }
        let (traits, length) = look(place)
        if traits & Self.letter != 0 { return run(place + length, of: Self.letter) }
        if traits & Self.number != 0 { return numbers(place, digits) }
        let next = place + length
        if next < end, traits & UnicodeTraits.lineBreak == 0 {
            let (second, more) = look(next)
            if second & Self.letter != 0 { return run(next + more, of: Self.letter) }
        }
        return marksOrSpace(place, first, traits, length, slash: false, endsAtOnce: endsAtOnce)
    }

    @inline(__always)
    private func numbers(_ place: Int, _ digits: Int) -> Int {
        var place = place
        var count = 0
        while place < end, count < digits {
            let (traits, length) = look(place)
            if traits & Self.number == 0 { break }
            place += length
            count += 1
        }
        return place
    }

    /// The end of ` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+` at `place`.
    @inline(__always)
    private func marksOrSpace(
        _ place: Int, _ first: UInt8, _ traits: UInt32, _ length: Int, slash: Bool,
        endsAtOnce: Bool
    ) -> Int {
        let all = Self.letter | Self.number | Self.space
        var start = place
        var isMark = traits & all == 0
        var size = length
        if first == 0x20, place + 1 < end {
            let (second, more) = look(place + 1)
            if second & all == 0 {
                isMark = true
                start = place + 1
                size = more
            }
        }
        if isMark {
            var after = marks(start + size)
            while after < end,
                text[after] == 0x0A || text[after] == 0x0D || (slash && text[after] == 0x2F)
            {
                after += 1
            }
            return after
        }
        if endsAtOnce, run(place, of: Self.space) == end { return end }
        return lineBreaks(place) ?? whiteSpace(place)
    }

    /// The end of GPT-4o's match at `place`.
    @inline(__always)
    func gpt4o(_ place: Int) -> Int {
        let first = text[place]
        let (traits, length) = look(place)
        if traits & Self.number != 0 { return numbers(place, 3) }
        // One scalar that is no letter, number or line break may stand before the word.
        let hasPrefix = traits & (Self.letter | UnicodeTraits.lineBreak) == 0
        let next = place + length
        if hasPrefix, next < end, let end = lowerWord(next) { return suffixed(end) }
        if let end = lowerWord(place) { return suffixed(end) }
        let upper = UnicodeTraits.upper | UnicodeTraits.caseless
        if hasPrefix, next < end {
            let after = run(next, of: upper)
            if after > next { return suffixed(after) }
        }
        let after = run(place, of: upper)
        if after > place { return suffixed(after) }
        return marksOrSpace(place, first, traits, length, slash: true, endsAtOnce: false)
    }

    /// The end of `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+` at `place`; nil where there is none.
    @inline(__always)
    private func lowerWord(_ place: Int) -> Int? {
        var after = place
        // The end of the last scalar that may stand in either half.
        var shared: Int?
        while after < end {
            let (traits, length) = look(after)
            if traits & (UnicodeTraits.upper | UnicodeTraits.caseless) == 0 { break }
            after += length
            if traits & UnicodeTraits.caseless != 0 { shared = after }
        }
        let lower = run(after, of: UnicodeTraits.lower | UnicodeTraits.caseless)
        return lower > after ? lower : shared
    }

    @inline(__always)
    private func suffixed(_ place: Int) -> Int { contraction(place, anyCase: true) ?? place }
}

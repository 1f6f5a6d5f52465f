/// Text to token numbers and back.
///
/// A tokenizer is trained on texts once and saved as `tokenizer.json`; the same texts and options
/// give the same file to the byte. All work is linear in the length of the text.
public struct Tokenizer: Sendable {
    /// How text is cut: never ``TokenizerKind/automatic``.
    public let kind: TokenizerKind
    /// The tokens with their numbers.
    public let vocabulary: Vocabulary
    /// The n-grams of tokens that have numbers of their own, if any.
    public let nGrams: NGramVocabulary?
    /// For ``TokenizerKind/dictionary``: cuts CJK runs.
    private let segmenter: DictionarySegmenter

    init(kind: TokenizerKind, vocabulary: Vocabulary, nGrams: NGramVocabulary? = nil) {
        precondition(kind != .automatic, "Tokenizer: the kind must be settled")
        self.kind = kind
        self.vocabulary = vocabulary
        self.nGrams = nGrams
        self.segmenter = DictionarySegmenter(kind == .dictionary ? vocabulary.cjkWords() : [])
    }

    /// A tokenizer for texts like `texts`.
    ///
    /// Tokens that occur less than `minimumCount` times, and those that the `maximumSize` most
    /// frequent (with padding and unknown) leave no room for, become the unknown token; words of a
    /// dictionary are cut into shorter ones instead. With `longestNGram` above 1, the `maximumNGrams` most frequent
    /// n-grams of up to so many tokens get numbers, too.
    public static func train(
        on texts: [String], kind: TokenizerKind, minimumCount: Int = 2, maximumSize: Int = 30_000,
        longestNGram: Int = 1, maximumNGrams: Int = 30_000
    ) -> Tokenizer {
        let settled =
            kind == .automatic ? (isMostlyCJK(texts) ? .characters : .words) : kind
        var counter = TokenCounter()
        switch settled {
        case .characters:
            for text in texts { forEachCharacter(text) { counter.add($0) } }
        case .words:
            for text in texts { forEachWord(text) { counter.add($0) } }
        case .dictionary, .automatic:
            let scanned = texts.map { ScannedText($0) }
            let runs = scanned.flatMap { text in
                text.runs.filter { $0.kind == .cjk }.map { text.units(of: $0) }
            }
            let segmenter = DictionarySegmenter(WordLearner().words(in: runs))
            for text in scanned {
                forEachDictionaryToken(text, segmenter) { counter.add($0) }
            }
        }
        let vocabulary = Vocabulary(
            counter, minimumCount: minimumCount, maximumSize: maximumSize)
        let tokenizer = Tokenizer(kind: settled, vocabulary: vocabulary)
        return tokenizer.countingNGrams(
            of: texts, longest: longestNGram, maximumSize: maximumNGrams)
    }

    /// The same tokenizer with numbers for the `maximumSize` most frequent n-grams of up to `longest` tokens of some texts;
    /// without n-grams if `longest` is 1.
    public func countingNGrams(
        of texts: [String], longest: Int, maximumSize: Int
    ) -> Tokenizer {
        guard longest > 1 else { return Tokenizer(kind: kind, vocabulary: vocabulary) }
        let nGrams = NGramVocabulary(
            counting: texts.map { encode($0) }, longest: longest, maximumSize: maximumSize)
        return Tokenizer(kind: kind, vocabulary: vocabulary, nGrams: nGrams)
    }

    /// The tokens of `text`, known or not.
    public func tokens(_ text: String) -> [String] {
        var tokens: [String] = []
        forEachToken(text) { tokens.append(String(decoding: $0, as: UTF8.self)) }
        return tokens
    }

    /// The numbers of the tokens of `text`; ``Vocabulary/unknownID`` for a token not known.
    public func encode(_ text: String) -> [Int32] {
        var ids: [Int32] = []
        forEachToken(text) { ids.append(vocabulary.id(of: $0)) }
        return ids
    }

    /// The text of token numbers, without padding.
    ///
    /// Characters come back as they were. Of words, white space and case are lost: there is one
    /// space between words, none beside CJK and before closing punctuation.
    public func decode(_ ids: [Int32]) -> String {
        var text = ""
        for id in ids where id != Vocabulary.paddingID {
            let token = vocabulary.token(id)
            if kind != .characters, Self.needsSpace(between: text, and: token) { text += " " }
            text += token
        }
        return text
    }

    private func forEachToken(_ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        switch kind {
        case .characters: Self.forEachCharacter(text, body)
        case .words: Self.forEachWord(text, body)
        case .dictionary, .automatic:
            Self.forEachDictionaryToken(ScannedText(text), segmenter, body)
        }
    }

    private static func forEachCharacter(
        _ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        for character in text {
            var token = String(character)
            token.withUTF8(body)
        }
    }

    private static func forEachWord(
        _ text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        let scanned = ScannedText(text)
        scanned.bytes.withUnsafeBufferPointer { bytes in
            for word in scanned.words() { body(UnsafeBufferPointer(rebasing: bytes[word])) }
        }
    }

    private static func forEachDictionaryToken(
        _ text: ScannedText, _ segmenter: DictionarySegmenter,
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) {
        text.bytes.withUnsafeBufferPointer { bytes in
            for run in text.runs {
                guard run.kind == .cjk else {
                    body(UnsafeBufferPointer(rebasing: bytes[run.bytes]))
                    continue
                }
                var start = run.bytes.lowerBound
                for length in segmenter.lengths(text.units(of: run)) {
                    let end = start + 3 * length
                    body(UnsafeBufferPointer(rebasing: bytes[start..<end]))
                    start = end
                }
            }
        }
    }

    static func needsSpace(between text: String, and token: String) -> Bool {
        guard let left = text.unicodeScalars.last, let right = token.unicodeScalars.first else {
            return false
        }
        // Han characters, kana and their punctuation; Korean has spaces between its words.
        let isWide = { (scalar: Unicode.Scalar) in
            switch scalar.value {
            case 0x2E80...0x30FF, 0x31A0...0xA4CF, 0xF900...0xFAFF, 0xFE30...0xFE4F: true
            case 0xFF00...0xFF9F, 0x20000...0x3FFFF: true
            default: false
            }
        }
        if isWide(left) || isWide(right) { return false }
        return !"([{".unicodeScalars.contains(left) && !".,!?;:)]}%".unicodeScalars.contains(right)
    }
}

extension Tokenizer: Equatable {
    /// Two tokenizers are equal when they give the same tokens and numbers for every text.
    public static func == (left: Tokenizer, right: Tokenizer) -> Bool {
        left.kind == right.kind && left.vocabulary == right.vocabulary
            && left.nGrams == right.nGrams
    }
}

extension Vocabulary {
    /// The CJK words of one to four characters, with their counts, for a segmenter.
    fileprivate func cjkWords() -> [(key: UInt64, count: Int)] {
        var words: [(key: UInt64, count: Int)] = []
        for index in 2..<max(count, 2) {
            let bytes = table[index]
            guard bytes.count % 3 == 0, bytes.count <= 3 * WordKey.longest else { continue }
            var key: UInt64 = 0
            var isWord = true
            for start in stride(from: bytes.startIndex, to: bytes.endIndex, by: 3) {
                let unit =
                    UInt32(bytes[start] & 0x0F) << 12 | UInt32(bytes[start + 1] & 0x3F) << 6
                    | UInt32(bytes[start + 2] & 0x3F)
                guard bytes[start] & 0xF0 == 0xE0, ScalarClass.isCJK(unit) else {
                    isWord = false
                    break
                }
                key = key << 16 | UInt64(unit)
            }
            if isWord { words.append((key, counts[index])) }
        }
        return words
    }
}

/// The added tokens, by their numbers, and found in a text.
///
/// Source: `tokenizer/added_vocabulary.rs` of Hugging Face tokenizers, whose numbers and ranges it gives.
struct AddedTokenIndex: Sendable {
    /// By rising number.
    let tokens: [AddedToken]
    /// What a token is in decoding: its normalised content, if it is normalised.
    private let texts: [Int32: String]
    private let places: [Int32: Int]
    private let numbers: [String: Int32]
    private let special: Set<String>
    /// The bytes that special tokens begin with.
    let specialStarts: Set<UInt8>
    private let plain: TokenAutomaton?
    private let normalized: TokenAutomaton?

    /// Numbers `tokens` as Hugging Face does: by the vocabulary where it has the content, else one after the other.
    ///
    /// Throws ``PipelineError`` where they are too many, or cannot be normalised.
    init(
        _ tokens: [AddedToken], model: TokenModel, steps: [NormalizerStep], worker: PipelineWorker
    ) throws {
        var numbers: [String: Int32] = [:]
        var kept: [Int32: AddedToken] = [:]
        var texts: [Int32: String] = [:]
        var special: Set<String> = []
        var next = Int32(model.pieceCount)
        for token in tokens where !token.content.isEmpty {
            var token = token
            if let known = numbers[token.content] ?? model.id(of: token.content) {
                token.id = known
            } else {
                token.id = next
                next += 1
            }
            if token.isNormalized, !steps.isEmpty {
                let text = try worker.normalise(token.content, steps)
                if Array(text.utf8) != Array(token.content.utf8) { texts[token.id] = text }
            }
            numbers[token.content] = token.id
            if token.isSpecial { special.insert(token.content) }
            kept[token.id] = token
        }
        let sorted = kept.values.sorted { $0.id < $1.id }
        self.tokens = sorted
        self.numbers = numbers
        self.texts = texts
        self.special = special
        specialStarts = Set(special.compactMap(\.utf8.first))
        places = Dictionary(uniqueKeysWithValues: sorted.enumerated().map { ($1.id, $0) })
        func automaton(isNormalized: Bool) throws -> TokenAutomaton? {
            let chosen = sorted.filter { $0.isNormalized == isNormalized }
                .map { (text: Array((texts[$0.id] ?? $0.content).utf8), id: $0.id) }
                .filter { !$0.text.isEmpty }
            return chosen.isEmpty ? nil : try TokenAutomaton(chosen)
        }
        plain = try automaton(isNormalized: false)
        normalized = try automaton(isNormalized: true)
    }

    /// Whether some token is found in the text as it is.
    var hasPlain: Bool { plain != nil }
    /// Whether some token is found in the normalised text.
    var hasNormalized: Bool { normalized != nil }

    /// The token numbered `id`.
    func token(_ id: Int32) -> AddedToken? { places[id].map { tokens[$0] } }

    /// The number of the token with this content.
    func id(of content: String) -> Int32? { numbers[content] }

    /// What the token numbered `id` is in decoding.
    func text(_ id: Int32) -> String? { texts[id] ?? token(id)?.content }

    /// Whether a special token has this content.
    func isSpecial(_ content: String) -> Bool { special.contains(content) }

    /// Appends the tokens found in `text` from `start` to `end`, and what lies between them.
    ///
    /// `body` gets a range, and the number of the token there, or -1.
    func split(
        _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, isNormalized: Bool,
        _ traits: UnicodeTraits, _ body: (_ start: Int, _ end: Int, _ id: Int32) -> Void
    ) {
        guard start < end else { return }
        guard let automaton = isNormalized ? normalized : plain else {
            return body(start, end, -1)
        }
        var done = start
        var from = start
        while from < end, let match = automaton.find(in: text, from: from, to: end) {
            from = match.end
            let token = self.token(match.id)!
            var (first, last) = (match.start, match.end)
            if token.isSingleWord {
                let isWordBefore =
                    first > start
                    && traits[scalarBefore(text, first).value] & UnicodeTraits.word != 0
                let isWordAfter =
                    last < end && traits[scalar(text, last).value] & UnicodeTraits.word != 0
                if isWordBefore || isWordAfter { continue }
            }
            if token.stripsLeft {
                while first > start {
                    let (value, length) = scalarBefore(text, first)
                    if traits[value] & UnicodeTraits.space == 0 { break }
                    first -= length
                }
                first = max(first, done)
            }
            if token.stripsRight {
                while last < end {
                    let (value, length) = scalar(text, last)
                    if traits[value] & UnicodeTraits.space == 0 { break }
                    last += length
                }
            }
            if done < first { body(done, first, -1) }
            body(first, last, match.id)
            done = last
        }
        if done < end { body(done, end, -1) }
    }
}

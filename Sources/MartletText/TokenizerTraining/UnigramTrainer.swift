/// Learns a Unigram model: pieces whose probabilities make the words most likely (Kudo 2018).
///
/// The method is SentencePiece's: seeds from a suffix array, rounds of expectation and maximisation with a sparse prior
/// (Liang and Klein 2007), and after each two of them a cut to three quarters: the pieces whose loss changes the
/// likelihood least go. Where it differs from Hugging Face's `UnigramTrainer`:
///
/// - A seed's frequency counts a word as often as it was seen, not once; a substring that only ends words, and a whole
///   word that was seen twice, are seeds too.
/// - The last cut to `size` is by that loss as well, and the scores are fitted once more after it.
/// - Equal scores are ordered by the pieces' bytes, so the same words and options give the same model.
public struct UnigramTrainer: Sendable {
    /// How many pieces there shall be in all.
    public var size = 8000
    /// Pieces with the first numbers; one of them should be what unknown characters become.
    public var specialTokens = ["<unk>"]
    /// Whether `<0x00>` to `<0xFF>` follow the special tokens: for characters that are not in the alphabet.
    public var hasByteFallback = false
    /// How many characters become pieces, the most frequent; nil: all.
    public var alphabetLimit: Int?
    /// The most characters of a piece, up to 64.
    public var maximumLength = 16
    /// The most seeds beside the characters.
    public var seeds = 1_000_000
    /// What a cut leaves.
    public var shrinkingFactor = 0.75
    /// Rounds of expectation and maximisation before a cut.
    public var roundsPerCut = 2
    /// How many threads work; the result does not depend on it.
    public var threads: Int

    /// A trainer for `size` pieces, on `threads` threads (by default `MARTLET_THREADS`, or the cores this process may
    /// use).
    public init(size: Int = 8000, threads: Int? = nil) {
        self.size = size
        self.threads = max(1, threads ?? TrainingThreads.standard)
    }

    /// Learns from `words`.
    ///
    /// There are less pieces than `size` where the words have no more. Throws ``TokenizerTrainingError`` where there
    /// are no words, or `size` has no room for special tokens, bytes and the alphabet.
    public func train(
        on words: WordCounts, report: TokenizerTrainingReport = { _ in }
    ) throws -> TrainedUnigram {
        guard words.count > 0 else { throw TokenizerTrainingError.empty(paths: ["words"]) }
        guard (1...64).contains(maximumLength), shrinkingFactor > 0, shrinkingFactor < 1,
            roundsPerCut > 0, seeds >= 0
        else {
            throw TokenizerTrainingError.option(
                "Unigram: pieces have 1 to 64 characters, a cut leaves a share between 0 and 1, rounds are 1 or more"
            )
        }
        let fixed = specialTokens + (hasByteFallback ? BytePieces.fallbackPieces : [])
        let text = UnigramText(words, alphabetLimit: alphabetLimit, excluding: Set(fixed))
        let least = fixed.count + text.alphabet.count
        guard least <= size else {
            throw TokenizerTrainingError.tooSmall(
                size: size, least: least,
                why: "special tokens\(hasByteFallback ? ", 256 bytes" : "") and the alphabet")
        }
        var model = UnigramSeeds(text, maximumLength: maximumLength, limit: seeds).model(
            threads: threads)
        report(.seeded(pieces: model.count))
        // No more than there are, however large `size` is.
        let target = min(size - fixed.count, model.count)
        let nearly = target * 11 / 10
        while true {
            for _ in 0..<roundsPerCut {
                let logProbability = model.fit(droppingRare: true)
                report(.fitted(pieces: model.count, of: target, logProbability: logProbability))
            }
            if model.count <= nearly { break }
            model.cut(to: max(nearly, Int(Double(model.count) * shrinkingFactor)))
        }
        model.cut(to: target)
        for _ in 0..<roundsPerCut {
            let logProbability = model.fit(droppingRare: false)
            report(.fitted(pieces: model.count, of: target, logProbability: logProbability))
        }
        let reserved = Set(fixed)
        let learned = model.pieces().filter { !reserved.contains($0.text) }
        return TrainedUnigram(pieces: fixed.map { .init(text: $0, score: 0) } + learned)
    }
}

/// From files to a trained tokenizer: count words, learn pieces, put the stages around them.
public struct TokenizerRecipe: Sendable {
    /// How the pieces are learned.
    public enum Kind: String, Sendable, CaseIterable {
        /// Byte pair encoding: ``BPETrainer``.
        case bpe
        /// A Unigram model: ``UnigramTrainer``.
        case unigram
        /// WordPiece: ``WordPieceTrainer``.
        case wordpiece
        /// Whole words, by a dictionary learned from the text: ``DictionarySegmenter``.
        case words
    }

    /// What is done to the text before it is split.
    public enum Normalization: String, Sendable, CaseIterable {
        /// Nothing: the text comes back as it was.
        case unchanged = "none"
        /// Composed characters (NFC).
        case nfc
        /// Composed characters, and one form for those that mean the same (NFKC).
        case nfkc
        /// NFKC and lower case.
        case lowercase
        /// As BERT's uncased models do.
        case bert

        /// The stage that does it; nil: none.
        public var normalizer: Normalizer? {
            switch self {
            case .unchanged: nil
            case .nfc: .nfc
            case .nfkc: .nfkc
            case .lowercase: .sequence([.nfkc, .lowercase])
            case .bert:
                .bert(
                    cleanText: true, handleChineseCharacters: true, stripAccents: nil,
                    lowercase: true)
            }
        }
    }

    /// How the pieces are learned.
    public var kind: Kind
    /// How many pieces there shall be, up to 2^24 - 1.
    public var size = 16_000
    /// Pieces with the first numbers; nil: those that go with the kind.
    public var specialTokens: [String]?
    /// BPE: whether words consist of characters at first, with bytes for those that are no piece, and `▁` for spaces.
    public var hasCharacters = false
    /// The least number of times a pair must be seen to become a piece, or a word to be one; Unigram does without.
    public var minimumFrequency = 0
    /// How many characters become pieces, the most frequent; nil: all (WordPiece: 1000).
    public var alphabetLimit: Int?
    /// What is done to the text before it is split; nil: what goes with the kind. Words do without.
    public var normalization: Normalization?
    /// Words: whether the files have spaces between the words, as somebody cut them.
    public var isSegmented = false
    /// Words: a file of words that always win.
    public var userWords: String?
    /// How many threads work; the result does not depend on it.
    public var threads: Int

    /// A recipe of that kind, on `threads` threads (by default `MARTLET_THREADS`, or the cores this process may use).
    public init(_ kind: Kind, threads: Int? = nil) {
        self.kind = kind
        self.threads = max(1, threads ?? TrainingThreads.standard)
    }

    /// What came of it.
    public struct Outcome: Sendable {
        /// The tokenizer.
        public var tokenizer: TokenizerPipeline
        /// Words: how often each was seen.
        public var dictionary: WordDictionary?
        /// Words of segmented files: how well those of a held-out tenth of the lines are found.
        public var score: SegmentationScore?
    }

    /// The special tokens that go with the kind.
    public var standardSpecialTokens: [String] {
        switch kind {
        case .bpe: hasCharacters ? ["<unk>", "<s>", "</s>"] : ["<|endoftext|>"]
        case .unigram: ["<unk>", "<s>", "</s>"]
        case .wordpiece: ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        case .words: ["<unk>"]
        }
    }

    /// Learns from files.
    ///
    /// Throws ``TokenizerTrainingError`` for files that cannot be learned from and options that cannot be, and
    /// ``PipelineError``.
    public func run(
        _ files: [String], report: TokenizerTrainingReport = { _ in }
    ) throws -> Outcome {
        guard !files.isEmpty else {
            throw TokenizerTrainingError.option("no files to learn from")
        }
        guard size <= PieceTable.largestID else {
            throw TokenizerTrainingError.option(
                "size \(size) is too large: a tokenizer has at most \(PieceTable.largestID) pieces; ask for less"
            )
        }
        let special = specialTokens ?? standardSpecialTokens
        guard Set(special).count == special.count, !special.contains("") else {
            throw TokenizerTrainingError.option(
                "special tokens must differ and have characters: \(special.joined(separator: " "))")
        }
        switch kind {
        case .bpe:
            var trainer = BPETrainer(size: size)
            trainer.symbols = hasCharacters ? .characters : .bytes
            trainer.specialTokens = special
            trainer.hasByteFallback = hasCharacters
            trainer.minimumFrequency = minimumFrequency
            trainer.alphabetLimit = alphabetLimit
            let normalizer = (normalization ?? .unchanged).normalizer
            let words = try count(
                files, hasCharacters ? .metaspace : .byteLevel, normalizer, report)
            let trained = try trainer.train(on: words, report: report)
            return Outcome(
                tokenizer: try TokenizerPipeline(trained, by: trainer, normalizer: normalizer))
        case .unigram:
            var trainer = UnigramTrainer(size: size, threads: threads)
            trainer.specialTokens = special
            trainer.alphabetLimit = alphabetLimit
            trainer.hasByteFallback = alphabetLimit != nil
            let normalizer = (normalization ?? .nfkc).normalizer
            let words = try count(files, .metaspace, normalizer, report)
            let trained = try trainer.train(on: words, report: report)
            return Outcome(
                tokenizer: try TokenizerPipeline(trained, by: trainer, normalizer: normalizer))
        case .wordpiece:
            var trainer = WordPieceTrainer(size: size)
            trainer.specialTokens = special
            trainer.minimumFrequency = minimumFrequency
            if let alphabetLimit { trainer.alphabetLimit = alphabetLimit }
            let normalizer = (normalization ?? .bert).normalizer
            let words = try count(files, .bert, normalizer, report)
            let pieces = try trainer.train(on: words, report: report)
            return Outcome(
                tokenizer: try TokenizerPipeline(
                    wordPieces: pieces, by: trainer, normalizer: normalizer))
        case .words: return try words(files, report)
        }
    }

    private func count(
        _ files: [String], _ family: TokenizerPipeline.Family, _ normalizer: Normalizer?,
        _ report: TokenizerTrainingReport
    ) throws -> WordCounts {
        try CorpusCounter(threads: threads).count(
            files, split: try family.splitter(normalizer: normalizer), report: report)
    }
}

extension TokenizerPipeline {
    /// The stages before the model that go with a family of trained tokenizers, and the decoder after it.
    public enum Family: String, Sendable, CaseIterable {
        /// Byte-level, as GPT-2's: any text comes back as it was.
        case byteLevel
        /// Spaces become `▁` and begin words, as in SentencePiece; bytes stand for characters that are no piece.
        case metaspace
        /// Words and punctuation, as BERT's.
        case bert
        /// White space parts words, and is left out; for models over whole words.
        case words

        /// How the text is split into words.
        public var preTokenizer: PreTokenizer {
            switch self {
            case .byteLevel: .byteLevel(ByteLevelOptions(addsPrefixSpace: false))
            case .metaspace: .metaspace(MetaspaceOptions())
            case .bert: .bert
            case .words: .whitespaceSplit
            }
        }

        /// How pieces become text again.
        public var decoder: TokenDecoder {
            switch self {
            case .byteLevel: .byteLevel
            case .metaspace:
                .sequence([
                    .replace(.text("\u{2581}"), content: " "), .byteFallback, .fuse,
                    .strip(content: " ", start: 1, stop: 0),
                ])
            case .bert: .wordPiece(prefix: "##", cleansUp: true)
            case .words: .fuse
            }
        }

        /// Whether the ends of lines are part of the text it learns from.
        public var keepsLineEnds: Bool { self == .byteLevel }

        /// Finds a line's words for ``CorpusCounter``, as the trained tokenizer will.
        public func splitter(normalizer: Normalizer?) throws -> CorpusCounter.Splitter {
            try CorpusCounter.splitter(
                normalizer: normalizer, preTokenizer: preTokenizer, keepsLineEnds: keepsLineEnds)
        }
    }

    /// A tokenizer of what BPE training found: byte-level, or with `▁` and byte fallback where the trainer had that.
    ///
    /// `specialTokens` must be the trainer's. Throws ``PipelineError``.
    public init(
        _ trained: TrainedBPE, by trainer: BPETrainer, normalizer: Normalizer? = nil
    ) throws {
        let family = trainer.symbols == .bytes ? Family.byteLevel : .metaspace
        let model = try BytePairModel(
            pieces: trained.pieces,
            merges: trained.merges.map { (left: Int32($0.left), right: Int32($0.right)) },
            options: .init(
                unknownToken: trainer.symbols == .bytes ? nil : trainer.specialTokens.first,
                continuingPrefix: trainer.continuingPrefix,
                fusesUnknown: trainer.symbols == .characters,
                hasByteFallback: trainer.hasByteFallback))
        try self.init(
            model: .bytePair(model), normalizer: normalizer, preTokenizer: family.preTokenizer,
            decoder: family.decoder, addedTokens: Self.added(trainer.specialTokens))
    }

    /// A tokenizer of what Unigram training found. Throws ``PipelineError``.
    public init(
        _ trained: TrainedUnigram, by trainer: UnigramTrainer, normalizer: Normalizer? = nil
    ) throws {
        let family = Family.metaspace
        let model = try UnigramModel(
            pieces: trained.pieces.map { (piece: $0.text, score: $0.score) },
            unknownID: trainer.specialTokens.isEmpty ? nil : 0,
            hasByteFallback: trainer.hasByteFallback)
        try self.init(
            model: .unigram(model), normalizer: normalizer, preTokenizer: family.preTokenizer,
            decoder: family.decoder, addedTokens: Self.added(trainer.specialTokens))
    }

    /// A tokenizer of WordPiece pieces: `[CLS] … [SEP]` stand around texts where both are special tokens.
    ///
    /// Throws ``PipelineError``.
    public init(
        wordPieces pieces: [String], by trainer: WordPieceTrainer, normalizer: Normalizer? = nil
    ) throws {
        let special = trainer.specialTokens
        let model = try WordPieceModel(
            pieces: pieces,
            unknownToken: special.contains("[UNK]") ? "[UNK]" : special.first ?? "[UNK]",
            continuingPrefix: trainer.continuingPrefix)
        var processor: PostProcessor?
        if let start = special.firstIndex(of: "[CLS]"), let end = special.firstIndex(of: "[SEP]") {
            processor = .bert(
                separator: .init(content: "[SEP]", id: Int32(end)),
                start: .init(content: "[CLS]", id: Int32(start)))
        }
        try self.init(
            model: .wordPiece(model), normalizer: normalizer,
            preTokenizer: Family.bert.preTokenizer, postProcessor: processor,
            decoder: .wordPiece(prefix: trainer.continuingPrefix, cleansUp: true),
            addedTokens: Self.added(special))
    }

    private static func added(_ special: [String]) -> [AddedToken] {
        special.enumerated().map { AddedToken(id: Int32($0), content: $1, isSpecial: true) }
    }
}

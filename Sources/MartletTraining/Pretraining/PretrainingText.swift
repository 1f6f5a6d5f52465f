import MartletData
import MartletModels
import MartletStore
import MartletTensor
import MartletText

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The text of a run as tokens, in a mapped file, with the tokenizer that made them.
struct PretrainingText {
    let tokenizer: RunningTokenizer
    /// The tokens, int32 `[N]`.
    let training, validation, test: Tensor
    /// The characters of the test text.
    let testCharacters: Int
    /// Whether the tokens lie in a mapped file of the run.
    private let isMapped: Bool

    /// Where the tokens lie while the run goes on.
    static func folder(of run: String) -> String { run + "/tokens" }

    /// A text, cut into tokens; of a run that is resumed those that are there already.
    static func tokens(
        of corpus: TextCorpus, _ options: PretrainingOptions, run: String, canReuse: Bool
    ) throws -> PretrainingText {
        if canReuse, let known = try? PretrainingText(folder: folder(of: run), corpus) {
            if let given = try given(options), given.json != known.tokenizer.json {
                throw TrainingError.cannotResume(
                    "\(options.tokenizer!) is not the tokenizer that the run was begun with; give the same one, or train anew into another --out"
                )
            }
            return known
        }
        var parts = corpus.parts()
        if options.task == .t5 {
            // T5's tokenizers know no ends of lines.
            parts.training = inOneLine(parts.training)
            parts.validation = inOneLine(parts.validation)
            parts.test = inOneLine(parts.test)
        }
        let tokenizer = try given(options) ?? learned(from: parts.training, options)
        func tokens(_ text: String) throws -> Tensor { Tensor(try tokenizer.encode(text)) }
        return PretrainingText(
            tokenizer: tokenizer, training: try tokens(parts.training),
            validation: try tokens(parts.validation), test: try tokens(parts.test),
            testCharacters: parts.test.count)
    }

    /// The same, mapped from a folder of the run, which is written first if it has not been.
    func mapped(_ corpus: TextCorpus, run: String) throws -> PretrainingText {
        guard !isMapped else { return self }
        let folder = Self.folder(of: run)
        try CheckpointFolder.write(
            to: folder,
            files: [
                ("tokenizer.json", .bytes(tokenizer.json)),
                (
                    "tokens.safetensors",
                    .tensors(
                        [("training", training), ("validation", validation), ("test", test)],
                        metadata: [
                            "text_sha256": corpus.sha256, "test_characters": "\(testCharacters)",
                        ])
                ),
            ])
        return try PretrainingText(folder: folder, corpus)
    }

    private init(
        tokenizer: RunningTokenizer, training: Tensor, validation: Tensor, test: Tensor,
        testCharacters: Int
    ) {
        self.tokenizer = tokenizer
        (self.training, self.validation, self.test) = (training, validation, test)
        self.testCharacters = testCharacters
        isMapped = false
    }

    /// The tokens of a folder that were made of a text.
    private init(folder: String, _ corpus: TextCorpus) throws {
        let path = CheckpointFolder.resolve(folder, "tokens.safetensors")
        let file = try SafetensorsFile(path: path)
        guard file.metadata["text_sha256"] == corpus.sha256 else {
            throw TrainingError.cannotResume("\(path) is of another text")
        }
        tokenizer = try RunningTokenizer(
            contentsOf: CheckpointFolder.resolve(folder, "tokenizer.json"))
        (training, validation, test) = (
            try file.tensor("training"), try file.tensor("validation"), try file.tensor("test")
        )
        testCharacters = file.metadata["test_characters"].flatMap(Int.init) ?? 0
        isMapped = true
    }

    private static func inOneLine(_ text: String) -> String {
        String(decoding: text.utf8.map { $0 == 10 || $0 == 13 ? 32 : $0 }, as: UTF8.self)
    }

    private static func given(_ options: PretrainingOptions) throws -> RunningTokenizer? {
        try options.tokenizer.map { try RunningTokenizer(try TokenizerPipeline(path: $0)) }
    }

    /// Byte pairs for a decoder, or single characters or words where those are asked for; WordPiece for BERT, Unigram with sentinels for T5.
    private static func learned(
        from text: String, _ options: PretrainingOptions
    ) throws -> RunningTokenizer {
        let counter = CorpusCounter()
        func words(
            _ family: TokenizerPipeline.Family, _ normalizer: Normalizer?
        ) throws -> WordCounts {
            try counter.count(text: text, split: family.splitter(normalizer: normalizer))
        }
        switch options.task {
        case .gpt:
            if let unit = options.unit, unit != .subword {
                return try .train(
                    on: text, unit: unit, minimumCount: options.minimumCount,
                    maximumSize: options.vocabulary)
            }
            var trainer = BPETrainer(size: options.vocabulary)
            trainer.minimumFrequency = options.minimumCount
            trainer.specialTokens = ["<|endoftext|>"]
            return .pipeline(
                try TokenizerPipeline(try trainer.train(on: words(.byteLevel, nil)), by: trainer))
        case .bert:
            var trainer = WordPieceTrainer(size: options.vocabulary)
            // Chinese has thousands, which are its tokens; Hugging Face's default of 1,000 would lose most.
            trainer.alphabetLimit = max(1000, options.vocabulary * 3 / 4)
            trainer.minimumFrequency = options.minimumCount
            trainer.specialTokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
            let normalizer = TokenizerRecipe.Normalization.bert.normalizer
            let pieces = try trainer.train(on: words(.bert, normalizer))
            return .pipeline(
                try TokenizerPipeline(wordPieces: pieces, by: trainer, normalizer: normalizer))
        case .t5:
            var trainer = UnigramTrainer(size: options.vocabulary)
            let sentinels = (0..<100).map { "<extra_id_\($0)>" }
            trainer.specialTokens = ["<unk>", "</s>", "<pad>"] + sentinels
            trainer.hasByteFallback = false
            let normalizer = TokenizerRecipe.Normalization.nfkc.normalizer
            let trained = try trainer.train(on: words(.metaspace, normalizer))
            return .pipeline(
                try TokenizerPipeline(trained, by: trainer, normalizer: normalizer))
        }
    }

    /// The tokenizer as a pipeline, which all but that of single characters and words is.
    func pipeline() throws -> TokenizerPipeline {
        guard case .pipeline(let pipeline) = tokenizer else {
            throw TrainingError.doesNotFit("the tokenizer is not one of subwords")
        }
        return pipeline
    }

    /// Refuses text too short for windows of that length.
    func check(window length: Int, source: String) throws {
        for (name, tokens, least) in [
            ("to learn from", training, 2 * length), ("to choose by", validation, length),
            ("to judge by", test, length),
        ] where tokens.count < least {
            throw TrainingError.tooLittleData(
                "\(source) has \(tokens.count) tokens \(name) (of \(training.count + validation.count + test.count) in all): at least \(least) are needed for --context; give more text, or a smaller --context"
            )
        }
    }

    func record(of paths: [String], _ corpus: TextCorpus) -> LanguageModelRecord.DataRecord {
        .init(
            paths: paths, sha256: corpus.sha256, training: training.count,
            validation: validation.count, test: test.count)
    }

    /// The bits a character where a token costs so many nats; what the last window leaves over is taken to cost the same.
    func bitsPerCharacter(loss: Double, guesses: Int) -> Double {
        loss / 0.693_147_180_559_945_3 * Double(test.count - 1) / Double(max(testCharacters, 1))
    }

    /// Counted n-grams of up to three tokens.
    func baseline() -> LanguageModelRecord.Baseline {
        let counted = NGramLanguageModel(
            training.scalars(as: Int32.self), order: 3, vocabularySize: tokenizer.count)
        let loss = counted.loss(test.scalars(as: Int32.self))
        return .init(
            description: "Counted n-grams of up to 3 tokens (Witten-Bell)", loss: loss,
            bitsPerCharacter: bitsPerCharacter(loss: loss, guesses: test.count - 1))
    }
}

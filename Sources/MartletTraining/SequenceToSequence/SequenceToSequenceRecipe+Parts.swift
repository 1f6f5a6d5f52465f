import MartletData
import MartletModels
import MartletTensor
import MartletText

extension SequenceToSequenceRecipe {
    /// The pairs of all files in three parts, what tells them from others, and how many came before.
    func readPairs() throws -> (split: PairSplit, sha256: String, duplicates: Int) {
        let keys = PairKeys(source: data.sourceKey, target: data.targetKey)
        let training = try PairCorpus.read(data.training, keys: keys)
        guard let validationPath = data.validation, let testPath = data.test else {
            return (
                training.split(seed: options.seed), training.sha256, training.duplicates
            )
        }
        let validation = try PairCorpus.read(validationPath, keys: keys)
        let test = try PairCorpus.read(testPath, keys: keys)
        let all = [training, validation, test]
        // Each part is hashed for itself, so that a pair which moves to another part is noticed.
        let together = PairCorpus(
            source: "", pairs: all.map { TextPair(source: $0.sha256, target: "\($0.pairs.count)") })
        return (
            PairSplit(training: training.pairs, validation: validation.pairs, test: test.pairs),
            together.sha256, all.reduce(0) { $0 + $1.duplicates }
        )
    }
}

extension SequenceToSequenceRecipe {
    /// The pairs that a run learned from, in the same three parts.
    ///
    /// - Throws: ``TrainingError`` if they are others by now.
    static func split(of record: SequenceToSequenceRecord) throws -> PairSplit {
        let recipe = SequenceToSequenceRecipe(
            options: record.options, data: record.data.source, folder: "", version: "")
        let (split, sha256, _) = try recipe.readPairs()
        guard sha256 == record.data.sha256 else {
            throw TrainingError.tooLittleData(
                "\(record.data.source.training) is not what the model learned from: its test part cannot be told; give pairs in another file"
            )
        }
        return split
    }
}

/// The pairs as numbers, in three parts, with what cuts them.
struct PairParts {
    let source: SequenceTokenizer
    let target: SequenceTokenizer
    let training: PairSequences
    let validation: PairSequences
    let test: PairSequences
    /// The most tokens that a model may write: as many as a target has that it learned from.
    let longestAnswer: Int

    /// Cuts pairs into tokens that are learned from those of the training.
    ///
    /// - Throws: ``TrainingError/tooLittleData(_:)`` if a part has none, and what tokenizers throw.
    init(_ split: PairSplit, _ options: SequenceToSequenceOptions, from paths: [String]) throws {
        func tokenizer(
            _ texts: [String], _ unit: SequenceUnit, minimumCount: Int
        ) throws -> SequenceTokenizer {
            try .train(
                on: texts, unit: unit, minimumCount: minimumCount, maximumSize: options.vocabulary)
        }
        let name = paths.joined(separator: " ")
        guard !split.training.isEmpty, !split.validation.isEmpty, !split.test.isEmpty else {
            throw TrainingError.tooLittleData(
                "\(name) has \(split.training.count) pairs to learn from, \(split.validation.count) to choose by and \(split.test.count) to judge by: expected some of each; give at least ten different sources, better thousands, or files of their own with --validation and --test"
            )
        }
        let (read, written) = (split.training.map(\.source), split.training.map(\.target))
        let copies = options.copy == true
        let source: SequenceTokenizer
        let target: SequenceTokenizer
        if copies {
            // A word that is copied is on both sides: once on each is rare, too.
            source = try tokenizer(
                read + written, options.sourceUnit, minimumCount: 2 * options.minimumCount)
            target = source
        } else {
            source = try tokenizer(
                read, options.sourceUnit, minimumCount: options.minimumCount)
            target = try tokenizer(
                written, options.targetUnit, minimumCount: options.minimumCount)
        }
        func sequences(_ pairs: [TextPair]) throws -> PairSequences {
            try PairSequences(
                pairs, source: source, target: target, longest: options.longest, copying: copies)
        }
        training = try sequences(split.training)
        validation = try sequences(split.validation)
        test = try sequences(split.test)
        (self.source, self.target) = (source, target)
        longestAnswer = training.targets.reduce(0) { max($0, $1.count - 1) }
        guard training.count > 0, validation.count > 0, test.count > 0 else {
            throw TrainingError.tooLittleData(
                "\(name): of \(skipped + training.count + validation.count + test.count) pairs \(skipped) have a text of more than \(options.longest) tokens, and a part has none left; raise --longest, or cut the texts"
            )
        }
    }

    /// Pairs that were left out, because one side is too long.
    var skipped: Int { training.skipped + validation.skipped + test.skipped }

    /// What a model writes for sources: the likeliest token each time, or by beam search as ``Translator`` has it.
    private func written(
        by model: some PairLearner, for sources: [[Int32]], beam: Int, tellsAttention: Bool = false
    ) throws -> [WrittenAnswer] {
        guard beam > 1 else {
            return model.answers(
                to: sources, boundary: target.boundaryID, longest: longestAnswer,
                tellsAttention: tellsAttention)
        }
        var search = BeamSearch(writing: target)
        (search.width, search.maximumLength) = (beam, max(longestAnswer, 1))
        search.keepsAttention = tellsAttention
        return try search(model.prepared(.float32), reading: sources, batchSize: 64).map { found in
            WrittenAnswer(
                tokens: found.first?.tokens ?? [], attention: found.first?.attention ?? [])
        }
    }

    /// What a model writes for sources, as text.
    func answers(
        of model: some PairLearner, to judged: JudgedSources, beam: Int = 1
    ) throws -> [String] {
        try written(by: model, for: judged.sequences, beam: beam).enumerated().map {
            try target.decode($1.tokens, copying: judged.words[$0])
        }
    }

    /// The most frequent mistakes of answers, token by token.
    func mistakes(
        _ answers: [String], _ judged: JudgedSources
    ) throws -> [SequenceToSequenceRecord.FrequentMistake] {
        func tokens(_ text: String, _ row: Int) throws -> [String] {
            var words = judged.words[row]
            return try target.encode(text, copying: &words, adding: true).dropLast()
                .map { try target.label($0, copying: words) }
        }
        var counter = TokenMistakeCounter()
        for (row, answer) in answers.enumerated() where !judged.references[row].contains(answer) {
            counter.add(
                try tokens(answer, row),
                references: try judged.references[row].map { try tokens($0, row) })
        }
        return counter.most(20)
    }

    /// Some of the sources with what a model wrote for them, and where it looked.
    func samples(
        of model: some PairLearner, _ judged: JudgedSources, rows: [Int], _ answers: [String],
        beam: Int = 1
    ) throws -> [SequenceToSequenceRecord.Sample] {
        let rows = rows.filter(judged.texts.indices.contains)
        let written = try written(
            by: model, for: rows.map { judged.sequences[$0] }, beam: beam, tellsAttention: true)
        return try zip(rows, written).map { row, answer in
            // One that ran to its limit has no end, but weights for what would have come next. A beam tells none of an end.
            let tokens = answer.tokens + (beam > 1 ? [] : [target.boundaryID])
            let words = judged.words[row]
            return SequenceToSequenceRecord.Sample(
                source: judged.texts[row], answer: answers[row], references: judged.references[row],
                sourceTokens: try judged.sequences[row].map {
                    try source.label($0, copying: words)
                },
                answerTokens: try tokens.map { try target.label($0, copying: words) },
                attention: answer.attention.isEmpty
                    ? nil
                    : answer.attention.map { weights in
                        weights.map { (Double($0) * 1000).rounded() / 1000 }
                    })
        }
    }
}

extension SequenceToSequenceOptions {
    /// The sizes of a recurrent network.
    func recurrent(_ parts: PairParts) -> RecurrentSequenceToSequence.Configuration {
        var sizes = RecurrentSequenceToSequence.Configuration(
            cell: model == .gru ? .gru : .lstm, attention: attentionChoice.kind,
            sourceVocabularySize: parts.source.count, vocabularySize: parts.target.count,
            embeddingSize: embedding, hiddenSize: hidden, encoderLayers: layers,
            decoderLayers: layers, isBidirectional: bidirectional, isTied: isTied,
            dropout: dropout, beginning: Int(parts.target.boundaryID),
            ending: Int(parts.target.boundaryID))
        if inputFeeding == true { sizes.inputFeeding = true }
        if coverage == true { sizes.coverage = true }
        if copy == true {
            sizes.copying = true
            sizes.unknown = parts.target.tokenizer.unknownID.map { Int($0) }
        }
        return sizes
    }

    /// The sizes of a Transformer.
    func transformer(_ parts: PairParts) -> Transformer.Configuration {
        Transformer.Configuration(
            sourceVocabularySize: parts.source.count, vocabularySize: parts.target.count,
            width: hidden, innerWidth: innerWidth ?? 4 * hidden, heads: heads, layers: layers,
            isTied: isTied, dropout: dropout)
    }

    /// The rule of the steps.
    var optimizer: AdamW {
        AdamW(
            learningRate: learningRate, betas: (0.9, isRecurrent ? 0.999 : 0.98),
            weightDecay: weightDecay, decaysVectors: false)
    }

    /// Batches of pairs.
    func batcher(_ pairs: PairSequences) -> PairBatcher {
        PairBatcher(lengths: pairs.lengths, tokens: batchTokens, pairs: batch, seed: seed)
    }

    /// How long the training is; the best epoch has the lowest loss, and every epoch a score.
    func scoredPlan<M, Rule>(
        of type: Trainer<M, Rule>.Type, stepsPerEpoch: Int
    ) -> Trainer<M, Rule>.Plan {
        var plan = plan(of: type, stepsPerEpoch: stepsPerEpoch, judgedBy: .loss)
        plan.share = .score
        return plan
    }
}

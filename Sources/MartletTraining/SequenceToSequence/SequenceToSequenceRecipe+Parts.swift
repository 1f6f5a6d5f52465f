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
        func tokenizer(_ texts: [String], _ unit: SequenceUnit) throws -> SequenceTokenizer {
            try .train(
                on: texts, unit: unit, minimumCount: options.minimumCount,
                maximumSize: options.vocabulary)
        }
        let name = paths.joined(separator: " ")
        guard !split.training.isEmpty, !split.validation.isEmpty, !split.test.isEmpty else {
            throw TrainingError.tooLittleData(
                "\(name) has \(split.training.count) pairs to learn from, \(split.validation.count) to choose by and \(split.test.count) to judge by: expected some of each; give at least ten different sources, better thousands, or files of their own with --validation and --test"
            )
        }
        let source = try tokenizer(split.training.map(\.source), options.sourceUnit)
        let target = try tokenizer(split.training.map(\.target), options.targetUnit)
        func sequences(_ pairs: [TextPair]) throws -> PairSequences {
            try PairSequences(pairs, source: source, target: target, longest: options.longest)
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

    /// What a model writes for sources, as text.
    func answers(of model: some PairLearner, to judged: JudgedSources) throws -> [String] {
        try model.answers(
            to: judged.sequences, boundary: target.boundaryID, longest: longestAnswer
        ).map { try target.decode($0.tokens) }
    }

    /// Some of the sources with what a model wrote for them, and where it looked.
    func samples(
        of model: some PairLearner, _ judged: JudgedSources, rows: [Int], _ answers: [String]
    ) throws -> [SequenceToSequenceRecord.Sample] {
        let rows = rows.filter(judged.texts.indices.contains)
        let written = model.answers(
            to: rows.map { judged.sequences[$0] }, boundary: target.boundaryID,
            longest: longestAnswer, tellsAttention: true)
        return try zip(rows, written).map { row, answer in
            // One that ran to its limit has no end, but weights for what would have come next.
            let tokens = answer.tokens + [target.boundaryID]
            return SequenceToSequenceRecord.Sample(
                source: judged.texts[row], answer: answers[row], references: judged.references[row],
                sourceTokens: try judged.sequences[row].map(source.label),
                answerTokens: try tokens.map(target.label),
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

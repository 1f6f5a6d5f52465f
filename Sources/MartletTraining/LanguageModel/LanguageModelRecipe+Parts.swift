import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

extension LanguageModelRecipe {
    /// The given tokenizer, or one learned from the text to learn from.
    func tokenizer(for training: String) throws -> RunningTokenizer {
        if let path = options.tokenizer {
            return try RunningTokenizer(try TokenizerPipeline(path: path))
        }
        return try .train(
            on: training, unit: options.unit, minimumCount: options.minimumCount,
            maximumSize: options.vocabulary)
    }

    /// Refuses to resume with another tokenizer than the run was begun with.
    func check(_ saved: Header?, _ tokenizer: RunningTokenizer) throws {
        guard let saved, let path = options.tokenizer,
            saved.tokenizerSHA256 != sha256(ofGiven: tokenizer)
        else { return }
        throw TrainingError.cannotResume(
            "\(path) is not the tokenizer that the run was begun with; give the same one, or train anew into another --out"
        )
    }

    /// What tells a given tokenizer from another; nil for one that follows from the text.
    private func sha256(ofGiven tokenizer: RunningTokenizer) -> String? {
        options.tokenizer.map {
            TextCorpus(source: $0, text: String(decoding: tokenizer.json, as: UTF8.self)).sha256
        }
    }

    /// Refuses text too short to learn from, or with nothing to tell apart.
    static func check(
        _ corpus: TextCorpus, _ training: [Int32], _ validation: [Int32],
        _ test: [Int32]
    ) throws {
        guard training.count > 1, validation.count > 1, test.count > 1 else {
            throw TrainingError.tooLittleData(
                "\(corpus.source) has \(training.count + validation.count + test.count) tokens: a twentieth of them must make a test of at least two; give at least some hundred, better hundreds of thousands"
            )
        }
        guard Set(training).count > 1 else {
            throw TrainingError.tooLittleData(
                "\(corpus.source): the text to learn from is one token again and again; give text with at least two, or a smaller --minimum-count"
            )
        }
    }

    /// The model's sizes; with an adaptive softmax also its clusters, by how often the tokens are seen in training.
    func configuration(
        _ tokenizer: RunningTokenizer, _ training: [Int32]
    ) throws -> LanguageModel.Configuration {
        var result = LanguageModel.Configuration(
            cell: options.cell, vocabularySize: tokenizer.count,
            embeddingSize: options.embedding, hiddenSize: options.hidden, layers: options.layers,
            isTied: options.isTied, dropout: options.dropout,
            weightDropout: options.weightDropout)
        result.bidirectional = options.bidirectional == true ? true : nil
        guard options.softmax == .adaptive else { return result }
        var counts = [Int](repeating: 0, count: tokenizer.count)
        for token in training { counts[Int(token)] += 1 }
        let order = (0..<Int32(counts.count)).sorted {
            let (left, right) = (counts[Int($0)], counts[Int($1)])
            return left != right ? left > right : $0 < $1
        }
        result.frequencyOrder = order
        result.cutoffs =
            options.cutoffs ?? AdaptiveSoftmax.cutoffs(counts: order.map { counts[Int($0)] })
        if let problem = result.problem {
            throw TrainingError.doesNotFit(
                "--softmax adaptive does not fit \(tokenizer.count) tokens: \(problem)")
        }
        return result
    }

    func newRecord(
        _ data: LanguageModelRecord.DataRecord, _ tokenizer: RunningTokenizer, parameters: Int
    ) -> LanguageModelRecord {
        LanguageModelRecord(
            version: version, options: options, data: data,
            vocabulary: tokenizer.count, parameters: parameters,
            machine: .current)
    }

    /// Counted n-grams: five characters, or three words or subwords.
    static func baseline(
        _ unit: TextUnit, _ training: [Int32], _ test: [Int32], _ tokenizer: RunningTokenizer,
        characters: Int
    ) -> LanguageModelRecord.Baseline {
        let order = unit == .character ? 5 : 3
        let counted = NGramLanguageModel(
            training, order: order, vocabularySize: tokenizer.count)
        let scores = LanguageModelScores(
            tokens: test.count - 1, characters: characters, loss: counted.loss(test), accuracy: 0,
            unknown: 0)
        return LanguageModelRecord.Baseline(
            description:
                "Counted n-grams of up to \(order) \(unit.rawValue)s (Witten-Bell)",
            loss: scores.loss, bitsPerCharacter: scores.bitsPerCharacter)
    }

    /// What a model writes; the same random numbers each time, so that the models of two epochs can be compared.
    func sample(
        of model: LanguageModel, _ tokenizer: RunningTokenizer, length: Int, stream: UInt64
    ) throws -> String {
        var generator = TextGenerator(tokenizer: tokenizer, model: model)
        var random = options.random(ofSample: stream)
        return try (0..<length).map { _ in
            try generator.next(Sampler(temperature: 0.8), using: &random)
        }.joined()
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    func save(
        _ snapshot: Snapshot<LanguageModel, AdamW>, _ carried: CarriedState,
        _ tokenizer: RunningTokenizer, _ record: LanguageModelRecord, _ corpus: TextCorpus
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(
                to: folder, files: try Self.files(snapshot.best, tokenizer, record))
        }
        let header = Header(
            options: options, dataPaths: data, labelled: labelled, dataSHA256: corpus.sha256,
            tokenizerSHA256: sha256(ofGiven: tokenizer), progress: progress)
        try RunCheckpoint.save(
            snapshot, header: header, carried: carried.tensors, run: folder)
    }

    /// The files of a run folder.
    static func files(
        _ model: LanguageModel, _ tokenizer: RunningTokenizer, _ record: LanguageModelRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model) + [
            ("tokenizer.json", .bytes(tokenizer.json)),
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(LanguageModelPage.html(record))),
        ]
    }
}

/// The states that a window hands to the next: of the network, and of the one that reads from the end if there is one.
final class CarriedState {
    var forward: RecurrentState
    var backward: RecurrentState?

    init(like model: LanguageModel, lanes: Int) {
        forward = model.rnn.zeroState(batch: lanes)
        backward = model.backward?.zeroState(batch: lanes)
    }

    /// What a checkpoint keeps.
    var tensors: [Tensor] { forward.tensors + (backward?.tensors ?? []) }

    func restore(_ tensors: [Tensor], run: String) throws {
        let known = self.tensors
        guard known.count == tensors.count,
            zip(known, tensors).allSatisfy({ $0.shape == $1.shape && $0.dtype == $1.dtype })
        else {
            throw TrainingError.cannotResume(
                "\(RunCheckpoint.folder(of: run))/state.safetensors carries \(tensors.map(\.shape)): expected \(known.map(\.shape)); train anew with --overwrite"
            )
        }
        let count = forward.tensors.count
        forward = forward.with(tensors: Array(tensors[..<count]))
        backward = backward?.with(tensors: Array(tensors[count...]))
    }
}

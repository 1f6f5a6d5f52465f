import MartletData
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletText

extension LanguageModelRecipe {
    func readCorpus() throws -> TextCorpus {
        guard let labelled else { return try TextCorpus.read(data) }
        let texts = try TextDataset.read(labelled).split().training.map {
            $0.text.replacing("\n", with: " ")
        }
        let running = data.isEmpty ? "" : try TextCorpus.read(data).text
        return TextCorpus(
            source: (data + [labelled]).joined(separator: " "),
            text: running + texts.joined(separator: "\n") + "\n")
    }

    /// Refuses text too short to learn from, or with nothing to tell apart.
    static func check(
        _ corpus: TextCorpus, _ tokenizer: Tokenizer, _ training: [Int32], _ validation: [Int32],
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

    func configuration(_ tokenizer: Tokenizer) -> LanguageModel.Configuration {
        LanguageModel.Configuration(
            cell: options.cell, vocabularySize: tokenizer.vocabulary.count,
            embeddingSize: options.embedding, hiddenSize: options.hidden, layers: options.layers,
            isTied: options.isTied, dropout: options.dropout,
            weightDropout: options.weightDropout)
    }

    func newRecord(
        _ data: LanguageModelRecord.DataRecord, _ tokenizer: Tokenizer, parameters: Int
    ) -> LanguageModelRecord {
        LanguageModelRecord(
            version: version, options: options, data: data,
            vocabulary: tokenizer.vocabulary.count, parameters: parameters,
            machine: .current)
    }

    /// Counted n-grams: five characters, or three words.
    static func baseline(
        _ unit: TextUnit, _ training: [Int32], _ test: [Int32], _ tokenizer: Tokenizer,
        characters: Int
    ) -> LanguageModelRecord.Baseline {
        let order = unit == .character ? 5 : 3
        let counted = NGramLanguageModel(
            training, order: order, vocabularySize: tokenizer.vocabulary.count)
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
        of model: LanguageModel, _ tokenizer: Tokenizer, length: Int, stream: UInt64
    ) -> String {
        var generator = TextGenerator(tokenizer: tokenizer, model: model)
        var random = options.random(ofSample: stream)
        return (0..<length).map { _ in
            generator.next(Sampler(temperature: 0.8), using: &random)
        }.joined()
    }

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    func save(
        _ snapshot: Snapshot<LanguageModel, AdamW>, _ carried: CarriedState,
        _ tokenizer: Tokenizer, _ record: LanguageModelRecord, _ corpus: TextCorpus
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(
                to: folder, files: try Self.files(snapshot.best, tokenizer, record))
        }
        let header = Header(
            options: options, dataPaths: data, labelled: labelled, dataSHA256: corpus.sha256,
            progress: progress)
        try RunCheckpoint.save(
            snapshot, header: header, carried: carried.state.tensors, run: folder)
    }

    /// The files of a run folder.
    static func files(
        _ model: LanguageModel, _ tokenizer: Tokenizer, _ record: LanguageModelRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model) + [
            ("tokenizer.json", .bytes(Array(tokenizer.jsonData))),
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(LanguageModelPage.html(record))),
        ]
    }
}

/// The state that a window hands to the next.
final class CarriedState {
    var state: RecurrentState

    init(like zero: RecurrentState) { state = zero }

    func restore(_ tensors: [Tensor], run: String) throws {
        let known = state.tensors
        guard known.count == tensors.count,
            zip(known, tensors).allSatisfy({ $0.shape == $1.shape && $0.dtype == $1.dtype })
        else {
            throw TrainingError.cannotResume(
                "\(RunCheckpoint.folder(of: run))/state.safetensors carries \(tensors.map(\.shape)): expected \(known.map(\.shape)); train anew with --overwrite"
            )
        }
        state = state.with(tensors: tensors)
    }
}

import Foundation
import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Recurrent encoder-decoders: PyTorch's numbers, steps against the whole, padding, and what is refused.
@Suite struct RecurrentSequenceToSequenceTests {
    /// The model of a golden case, with its weights; they have PyTorch's names, and are all there are.
    private func model(
        _ expected: GoldenValue, _ dtype: DType
    ) throws -> RecurrentSequenceToSequence {
        let configuration = try JSONDecoder().decode(
            RecurrentSequenceToSequence.Configuration.self, from: expected["config"].json)
        #expect(configuration.problem == nil)
        var random = RandomGenerator(seed: 1)
        let model = RecurrentSequenceToSequence(configuration, using: &random)
        #expect(model.parameters.map(\.name).sorted() == expected["parameters"].keys)
        return model.mapParameters { name, fresh in
            let tensor = expected["parameters"][name].tensor(dtype)
            #expect(tensor.shape == fresh.shape, "\(name)")
            return tensor
        }
    }

    private func mask(_ expected: GoldenValue) -> TokenMask {
        .lengths(expected["lengths"].integers)
    }

    @Test(arguments: [DType.float64, .float32])
    func scoresLossAndGradientsEqualPyTorch(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        let file = try golden("sequence_to_sequence")
        for expected in file["cases"].list {
            let name = expected["name"].text
            let model = try model(expected, dtype)
            let source = expected["source"].tensor(.int32)
            let target = expected["target"].tensor(.int32)
            let next = expected["labels"].tensor(.int32)
            let mask = mask(expected)
            let scores = model(source: source, mask: mask, target: target)
            #expect(largestDifference(scores, expected["logits"].tensor()) < tolerance, "\(name)")
            var none: RandomGenerator?
            let plain = model.loss(
                source: source, mask: mask, target: target, next: next, dropout: &none)
            #expect(abs(plain.item - expected["loss"].number) < tolerance, "\(name)")
            let (loss, gradient) = valueAndGradient(at: model) { model in
                var none: RandomGenerator?
                return model.penalisedLoss(
                    source: source, mask: mask, target: target, next: next,
                    labelSmoothing: file["smoothing"].number, dropout: &none)
            }
            var off: RandomGenerator?
            let smoothed = model.loss(
                source: source, mask: mask, target: target, next: next,
                labelSmoothing: file["smoothing"].number, dropout: &off)
            #expect(abs(smoothed.item - expected["smoothed"].number) < tolerance, "\(name)")
            let total = expected[optional: "penalised"] ?? expected["smoothed"]
            #expect(abs(loss.item - total.number) < tolerance, "\(name)")
            #expect(gradient.tensors.map(\.name).sorted() == expected["gradients"].keys)
            for (parameter, found) in gradient.tensors {
                let difference = largestDifference(found, expected["gradients"][parameter].tensor())
                #expect(difference < tolerance * 10, "\(name), \(parameter): \(difference)")
            }
        }
    }

    @Test(arguments: [DType.float64, .float32])
    func stepByStepIsTheWholeAndTellsItsAttention(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-12 : 2e-6
        for expected in try golden("sequence_to_sequence")["cases"].list {
            let name = expected["name"].text
            let model = try model(expected, dtype)
            let (source, target) = (
                expected["source"].tensor(.int32), expected["target"].tensor(.int32)
            )
            let whole = model(source: source, mask: mask(expected), target: target)
            var progress = model.begin(reading: source, mask: mask(expected))
            for place in 0..<target.shape[1] {
                let (scores, attention) = model.step(
                    target.select(axis: 1, place), &progress, tellsAttention: true)
                #expect(
                    largestDifference(scores, whole.select(axis: 1, place)) < tolerance, "\(name)")
                guard let known = expected[optional: "attention"]?.tensor() else {
                    #expect(attention == nil, "\(name)")
                    continue
                }
                let weights = try #require(attention)
                #expect(
                    largestDifference(weights, known.select(axis: 1, place))
                        < max(tolerance, 1e-10) * 10, "\(name)")
                let rows = weights.cast(to: .float64).scalars(as: Double.self)
                for (row, length) in expected["lengths"].integers.enumerated() {
                    let some = rows[row * source.shape[1]..<(row + 1) * source.shape[1]]
                    #expect(abs(some.prefix(length).reduce(0, +) - 1) < 1e-6)
                    #expect(some.dropFirst(length).allSatisfy { $0 == 0 })
                }
            }
        }
    }

    @Test func paddingAndNeighboursChangeNothing() throws {
        for expected in try golden("sequence_to_sequence")["cases"].list {
            let model = try model(expected, .float64)
            let (source, target) = (
                expected["source"].tensor(.int32), expected["target"].tensor(.int32)
            )
            let whole = model(source: source, mask: mask(expected), target: target)
            for (row, length) in expected["lengths"].integers.enumerated() {
                let alone = source.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<length)
                let written = target.slice(axis: 0, row..<row + 1)
                let found = model(source: alone, target: written)
                #expect(largestDifference(found, whole.slice(axis: 0, row..<row + 1)) < 1e-12)
                // With padding before it, which a mask hides, too.
                let padded = Tensor.concatenate([.full([1, 2], 3, dtype: .int32), alone], axis: 1)
                let real = (0..<length + 2).map { $0 >= 2 }
                let shifted = model(
                    source: padded, mask: .real(Tensor(real, shape: [1, length + 2])),
                    target: written)
                #expect(largestDifference(shifted, found) < 1e-12)
            }
        }
    }

    @Test func aSourceOfNothingGetsNoAttention() throws {
        for expected in try golden("sequence_to_sequence")["cases"].list {
            let model = try model(expected, .float64)
            let source = expected["source"].tensor(.int32)
            var progress = model.begin(reading: source, mask: .lengths([0, 5, 1]))
            let (scores, attention) = model.step(
                Tensor([Int32(1), 2, 3]), &progress, tellsAttention: true)
            #expect(scores.scalars(as: Double.self).allSatisfy { $0.isFinite })
            guard let attention else { continue }
            #expect(attention.slice(axis: 0, 0..<1).scalars(as: Double.self).allSatisfy { $0 == 0 })
        }
    }

    @Test func someOfTheSequencesGoOnAlone() throws {
        for expected in try golden("sequence_to_sequence")["cases"].list {
            let model = try model(expected, .float64)
            var whole = model.begin(
                reading: expected["source"].tensor(.int32), mask: mask(expected))
            _ = model.step(Tensor([Int32(1), 2, 3]), &whole, tellsAttention: false)
            let rows = [2, 0, 2, 1]
            var some = whole.selecting(rows)
            let found = model.step(Tensor([Int32(6), 4, 6, 5]), &some, tellsAttention: false)
            let all = model.step(Tensor([Int32(4), 5, 6]), &whole, tellsAttention: false)
            for (place, row) in rows.enumerated() {
                #expect(
                    largestDifference(
                        found.scores.select(axis: 0, place), all.scores.select(axis: 0, row))
                        < 1e-12
                )
                guard let one = found.attention, let other = all.attention else { continue }
                #expect(
                    largestDifference(one.select(axis: 0, place), other.select(axis: 0, row))
                        < 1e-12)
            }
        }
    }

    @Test func whatABeamWritesIsAsLikelyAsTheWholeSays() throws {
        for expected in try golden("sequence_to_sequence")["cases"].list {
            let name = expected["name"].text
            let model = try model(expected, .float64)
            let rows = expected["source"].tensor(.int32)
            let sources = expected["lengths"].integers.enumerated().map { row, length in
                Array(rows.select(axis: 0, row).scalars(as: Int32.self).prefix(length))
            }
            var search = BeamSearch(beginning: 1, end: 2)
            (search.width, search.hypotheses, search.maximumLength) = (4, 3, 6)
            for (source, found) in zip(sources, try search(model, reading: sources)) {
                #expect(found.count == 3)
                for one in found {
                    let written = one.tokens + (one.isComplete ? [2] : [])
                    let read = [1] + written.dropLast()
                    let scores = model(
                        source: Tensor(source, shape: [1, source.count]),
                        target: Tensor(Array(read), shape: [1, read.count]))
                    let nats = scores.softmaxCrossEntropy(
                        Tensor(written, shape: [1, written.count]), reduction: .sum
                    ).item
                    #expect(abs(nats + one.logProbability) < 1e-9, "\(name)")
                }
            }
        }
    }

    @Test func theDecoderMayHaveMoreLayersThanTheEncoderOrLess() {
        for (read, written) in [(1, 3), (3, 1), (2, 3)] {
            for attention in [nil] + DecoderAttentionKind.allCases.map(Optional.some) {
                var random = RandomGenerator(seed: 2)
                let model = RecurrentSequenceToSequence(
                    .init(
                        cell: .lstm, attention: attention, sourceVocabularySize: 5,
                        vocabularySize: 6, embeddingSize: 3, hiddenSize: 4, encoderLayers: read,
                        decoderLayers: written), using: &random)
                let scores = model(
                    source: Tensor([Int32(1), 2, 3], shape: [1, 3]),
                    target: Tensor([Int32(1), 2], shape: [1, 2]))
                #expect(scores.shape == [1, 2, 6])
            }
        }
    }

    @Test func dropoutChangesTrainingAlone() {
        for attention in [nil] + DecoderAttentionKind.allCases.map(Optional.some) {
            var random = RandomGenerator(seed: 2)
            let model = RecurrentSequenceToSequence(
                .init(
                    cell: .gru, attention: attention, sourceVocabularySize: 5, vocabularySize: 6,
                    embeddingSize: 8, hiddenSize: 8, encoderLayers: 2, decoderLayers: 2,
                    dropout: 0.5), using: &random)
            let (source, target) = (
                Tensor([Int32(1), 2, 3], shape: [1, 3]), Tensor([Int32(1), 2], shape: [1, 2])
            )
            func features(_ seed: UInt64?) -> Tensor {
                var random = seed.map { RandomGenerator(seed: $0) }
                return model.features(source: source, target: target, dropout: &random)
            }
            #expect(largestDifference(features(1), features(1)) == 0)
            #expect(largestDifference(features(1), features(2)) > 0.01)
            #expect(largestDifference(features(nil), features(nil)) == 0)
        }
    }

    @Test func aFolderGivesTheSameModelBack() throws {
        let expected = try golden("sequence_to_sequence")["cases"].list[3]
        let model = try model(expected, .float32)
        try withTemporaryFolder { folder in
            try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: model))
            let loaded = try ModelFolder.load(from: folder)
            let inputs = [
                "input_ids": expected["source"].tensor(.int64),
                "decoder_input_ids": expected["target"].tensor(.int64),
                "attention_mask": Tensor(
                    expected["lengths"].integers.flatMap { length in
                        (0..<5).map { Int64($0 < length ? 1 : 0) }
                    }, shape: [3, 5]),
            ]
            let found = try #require(try loaded.run(inputs)["logits"])
            #expect(largestDifference(found, expected["logits"].tensor()) < 2e-5)
            let unknown = errorText {
                _ = try loaded.run(inputs.merging(["more": Tensor([Int32(1)])]) { $1 })
            }
            #expect(unknown.contains("input tensor \"more\" is not one of"), "\(unknown)")
        }
    }

    @Test func wrongSizesAreRefused() {
        let cases: [((inout RecurrentSequenceToSequence.Configuration) -> Void, String)] = [
            ({ $0.hiddenSize = 0 }, "hidden_size is 0"),
            ({ $0.decoderLayers = 0 }, "num_decoder_layers is 0"),
            ({ $0.dropout = 1 }, "dropout is 1.0"),
            ({ $0.ending = 6 }, "eos_token_id is 6: expected 0 … 5"),
            ({ $0.beginning = -1 }, "decoder_start_token_id is -1"),
        ]
        for (change, expected) in cases {
            var configuration = RecurrentSequenceToSequence.Configuration(
                cell: .gru, attention: .luong, sourceVocabularySize: 5, vocabularySize: 6,
                embeddingSize: 3, hiddenSize: 4)
            #expect(configuration.problem == nil)
            change(&configuration)
            #expect(configuration.problem?.contains(expected) ?? false)
        }
    }
}

import MartletModels
import MartletNN
import MartletStore
import MartletTensor
import MartletTestSupport
import Testing

/// Models that write with packed matrices, and with matrices in 8 bits.
@Suite struct PreparedWriterTests {
    private let sources: [[Int32]] = [[5, 9, 13, 2, 4], [8, 16], [3, 3, 3, 7], [6]]

    private static func transformer(normFirst: Bool) -> Transformer {
        var random = RandomGenerator(seed: 7)
        return Transformer(
            .init(
                sourceVocabularySize: 19, vocabularySize: 23, width: 48, innerWidth: 80, heads: 3,
                layers: 2, normFirst: normFirst), using: &random)
    }

    private static func recurrent(
        _ cell: CellKind, _ attention: DecoderAttentionKind?, tied: Bool, copying: Bool = false
    ) -> RecurrentSequenceToSequence {
        var random = RandomGenerator(seed: 8)
        var sizes = RecurrentSequenceToSequence.Configuration(
            cell: cell, attention: attention, sourceVocabularySize: 23, vocabularySize: 23,
            embeddingSize: 24, hiddenSize: 40, encoderLayers: 2, isTied: tied)
        if copying { sizes.copying = true }
        return RecurrentSequenceToSequence(sizes, using: &random)
    }

    private static var transformers: [Transformer] { [true, false].map(transformer) }
    private static var recurrents: [RecurrentSequenceToSequence] {
        [
            recurrent(.lstm, .luong, tied: false), recurrent(.gru, .bahdanau, tied: true),
            recurrent(.lstm, nil, tied: true), recurrent(.gru, .luong, tied: false, copying: true),
        ]
    }

    private func search(_ model: some SequenceToSequenceModel) throws -> [[BeamHypothesis]] {
        var search = BeamSearch(beginning: 0, end: 1)
        (search.width, search.hypotheses, search.maximumLength) = (3, 3, 9)
        return try search(model, reading: sources)
    }

    private func scores(_ model: some SequenceToSequenceModel) -> Tensor {
        var progress = model.begin(
            reading: Tensor([5, 9, 13, 2, 8, 16, 0, 0] as [Int32], shape: [2, 4]),
            mask: .lengths([4, 2]))
        _ = model.step(Tensor([0, 0] as [Int32]), &progress, tellsAttention: false)
        return model.step(Tensor([4, 7] as [Int32]), &progress, tellsAttention: false).scores
    }

    @Test func packedInFloat32TheSameIsWritten() throws {
        for model in Self.transformers {
            #expect(try search(model.prepared()) == search(model))
            #expect(largestDifference(scores(model.prepared()), scores(model)) == 0)
        }
        for model in Self.recurrents {
            #expect(try search(model.prepared()) == search(model))
        }
    }

    @Test func aChangeOfAParameterCounts() {
        for model in Self.transformers {
            let found = model.prepared().mapParameters { $1 * 0.5 }
            let expected = model.mapParameters { $1 * 0.5 }
            #expect(largestDifference(scores(found), scores(expected)) == 0)
            var one = model.prepared()
            one.outputBias = one.outputBias + 1
            #expect(largestDifference(scores(one), scores(model) + 1) < 1e-5)
        }
    }

    /// The size of an error beside that of what should be.
    private func error(_ found: Tensor, _ expected: Tensor) -> Double {
        let difference = (found - expected).squared().sum().item
        return (difference / expected.squared().sum().item).squareRoot()
    }

    @Test func inEightBitsScoresAreCloseAndAFolderGivesThemBack() throws {
        func check<M: SequenceToSequenceModel & QuantizableModel>(
            _ model: M, prepared: (M) -> M
        ) throws {
            let small = model.quantized(to: .int8)
            #expect(small.quantization == .int8 && model.quantization == nil)
            let found = scores(prepared(small))
            let error = error(found, scores(model))
            #expect(error > 1e-4 && error < 0.05, "\(M.Configuration.architecture): \(error)")
            // What makes scores is in 8 bits only when it is packed.
            #expect(self.error(scores(small), found) < 0.03)
            try withTemporaryFolder { folder in
                try CheckpointFolder.write(to: folder, files: try ModelFolder.files(of: small))
                let loaded = try ModelFolder.load(M.self, from: folder)
                #expect(loaded.quantization == .int8)
                #expect(largestDifference(scores(prepared(loaded)), found) == 0)
            }
            // Each source alone as beside others, to the bit.
            let together = try search(prepared(small))
            for (place, source) in sources.enumerated() {
                var search = BeamSearch(beginning: 0, end: 1)
                (search.width, search.hypotheses, search.maximumLength) = (3, 3, 9)
                #expect(try search(prepared(small), reading: [source])[0] == together[place])
            }
        }
        for model in Self.transformers { try check(model) { $0.prepared() } }
        for model in Self.recurrents.dropLast() { try check(model) { $0.prepared() } }
    }

    @Test func fourBitsAreRefusedByConfigurations() {
        var transformer = Self.transformers[0].configuration
        transformer.quantization = .int4
        #expect(transformer.problem == "quantization is int4: expected int8")
        var recurrent = Self.recurrents[0].configuration
        recurrent.quantization = .int4
        #expect(recurrent.problem == "quantization is int4: expected int8")
        #expect(Transformer.quantizedTypes == [.int8])
    }
}

import Foundation
import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Encoder-decoders that may copy what they read: PyTorch's numbers, steps, padding, beams, and the mixture at its ends.
@Suite struct CopyingTests {
    /// A golden case: its model with its weights, and what it reads and writes.
    private struct Case {
        let name: String
        let expected: GoldenValue
        let model: RecurrentSequenceToSequence
        let source, target, next: Tensor
        var mask: TokenMask { .lengths(expected["lengths"].integers) }

        init(_ expected: GoldenValue, _ dtype: DType) throws {
            let configuration = try JSONDecoder().decode(
                RecurrentSequenceToSequence.Configuration.self, from: expected["config"].json)
            var random = RandomGenerator(seed: 1)
            let fresh = RecurrentSequenceToSequence(configuration, using: &random)
            #expect(fresh.copies && configuration.problem == nil)
            #expect(fresh.parameters.map(\.name).sorted() == expected["parameters"].keys)
            name = expected["name"].text
            self.expected = expected
            model = fresh.mapParameters { name, _ in expected["parameters"][name].tensor(dtype) }
            source = expected["source"].tensor(.int32)
            target = expected["target"].tensor(.int32)
            next = expected["labels"].tensor(.int32)
        }
    }

    private func cases(_ dtype: DType) throws -> [Case] {
        try golden("copying")["cases"].list.map { try Case($0, dtype) }
    }

    @Test(arguments: [DType.float64, .float32])
    func probabilitiesLossAndGradientsEqualPyTorch(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 2e-5
        let smoothing = try golden("copying")["smoothing"].number
        for one in try cases(dtype) {
            let found = one.model(source: one.source, mask: one.mask, target: one.target)
            #expect(found.shape == [3, 4, 11])
            #expect(
                largestDifference(found.exp(), one.expected["logits"].tensor().exp()) < tolerance,
                "\(one.name)")
            // Of all that could be written the probabilities sum to 1.
            #expect(found.logSumExp().absolute().max(axis: 1).max(axis: 0).item < tolerance)
            var none: RandomGenerator?
            let plain = one.model.loss(
                source: one.source, mask: one.mask, target: one.target, next: one.next,
                dropout: &none)
            #expect(abs(plain.item - one.expected["loss"].number) < tolerance, "\(one.name)")
            let (loss, gradient) = valueAndGradient(at: one.model) { model in
                var none: RandomGenerator?
                return model.penalisedLoss(
                    source: one.source, mask: one.mask, target: one.target, next: one.next,
                    labelSmoothing: smoothing, dropout: &none)
            }
            let total = one.expected[optional: "penalised"] ?? one.expected["smoothed"]
            #expect(abs(loss.item - total.number) < tolerance, "\(one.name)")
            #expect(gradient.tensors.map(\.name).sorted() == one.expected["gradients"].keys)
            for (parameter, found) in gradient.tensors {
                let difference = largestDifference(
                    found, one.expected["gradients"][parameter].tensor())
                #expect(difference < tolerance * 10, "\(one.name), \(parameter): \(difference)")
            }
        }
    }

    @Test func stepByStepIsTheWholeAlsoOfSomeOfTheRows() throws {
        for one in try cases(.float64) {
            let whole = one.model(source: one.source, mask: one.mask, target: one.target).exp()
            var progress = one.model.begin(reading: one.source, mask: one.mask)
            for place in 0..<one.target.shape[1] {
                let (scores, attention) = one.model.step(
                    one.target.select(axis: 1, place), &progress, tellsAttention: true)
                #expect(
                    largestDifference(scores.exp(), whole.select(axis: 1, place)) < 1e-12,
                    "\(one.name)")
                let weights = try #require(attention)
                #expect(
                    largestDifference(
                        weights, one.expected["attention"].tensor().select(axis: 1, place)) < 1e-9)
            }
            var some = one.model.begin(reading: one.source, mask: one.mask).selecting([2, 0, 0])
            let (scores, _) = one.model.step(
                one.target.select(axis: 1, 0).selecting([2, 0, 0]), &some, tellsAttention: false)
            #expect(
                largestDifference(
                    scores.exp(), whole.select(axis: 1, 0).selecting([2, 0, 0])) < 1e-12)
        }
    }

    @Test func paddingAndNeighboursChangeNothing() throws {
        for one in try cases(.float64) {
            let whole = one.model(source: one.source, mask: one.mask, target: one.target).exp()
            for (row, length) in one.expected["lengths"].integers.enumerated() {
                let alone = one.source.slice(axis: 0, row..<row + 1).slice(axis: 1, 0..<length)
                let written = one.target.slice(axis: 0, row..<row + 1)
                let found = one.model(source: alone, target: written).exp()
                let width = found.shape[2]
                let expected = whole.slice(axis: 0, row..<row + 1)
                #expect(largestDifference(found, expected.slice(axis: 2, 0..<width)) < 1e-12)
                // What others have read, this one cannot write.
                #expect(
                    expected.slice(axis: 2, width..<whole.shape[2]).scalars(as: Double.self)
                        .allSatisfy { $0 == 0 })
            }
        }
    }

    @Test func whatABeamWritesIsAsLikelyAsTheWholeSaysAlsoWordsThatAreNotKnown() throws {
        var copied = 0
        for one in try cases(.float64) {
            let sources = one.expected["lengths"].integers.enumerated().map { row, length in
                Array(one.source.select(axis: 0, row).scalars(as: Int32.self).prefix(length))
            }
            var search = BeamSearch(beginning: 1, end: 2)
            (search.width, search.hypotheses, search.maximumLength) = (5, 4, 6)
            let all = try search(one.model, reading: sources, prefixes: [[], [9, 3], []])
            for (source, found) in zip(sources, all) {
                for hypothesis in found {
                    copied += hypothesis.tokens.count { $0 >= 9 }
                    #expect(hypothesis.tokens.allSatisfy { $0 < 9 || source.contains($0) })
                    let written = hypothesis.tokens + (hypothesis.isComplete ? [2] : [])
                    let scores = one.model(
                        source: Tensor(source, shape: [1, source.count]),
                        target: Tensor([1] + written.dropLast(), shape: [1, written.count]))
                    let sum = zip(0..., written).reduce(0.0) { sum, next in
                        sum + scores.select(axis: 1, next.0).select(axis: 1, Int(next.1)).item
                    }
                    #expect(abs(sum - hypothesis.logProbability) < 1e-9, "\(one.name)")
                }
            }
            #expect(all[1].allSatisfy { Array($0.tokens.prefix(2)) == [9, 3] })
        }
        #expect(copied > 20)
    }

    /// To the bit, in single precision, whatever the others have read.
    @Test func aSourceAloneGivesTheSameAsBesideOthers() throws {
        for one in try cases(.float32) {
            let sources: [[Int32]] = [
                [3, 9, 4, 9], [5, 9, 10, 11, 12, 6], [7], [9, 10], [8, 3, 1],
            ]
            var search = BeamSearch(beginning: 1, end: 2)
            (search.width, search.hypotheses, search.maximumLength) = (3, 3, 8)
            let together = try search(one.model, reading: sources)
            for (source, found) in zip(sources, together) {
                #expect(try search(one.model, reading: [source])[0] == found, "\(one.name)")
            }
        }
    }

    @Test func wordsThatNobodyHasReadAreRefused() throws {
        let one = try cases(.float32)[0]
        let search = BeamSearch(beginning: 1, end: 2)
        let beyond = errorText { _ = try search(one.model, reading: [[3, 11]]) }
        #expect(beyond == "source 1: token 11 is not one of 0 … 10", "\(beyond)")
        let prefix = errorText { _ = try search(one.model, reading: [[3, 4]], prefixes: [[9]]) }
        #expect(prefix == "the prefix of source 1: token 9 is not one of 0 … 8", "\(prefix)")
    }

    @Test func wrongSizesAreRefused() throws {
        var configuration = RecurrentSequenceToSequence.Configuration(
            cell: .gru, attention: nil, sourceVocabularySize: 6, vocabularySize: 6,
            embeddingSize: 3, hiddenSize: 4)
        configuration.copying = true
        #expect(configuration.problem?.contains("copying is true: expected an attention") ?? false)
        configuration.attention = .luong
        #expect(configuration.problem == nil)
        configuration.unknown = 6
        #expect(configuration.problem == "unk_token_id is 6: expected 0 … 5")
        configuration.unknown = 0
        configuration.sourceVocabularySize = 5
        #expect(
            configuration.problem?.contains("source_vocab_size is 5 and vocab_size 6") ?? false)
    }
}

/// The mixture by itself.
@Suite struct CopyMixtureTests {
    private let source = Tensor([3, 5, 3, 6, 1, 2, 5, -1] as [Int32], shape: [2, 4])
    /// What can only be written, or be written and copied, or only be copied; and what does not count.
    private let next = Tensor([0, 3, 5, 1, -100, 5] as [Int32], shape: [2, 3])

    private func mixture(_ parts: [Tensor]) -> CopyMixture {
        CopyMixture(
            scores: parts[0], gate: parts[1], weights: parts[2].softmax(axis: 2), source: source)
    }

    @Test(arguments: [0, 0.3])
    func itsGradientIsThatOfDifferences(smoothing: Double) {
        var random = RandomGenerator(seed: 4)
        let parts: [Shape] = [[2, 3, 5], [2, 3], [2, 3, 4]]
        let inputs = parts.map { random.normal($0, dtype: .float64) }
        let error = gradientError(at: inputs) {
            mixture($0).loss(next: next, labelSmoothing: smoothing)
        }
        #expect(error < 1e-7)
    }

    @Test(arguments: [DType.float32, .float64])
    func theLossIsThatOfTheProbabilities(dtype: DType) {
        var random = RandomGenerator(seed: 5)
        let mixture = mixture(
            [random.normal([2, 3, 5]), random.normal([2, 3]), random.normal([2, 3, 4])].map {
                $0.cast(to: dtype)
            })
        let logarithms = mixture.logProbabilities.cast(to: .float64)
        #expect(logarithms.shape == [2, 3, 7])
        let counted = [(0, 0, 0), (0, 1, 3), (0, 2, 5), (1, 0, 1), (1, 2, 5)]
        let expected = counted.reduce(0.0) { sum, place in
            sum - logarithms.select(axis: 0, place.0).select(axis: 0, place.1)
                .select(axis: 0, place.2).item / 5
        }
        #expect(abs(mixture.loss(next: next).item - expected) < 1e-6)
    }

    /// A gate that is wide open or shut, and a weight of 0 for what is to be copied.
    @Test(arguments: [DType.float32, .float64])
    func whatIsNextToImpossibleHasALossAndAGradient(dtype: DType) {
        for gate in [-200.0, 0, 200] {
            for scale in [1.0, 500] {
                var random = RandomGenerator(seed: 6)
                let inputs = [
                    random.normal([2, 3, 5], standardDeviation: scale),
                    .full([2, 3], gate), random.normal([2, 3, 4], standardDeviation: scale),
                ].map { $0.cast(to: dtype) }
                let (loss, gradients) = valueAndGradients(at: inputs) {
                    mixture($0).loss(next: next, labelSmoothing: 0.1)
                }
                #expect(loss.item.isFinite && loss.item > 0)
                #expect(
                    gradients.allSatisfy {
                        $0.cast(to: .float64).scalars(as: Double.self).allSatisfy(\.isFinite)
                    })
                // The gate learns from it, whichever side it is on.
                #expect(gradients[1].absolute().sum().item > 0.01)
            }
        }
    }
}

extension Tensor {
    /// Some of the rows.
    fileprivate func selecting(_ rows: [Int]) -> Tensor {
        gathered(axis: 0, at: Tensor(rows.map { Int32($0) }))
    }
}

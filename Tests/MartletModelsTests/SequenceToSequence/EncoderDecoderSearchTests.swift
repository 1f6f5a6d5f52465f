import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Beam search with encoders and decoders, whose keys and values are kept, moved and shared between rows.
@Suite struct EncoderDecoderSearchTests {
    private let sources: [[Int32]] = [
        [5, 9, 13, 2, 4], [8, 16], [3, 3, 3, 7], [11, 12, 13, 14, 15, 16, 17], [6], [10, 2, 18],
    ]

    private func search(width: Int) -> BeamSearch {
        var search = BeamSearch(beginning: 0, end: 1)
        search.width = width
        search.hypotheses = width
        search.maximumLength = 14
        search.lengthPenalty = .length()
        return search
    }

    private func expectClose(_ found: [BeamHypothesis], _ expected: [BeamHypothesis]) {
        #expect(found.map(\.tokens) == expected.map(\.tokens))
        for (a, b) in zip(found, expected) {
            #expect(abs(a.logProbability - b.logProbability) < 1e-9)
            #expect(a.isComplete == b.isComplete && b.attention == nil)
            // What was looked at, of each token, is told by the model that keeps its state.
            #expect(a.attention?.count == a.tokens.count)
            for weights in a.attention ?? [] {
                #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
            }
        }
    }

    @Test(arguments: [1, 2, 5])
    func keptKeysGiveWhatReadingAllAnewDoes(width: Int) throws {
        var lengths: Set<Int> = []
        for model in try TinyTransformers.encoderDecoders {
            func check<M: EncoderDecoderModel>(_ single: M) throws {
                let model = single.mapParameters { $1.cast(to: .float64) }
                let search = search(width: width)
                let prefixes: [[Int32]] = [[], [], [4, 5], [], [2], []]
                for prefixes in [nil, prefixes] {
                    let found = try search(model, reading: sources, prefixes: prefixes)
                    let anew = try search(
                        ReadingAnew(model: model), reading: sources, prefixes: prefixes)
                    for (a, b) in zip(found, anew) { expectClose(a, b) }
                    lengths.formUnion(found.joined().map(\.tokens.count))
                }
            }
            try check(model)
        }
        #expect(lengths.count > 2)
    }

    /// To the bit, in single precision.
    @Test(arguments: [1, 3])
    func aBatchIsLikeOneByOne(width: Int) throws {
        for model in try TinyTransformers.encoderDecoders {
            func check<M: EncoderDecoderModel>(_ model: M) throws {
                let search = search(width: width)
                let together = try search(model, reading: sources)
                #expect(try search(model, reading: sources, batchSize: 2) == together)
                for (size, lanes) in [(2, 1), (3, 1), (1, 2), (2, 3)] {
                    #expect(
                        try search.search(
                            model, reading: sources, batchSize: size, lanes: lanes) == together)
                }
                for (source, found) in zip(sources, together) {
                    #expect(try search(model, reading: [source])[0] == found)
                }
            }
            try check(model)
        }
    }

    @Test func statesAreSelected() throws {
        let model = try TinyTransformers.t5()
        var state = model.begin(
            reading: Tensor([4, 8, 16, 5, 6, 0] as [Int32], shape: [2, 3]), mask: .lengths([3, 2]))
        func step(_ tokens: [Int32], _ state: inout EncoderDecoderState) -> Tensor {
            model.step(Tensor(tokens), &state, tellsAttention: false).scores
        }
        _ = step([0, 0], &state)
        var six = state.selecting([0, 0, 0, 1, 1, 1])
        // The keys of what was read are there once.
        #expect(six.cross[0].batch == 2 && six.own.batch == 6)
        _ = step([3, 4, 5, 6, 7, 8], &six)
        _ = step([9, 9, 9, 9, 9, 9], &six)
        let rows = [0, 0, 2, 4, 4, 5]
        var moved = six
        moved.select(rows, shared: [0, 1, 0, 1, 0, 0])
        #expect(moved.cross[0].batch == 2)
        var selected = six.selecting(rows)
        // Rows that are not in groups of equal size each have their own.
        var few = six.selecting([5, 1, 0])
        #expect(few.cross[0].batch == 3)
        let expected = step([2, 2, 2, 2, 2, 2], &selected)
        #expect(largestDifference(step([2, 2, 2, 2, 2, 2], &moved), expected) == 0)
        let whole = step([2, 2, 2, 2, 2, 2], &six)
        let part = step([2, 2, 2], &few)
        for (place, row) in [5, 1, 0].enumerated() {
            #expect(
                largestDifference(
                    part.slice(axis: 0, place..<place + 1), whole.slice(axis: 0, row..<row + 1))
                    < 1e-5)
        }
    }
}

/// A model that reads all that was written anew at each step.
private struct ReadingAnew<Whole: EncoderDecoderModel>: SequenceToSequenceModel {
    typealias Configuration = Whole.Configuration

    struct Progress: WritingProgress {
        var source: Tensor
        var mask: TokenMask
        var written: [[Int32]]

        func selecting(_ rows: [Int]) -> Progress {
            Progress(
                source: source.gathered(axis: 0, at: Tensor(rows.map(Int32.init))),
                mask: mask.selecting(rows), written: rows.map { written[$0] })
        }
    }

    var model: Whole

    init(model: Whole) { self.model = model }
    init(_ configuration: Configuration, using random: inout RandomGenerator) {
        model = Whole(configuration, using: &random)
    }

    var configuration: Configuration { model.configuration }
    var sourceVocabularySize: Int { model.sourceVocabularySize }
    var vocabularySize: Int { model.vocabularySize }
    var contextLength: Int? { model.contextLength }

    func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] { try model.run(inputs) }
    mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try model.forEachParameter(visit)
    }

    func begin(reading source: Tensor, mask: TokenMask) -> Progress {
        Progress(
            source: source, mask: mask,
            written: [[Int32]](repeating: [], count: source.shape[0]))
    }

    func step(_ tokens: Tensor, _ progress: inout Progress, tellsAttention: Bool) -> (
        scores: Tensor, attention: Tensor?
    ) {
        for (row, token) in tokens.scalars(as: Int32.self).enumerated() {
            progress.written[row].append(token)
        }
        let (rows, length) = (progress.written.count, progress.written[0].count)
        let all = model(
            source: progress.source, sourceMask: progress.mask,
            target: Tensor(Array(progress.written.joined()), shape: [rows, length]))
        return (all.slice(axis: 1, length - 1..<length).squeezed(axis: 1).contiguous(), nil)
    }
}

import MartletModels
import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Reading step by step from a kept state gives what reading all at once does.
@Suite struct DecoderStateTests {
    private let tokens: [Int32] = [3, 14, 15, 9, 2, 6, 5, 3, 5, 8, 9, 7, 1]

    private func double<M: Model>(_ model: M) -> M {
        model.mapParameters { $1.cast(to: .float64) }
    }

    @Test func stepsEqualTheWhole() throws {
        for model in try TinyTransformers.decoders {
            func check<M: CausalLanguageModel>(_ single: M) {
                let model = double(single)
                let whole = model(Tensor(tokens, shape: [1, tokens.count]))
                for cuts in [[13], [5, 1, 1, 1, 1, 1, 1, 1, 1], [1, 2, 3, 7]] {
                    var state: M.State? = model.emptyState(batch: 1)
                    var parts: [Tensor] = []
                    var place = 0
                    for cut in cuts {
                        let piece = Array(tokens[place..<place + cut])
                        parts.append(model(Tensor(piece, shape: [1, cut]), state: &state))
                        place += cut
                    }
                    let difference = largestDifference(.concatenate(parts, axis: 1), whole)
                    #expect(difference < 1e-10, "\(type(of: model).Configuration.architecture)")
                }
            }
            check(model)
        }
    }

    @Test func aCopyOfAStateGoesOnByItself() throws {
        let model = double(try TinyTransformers.llama())
        var state: AttentionState? = model.emptyState(batch: 1)
        _ = model(Tensor(Array(tokens[..<6]), shape: [1, 6]), state: &state)
        var other = state
        let first = model(Tensor([4 as Int32], shape: [1, 1]), state: &state)
        _ = model(Tensor([11 as Int32, 12], shape: [1, 2]), state: &other)
        var again: AttentionState? = model.emptyState(batch: 1)
        let whole = model(
            Tensor(Array(tokens[..<6]) + [4], shape: [1, 7]), state: &again)
        #expect(largestDifference(first, whole.slice(axis: 1, 6..<7)) < 1e-10)
        #expect(state!.position == 7 && other!.position == 8)
    }

    /// A window forgets what no later query can see, so memory does not grow.
    @Test func windowsKeepNoMoreThanTheyNeed() throws {
        let model = try TinyTransformers.mistral()
        var state: AttentionState? = model.emptyState(batch: 1)
        for step in 0..<60 {
            _ = model(Tensor([Int32(step % 23)], shape: [1, 1]), state: &state)
        }
        #expect(state!.position == 60)
        #expect(state!.caches.allSatisfy { $0.count <= 8 })
    }

    @Test func paddingChangesNothing() throws {
        for model in try TinyTransformers.decoders {
            func check<M: CausalLanguageModel>(_ single: M) {
                let model = double(single)
                let rows = [Array(tokens[..<7]), Array(tokens[3..<13])]
                let padded = rows.flatMap { $0 + [Int32](repeating: 0, count: 10 - $0.count) }
                let batch = model(
                    Tensor(padded, shape: [2, 10]), mask: .lengths([7, 10]))
                for (number, row) in rows.enumerated() {
                    let alone = model(Tensor(row, shape: [1, row.count]))
                    let found = batch.slice(axis: 0, number..<number + 1)
                        .slice(axis: 1, 0..<row.count)
                    #expect(largestDifference(found, alone) < 1e-10)
                }
            }
            check(model)
        }
    }

    @Test func writingStepByStepEqualsTheWhole() throws {
        let source = Tensor([1, 5, 9, 13, 2, 4, 8, 16, 0, 0] as [Int32], shape: [2, 5])
        let mask = TokenMask.lengths([5, 3])
        let target = [3, 7, 11, 2, 5, 9, 6, 1].map(Int32.init)
        for model in try TinyTransformers.encoderDecoders {
            func check<M: EncoderDecoderModel>(_ single: M) {
                let model = double(single)
                let whole = model(
                    source: source, sourceMask: mask, target: Tensor(target, shape: [2, 4]))
                var none: RandomGenerator?
                let memory = model.encode(source, mask: mask, dropout: &none)
                var state: EncoderDecoderState? = model.state(reading: memory, mask: mask)
                let steps = (0..<4).map { step in
                    model.scores(
                        of: model.decode(
                            Tensor([target[step], target[4 + step]], shape: [2, 1]), memory: nil,
                            memoryMask: .all, mask: .all, state: &state, dropout: &none))
                }
                #expect(largestDifference(.concatenate(steps, axis: 1), whole) < 1e-10)
                let alone = model(
                    source: Tensor([4, 8, 16] as [Int32], shape: [1, 3]),
                    target: Tensor(Array(target[4...]), shape: [1, 4]))
                #expect(largestDifference(whole.slice(axis: 0, 1..<2), alone) < 1e-10)
            }
            check(model)
        }
    }

    @Test func anEncoderGivesTheSamePackedAndPadded() throws {
        let model = double(try TinyTransformers.bert())
        let rows: [[Int32]] = [[1, 5, 9, 13, 2], [4, 8], [16]]
        let padded = rows.flatMap { $0 + [Int32](repeating: 0, count: 5 - $0.count) }
        var none: RandomGenerator?
        let batch = model.encode(
            Tensor(padded, shape: [3, 5]), mask: .lengths([5, 2, 1]), dropout: &none)
        let real = Tensor(
            rows.flatMap { row in (0..<5).map { $0 < row.count } }, shape: [3, 5])
        let masked = model.encode(Tensor(padded, shape: [3, 5]), mask: .real(real), dropout: &none)
        for (number, row) in rows.enumerated() {
            let alone = model.encode(Tensor(row, shape: [1, row.count]), dropout: &none)
            for whole in [batch, masked] {
                let found = whole.slice(axis: 0, number..<number + 1)
                    .slice(axis: 1, 0..<row.count)
                #expect(largestDifference(found, alone) < 1e-10)
            }
        }
    }
}

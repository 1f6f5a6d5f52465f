import MartletTestSupport
import Testing

@testable import MartletTensor

/// Fused attention against its formula, and against itself in other pieces.
@Suite struct AttentionTests {
    /// What a test asks for.
    struct Case: Sendable, CustomTestStringConvertible {
        var batch = 2
        var queries: Int
        var keys: Int
        var heads = 2
        var groups = 2
        var width = 8
        var valueWidth = 8
        var mask = AttentionMask.all
        var hasBias = false
        var hasVisible = false
        var cap: Double?

        var testDescription: String {
            "\(batch)x\(queries)x\(keys), heads \(heads)/\(groups), \(width)/\(valueWidth), \(mask), bias \(hasBias), visible \(hasVisible), cap \(cap ?? 0)"
        }

        /// Query, key, value and, if there is one, the distance bias.
        func inputs(_ seed: UInt64 = 3) -> [Tensor] {
            var random = RandomGenerator(seed: seed)
            return [
                random.normal([batch, queries, heads, width]),
                random.normal([batch, keys, groups, width]),
                random.normal([batch, keys, groups, valueWidth]),
            ] + (hasBias ? [random.normal([heads, max(keys + queries - 1, 0)])] : [])
        }

        var visible: Tensor? {
            guard hasVisible else { return nil }
            var random = RandomGenerator(seed: 8)
            return random.bernoulli([batch, 1, queries, keys], probability: 0.7)
        }

        func attention(_ tensors: [Tensor]) -> Tensor {
            .attention(
                query: tensors[0], key: tensors[1], value: tensors[2], mask: mask,
                distanceBias: tensors.count > 3 ? tensors[3] : nil, visible: visible, logitCap: cap)
        }

        /// The formula, number by number, in double precision.
        func formula(_ tensors: [Tensor]) -> Tensor {
            let (q, k, v) = (
                numbers(tensors[0]), numbers(tensors[1]), numbers(tensors[2])
            )
            let bias = tensors.count > 3 ? numbers(tensors[3]) : nil
            let shown = visible?.scalars(as: Bool.self)
            let scale = 1 / Double(width).squareRoot()
            var result = [Double](repeating: 0, count: batch * queries * heads * valueWidth)
            for b in 0..<batch {
                for n in 0..<heads {
                    let g = n / (heads / groups)
                    for i in 0..<queries {
                        let position = i + keys - queries
                        var scores: [(key: Int, score: Double)] = []
                        for j in 0..<keys {
                            let distance = mask.isCausal ? position - j : abs(position - j)
                            if mask.isCausal && j > position { continue }
                            if let window = mask.window, distance >= window { continue }
                            if let lengths = mask.lengths, j >= lengths[b] { continue }
                            if let shown, !shown[(b * queries + i) * keys + j] { continue }
                            var score = 0.0
                            for c in 0..<width {
                                score +=
                                    q[((b * queries + i) * heads + n) * width + c]
                                    * k[((b * keys + j) * groups + g) * width + c]
                            }
                            score *= scale
                            if let cap { score = cap * numbers(Tensor(score / cap).tanh())[0] }
                            if let bias {
                                score += bias[n * (keys + queries - 1) + j - position + keys - 1]
                            }
                            scores.append((j, score))
                        }
                        let largest = scores.map(\.score).max() ?? 0
                        let weights = numbers(Tensor(scores.map { $0.score - largest }).exp())
                        let sum = weights.reduce(0, +)
                        for (weight, entry) in zip(weights, scores) {
                            for c in 0..<valueWidth {
                                result[((b * queries + i) * heads + n) * valueWidth + c] +=
                                    weight / sum
                                    * v[((b * keys + entry.key) * groups + g) * valueWidth + c]
                            }
                        }
                    }
                }
            }
            return Tensor(result, shape: [batch, queries, heads, valueWidth])
        }

        private func numbers(_ tensor: Tensor) -> [Double] {
            tensor.cast(to: .float64).scalars(as: Double.self)
        }
    }

    static let cases: [Case] = [
        Case(queries: 1, keys: 1),
        Case(queries: 7, keys: 9, width: 5, valueWidth: 3),
        Case(queries: 97, keys: 131, heads: 3, groups: 1, width: 9, valueWidth: 17),
        Case(queries: 200, keys: 200, mask: .causal),
        Case(queries: 33, keys: 150, heads: 4, groups: 2, width: 32, mask: .causal),
        // More queries than keys: the first ones see nothing.
        Case(queries: 70, keys: 40, mask: .causal),
        Case(queries: 250, keys: 250, mask: AttentionMask(isCausal: true, window: 20)),
        Case(queries: 250, keys: 250, mask: AttentionMask(window: 20)),
        Case(queries: 90, keys: 200, mask: AttentionMask(lengths: [200, 0])),
        Case(queries: 230, keys: 230, mask: AttentionMask(isCausal: true, lengths: [200, 1])),
        Case(
            queries: 80, keys: 100, mask: AttentionMask(window: 30, lengths: [10, 77]),
            hasBias: true),
        Case(queries: 65, keys: 65, heads: 4, groups: 1, mask: .causal, hasBias: true, cap: 2),
        Case(queries: 40, keys: 100, hasVisible: true),
        Case(queries: 200, keys: 210, mask: .causal, hasBias: true, hasVisible: true, cap: 1),
        // A single query has a kernel of its own.
        Case(queries: 1, keys: 700, heads: 6, groups: 2, width: 20, valueWidth: 70, mask: .causal),
        Case(
            queries: 1, keys: 600, heads: 2, groups: 1,
            mask: AttentionMask(isCausal: true, window: 300),
            hasBias: true, hasVisible: true, cap: 3),
        Case(queries: 1, keys: 513, mask: AttentionMask(lengths: [0, 257])),
    ]

    @Test(arguments: cases)
    func equalsTheFormula(example: Case) {
        let inputs = example.inputs()
        let expected = example.formula(inputs)
        onEachInstructionSet { name in
            let difference = largestDifference(example.attention(inputs), expected)
            #expect(difference < 2e-6, "\(name): \(difference)")
        }
        let doubles = inputs.map { $0.cast(to: .float64) }
        #expect(largestDifference(example.attention(doubles), expected) < 1e-12)
    }

    /// Gradients in single precision, of many tiles, against those in double precision, which are checked by differences.
    @Test(arguments: cases)
    func gradientsAreThoseOfDoublePrecision(example: Case) {
        let inputs = example.inputs()
        func gradients(_ inputs: [Tensor]) -> [Tensor] {
            valueAndGradients(at: inputs) { example.attention($0).squared().sum() }.gradients
        }
        let expected = gradients(inputs.map { $0.cast(to: .float64) })
        onEachInstructionSet { name in
            for (index, pair) in zip(gradients(inputs), expected).enumerated() {
                // Some are sums over all queries: their rounding grows with them.
                let largest =
                    pair.1.count > 0 ? pair.1.absolute().reshaped([-1]).max(axis: 0).item : 0
                let difference = largestDifference(pair.0, pair.1) / max(1, largest)
                #expect(difference < 4e-6, "\(name), input \(index): \(difference)")
            }
        }
    }

    @Test(arguments: cases)
    func threadsDoNotChangeABit(example: Case) {
        let inputs = example.inputs()
        func results() -> [Tensor] {
            var value = Tensor.zeros([])
            let found = valueAndGradients(at: inputs) { tensors in
                value = example.attention(tensors)
                return value.squared().sum()
            }
            return [value.detached] + found.gradients
        }
        let alone = Machine.alone(results)
        for (found, expected) in zip(results(), alone) {
            #expect(largestDifference(found, expected) == 0)
        }
    }
}

@Suite struct QueriesApartTests {
    /// Each query gives the bits of a sequence that has it alone, in one part of the keys and in several; gradients are the usual.
    @Test(arguments: [7, 40, 300, 600])
    func eachIsAsAlone(keys: Int) {
        var random = RandomGenerator(seed: 8)
        let (q, k, v) = (
            random.normal([2, 5, 4, 20]), random.normal([2, keys, 2, 20]),
            random.normal([2, keys, 2, 13])
        )
        let mask = AttentionMask(lengths: [keys, keys - 3])
        for cap in [nil, 2.0] {
            func apart(_ q: Tensor, _ k: Tensor, _ v: Tensor) -> Tensor {
                Tensor.attention(
                    query: q, key: k, value: v, mask: mask, logitCap: cap, isApart: true)
            }
            onEachInstructionSet { name in
                let all = apart(q, k, v)
                for place in 0..<5 {
                    let one = place..<place + 1
                    let alone = Tensor.attention(
                        query: q.slice(axis: 1, one), key: k, value: v, mask: mask, logitCap: cap)
                    #expect(
                        largestDifference(all.slice(axis: 1, one), alone) == 0,
                        "\(name), query \(place)")
                }
                let found = valueAndGradients(at: [q, k, v]) {
                    apart($0[0], $0[1], $0[2]).squared().sum()
                }
                let together = valueAndGradients(at: [q, k, v]) {
                    Tensor.attention(
                        query: $0[0], key: $0[1], value: $0[2], mask: mask, logitCap: cap
                    ).squared().sum()
                }
                for (a, b) in zip(found.gradients, together.gradients) {
                    #expect(largestDifference(a, b) < 1e-5, "\(name)")
                }
            }
        }
    }
}

/// Attention whose products are of bfloat16, where the machine has the instructions and no gradient is wanted.
@Suite struct RoundedAttentionTests {
    /// Where nothing has to be rounded it gives what float32 gives: scores are whole powers of two.
    @Test(arguments: [
        (1, 2, 3), (4, 1, 8), (13, 64, 16), (40, 65, 24), (128, 128, 32), (200, 131, 33),
        (33, 201, 64),
        (70, 77, 80),
    ])
    func numbersThatNeedNoRoundingAreExact(queries: Int, keys: Int, width: Int) {
        var random = RandomGenerator(seed: 8)
        func small(_ shape: Shape) -> Tensor {
            random.integers(shape, in: -1..<2).cast(to: .float32)
        }
        let (q, k) = (small([2, queries, 4, width]), small([2, keys, 2, width]))
        for (values, lengths) in [
            (width, [keys, keys]), (5, [keys, keys / 2]), (40, [0, keys - 1]),
        ] {
            let v = random.integers([2, keys, 2, values], in: -100..<101).cast(to: .float32)
            let mask = AttentionMask(lengths: lengths)
            func attend() -> Tensor {
                .attention(query: q, key: k, value: v, mask: mask, scale: 0.6931471805599453)
            }
            let expected = attend()
            let found = ProductPrecision.bfloat16.applied(to: attend)
            #expect(largestDifference(found, expected) < 2e-4, "\(values), \(lengths)")
        }
    }

    /// Other numbers are rounded, if they are, by no more than bfloat16 does.
    @Test(arguments: [(5, 9), (128, 128), (300, 500)])
    func othersAreClose(queries: Int, keys: Int) {
        var random = RandomGenerator(seed: 9)
        let (q, k, v) = (
            random.normal([3, queries, 4, 32]), random.normal([3, keys, 4, 32]),
            random.normal([3, keys, 4, 32])
        )
        let mask = AttentionMask(lengths: [keys, keys - 4, 3])
        func attend(_ q: Tensor) -> Tensor { .attention(query: q, key: k, value: v, mask: mask) }
        let expected = attend(q)
        let found = ProductPrecision.bfloat16.applied { attend(q) }
        #expect(largestDifference(found, expected) < 0.03)
        let isRounded =
            Machine.current.bfloat16 == "avx512bf16"
            && Machine.current.instructionSet == "avx512vnni"
        #expect((largestDifference(found, expected) > 1e-4) == isRounded)
        // Gradients belong to the scores that they were made of.
        let (a, b) = (
            valueAndGradients(at: [q]) { attend($0[0]).squared().sum() },
            ProductPrecision.bfloat16.applied {
                valueAndGradients(at: [q]) { attend($0[0]).squared().sum() }
            }
        )
        #expect(a.value.item == b.value.item)
        #expect(largestDifference(a.gradients[0], b.gradients[0]) == 0)
    }
}

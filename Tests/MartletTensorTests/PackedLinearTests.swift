import MartletTestSupport
import Testing

@testable import MartletTensor

/// Linear layers whose weights are packed once: the same numbers as the operations one by one, in every kind of weights.
@Suite(.serialized) struct PackedLinearTests {
    private func random(_ shape: Shape, seed: UInt64) -> Tensor {
        var random = RandomGenerator(seed: seed)
        return random.normal(shape)
    }

    /// Types that the instruction set in use can do.
    private static var types: [InferenceType] { InferenceType.allCases.filter(\.isHere) }

    /// Rows that few and many workers share, and one; columns and numbers that fill panels and blocks of k, or do not.
    static let sizes = [
        [1, 48, 64], [3, 5, 7], [17, 130, 96], [128, 384, 384], [129, 65, 1100], [300, 97, 33],
    ]

    @Test(arguments: sizes)
    func float32HasTheBitsOfTheOperationsOneByOne(_ sizes: [Int]) {
        let (m, n, k) = (sizes[0], sizes[1], sizes[2])
        let (x, w, b) = (random([m, k], seed: 1), random([n, k], seed: 2), random([n], seed: 3))
        onEachInstructionSet { name in
            let packed = PackedLinear(weight: w, bias: b)
            #expect(
                largestDifference(packed(x), x.linear(weight: w, bias: b)) == 0,
                "\(sizes), \(name)")
            let plain = PackedLinear(weight: w, bias: nil)
            #expect(largestDifference(plain(x), x.linear(weight: w)) == 0, "\(sizes), \(name)")
        }
    }

    @Test(arguments: sizes)
    func aWeightMayBeAView(_ sizes: [Int]) {
        let (x, w) = (
            random([sizes[0], sizes[2]], seed: 1), random([sizes[2], sizes[1]], seed: 2)
        )
        for type in Self.types {
            let view = PackedLinear(weight: w.transposed(), bias: nil, type: type)
            let copy = PackedLinear(weight: w.transposed().contiguous(), bias: nil, type: type)
            #expect(largestDifference(view(x), copy(x)) == 0, "\(type)")
        }
    }

    /// Four layers as a Transformer has them after its attention.
    private func chain(_ width: Int, _ inner: Int, _ type: InferenceType, _ x: Tensor)
        -> [LinearStep]
    {
        func layer(_ n: Int, _ k: Int, _ seed: UInt64) -> PackedLinear {
            PackedLinear(
                weight: random([n, k], seed: seed) * 0.1, bias: random([n], seed: seed + 1),
                type: type)
        }
        func norm(_ seed: UInt64) -> LinearStep.Norm {
            .init(
                weight: random([width], seed: seed), bias: random([width], seed: seed + 1),
                epsilon: 1e-5)
        }
        return [
            LinearStep(layer(width, width, 10), adding: .rows(x), norm: norm(20), isKept: false),
            LinearStep(layer(inner, width, 12), activation: .gelu, isKept: false),
            LinearStep(layer(width, inner, 14), adding: .step(0), norm: norm(22)),
            LinearStep(layer(3 * width, width, 16)),
        ]
    }

    /// The same, an operation at a time.
    private func oneByOne(_ x: Tensor, _ steps: [LinearStep]) -> [Tensor] {
        var (outputs, input) = ([Tensor](), x)
        for step in steps {
            var y = step.layer(input)
            switch step.activation {
            case .gelu: y = y.gelu()
            case .silu: y = y.silu()
            case nil: break
            default: Issue.record("\(step.activation!) is not in this test")
            }
            switch step.addend {
            case .rows(let rows): y = rows + y
            case .step(let other): y = outputs[other] + y
            case nil: break
            }
            if let norm = step.norm {
                y = y.layerNorm(weight: norm.weight, bias: norm.bias, epsilon: norm.epsilon)
            }
            outputs.append(y)
            input = y
        }
        return zip(outputs, steps).filter(\.1.isKept).map(\.0)
    }

    @Test(arguments: [1, 20, 128, 129, 333])
    func aChainHasTheBitsOfItsSteps(rows: Int) {
        let x = random([rows, 80], seed: 1)
        for type in Self.types {
            let steps = chain(80, 200, type, x)
            let (found, expected) = (x.running(steps), oneByOne(x, steps))
            #expect(found.count == 2)
            for (found, expected) in zip(found, expected) {
                #expect(largestDifference(found, expected) == 0, "\(type)")
            }
        }
    }

    @Test func bitsDependNeitherOnThreadsNorOnTheRowsBeside() {
        let x = random([400, 96], seed: 1)
        let before = Machine.current.threads
        defer { Machine.current.threads = before }
        for type in Self.types {
            Machine.current.threads = 1
            let one = x.running(chain(96, 250, type, x))[1]
            for (threads, rows) in [
                (2, 0..<400), (3, 0..<400), (1, 7..<8), (2, 37..<100), (3, 200..<201),
                (5, 130..<399),
            ] {
                Machine.current.threads = threads
                let some = x.slice(axis: 0, rows).contiguous()
                let found = some.running(chain(96, 250, type, some))[1]
                #expect(
                    largestDifference(found, one.slice(axis: 0, rows)) == 0,
                    "\(type), \(threads), \(rows)")
            }
        }
    }

    /// Rounds each row to 8 bits, as the operation does.
    private func rounded(_ x: Tensor) -> Tensor {
        let (values, scales) = x.quantized(to: .int8)
        return values.dequantized(.int8, scales: scales, columns: x.shape[1]).cast(to: .float64)
    }

    @Test(arguments: sizes)
    func int8IsTheProductOfWhatIsRoundedOnEveryInstructionSet(_ sizes: [Int]) {
        let (m, n, k) = (sizes[0], sizes[1], sizes[2])
        let (x, w, b) = (random([m, k], seed: 1), random([n, k], seed: 2), random([n], seed: 3))
        let expected = rounded(x).matmul(rounded(w).transposed()) + b.cast(to: .float64)
        var first: Tensor?
        onEachInstructionSet { name in
            let found = PackedLinear(weight: w, bias: b, type: .int8)(x)
            #expect(largestDifference(found, expected) < 1e-5 * Double(k), "\(sizes), \(name)")
            // Rounding costs more than that: it was not computed in float32.
            #expect(
                k < 30 || largestDifference(found, x.linear(weight: w, bias: b)) > 1e-5 * Double(k))
            #expect(largestDifference(found, first ?? found) == 0, "\(sizes), \(name)")
            first = found
        }
    }

    @Test func int8RowsOfZerosTinyNumbersAndNaN() {
        let w = random([50, 40], seed: 2)
        var numbers = random([4, 40], seed: 1).scalars(as: Float.self)
        for place in 0..<40 {
            numbers[place] = 0
            numbers[40 + place] = .leastNonzeroMagnitude
        }
        numbers[3 * 40 - 1] = .nan
        onEachInstructionSet { name in
            let found = PackedLinear(weight: w, bias: nil, type: .int8)(
                Tensor(numbers, shape: [4, 40])
            )
            .scalars(as: Float.self)
            #expect(found[..<100].allSatisfy { $0 == 0 }, "\(name)")
            #expect(found[100..<150].allSatisfy { $0.isNaN }, "\(name)")
            #expect(found[150...].allSatisfy { $0.isFinite }, "\(name)")
        }
    }

    @Test(.enabled(if: InferenceType.bfloat16.isHere), arguments: sizes)
    func bfloat16IsTheProductOfWhatIsRounded(_ sizes: [Int]) {
        let (m, n, k) = (sizes[0], sizes[1], sizes[2])
        let (x, w, b) = (random([m, k], seed: 1), random([n, k], seed: 2), random([n], seed: 3))
        func rounded(_ x: Tensor) -> Tensor { x.cast(to: .bfloat16).cast(to: .float64) }
        let expected = rounded(x).matmul(rounded(w).transposed()) + b.cast(to: .float64)
        let found = PackedLinear(weight: w, bias: b, type: .bfloat16)(x)
        let bound = 2e-5 * Double(k).squareRoot()
        #expect(largestDifference(found, expected) < bound)
        #expect(largestDifference(found, x.linear(weight: w, bias: b)) > bound)
    }

    @Test func noRowsAndViewsOfHeads() {
        for type in Self.types {
            let layer = PackedLinear(weight: random([6, 8], seed: 1), bias: nil, type: type)
            #expect(layer(.zeros([0, 8])).shape == [0, 6])
            #expect(layer(.zeros([2, 0, 8])).shape == [2, 0, 6])
        }
        let x = random([2, 5, 24], seed: 4)
        for (part, view) in x.headViews(parts: 3, heads: 2).enumerated() {
            let expected = x.slice(axis: 2, part * 8..<part * 8 + 8).reshaped([2, 5, 2, 4])
            #expect(largestDifference(view.contiguous(), expected) == 0)
        }
    }
}

import Foundation
import MartletTestSupport
import Testing

@testable import MartletTensor

/// A function of numbers, as the tensor computes it and as the C library does.
struct ScalarFunction: Sendable, CustomTestStringConvertible {
    var name: String
    var range: ClosedRange<Double>
    var tensor: @Sendable (Tensor) -> Tensor
    var number: @Sendable (Double) -> Double

    init(
        _ name: String, in range: ClosedRange<Double> = -6...6,
        _ tensor: @escaping @Sendable (Tensor) -> Tensor,
        _ number: @escaping @Sendable (Double) -> Double
    ) {
        (self.name, self.range, self.tensor, self.number) = (name, range, tensor, number)
    }

    var testDescription: String { name }
}

private func logistic(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }

private func gelu(_ x: Double) -> Double {
    let tail: Double = Foundation.erf(x / 2.0.squareRoot())
    return x / 2 * (1 + tail)
}

private func geluTanh(_ x: Double) -> Double {
    let inner: Double = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
    return x / 2 * (1 + Foundation.tanh(inner))
}

let scalarFunctions: [ScalarFunction] = [
    .init("negate", { -$0 }, { -$0 }),
    .init("exp", in: -80...80, { $0.exp() }, { Foundation.exp($0) }),
    .init("log", in: 1e-6...100, { $0.log() }, { Foundation.log($0) }),
    .init("squareRoot", in: 0...100, { $0.squareRoot() }, { $0.squareRoot() }),
    .init(
        "reciprocalSquareRoot", in: 0.01...100, { $0.reciprocalSquareRoot() },
        { 1 / $0.squareRoot() }),
    .init("absolute", { $0.absolute() }, { Swift.abs($0) }),
    .init("tanh", in: -12...12, { $0.tanh() }, { Foundation.tanh($0) }),
    .init("sigmoid", in: -20...20, { $0.sigmoid() }, logistic),
    .init("relu", { $0.relu() }, { Swift.max($0, 0) }),
    .init("squared", { $0.squared() }, { $0 * $0 }),
    .init("reciprocal", in: 0.1...10, { $0.reciprocal() }, { 1 / $0 }),
    .init("sin", { $0.sin() }, { Foundation.sin($0) }),
    .init("cos", { $0.cos() }, { Foundation.cos($0) }),
    .init("erf", { $0.erf() }, { Foundation.erf($0) }),
    .init("gelu", { $0.gelu() }, gelu),
    .init("geluTanh", { $0.geluTanh() }, geluTanh),
    .init("silu", { $0.silu() }, { $0 * logistic($0) }),
    .init("softplus", in: -20...20, { $0.softplus() }, { Foundation.log1p(Foundation.exp($0)) }),
    .init(
        "logSigmoid", in: -20...20, { $0.logSigmoid() }, { -Foundation.log1p(Foundation.exp(-$0)) }),
    .init("logOnePlus", in: -0.5...9, { $0.logOnePlus() }, { Foundation.log1p($0) }),
    .init("expMinusOne", { $0.expMinusOne() }, { Foundation.expm1($0) }),
    .init("sign", { $0.sign() }, { $0 > 0 ? 1 : $0 < 0 ? -1 : 0 }),
    .init("roundedDown", { $0.roundedDown() }, { $0.rounded(.down) }),
    .init("roundedUp", { $0.roundedUp() }, { $0.rounded(.up) }),
    .init("rounded", { $0.rounded() }, { $0.rounded(.toNearestOrEven) }),
    .init("clamped", { $0.clamped(to: -1...2) }, { Swift.min(Swift.max($0, -1), 2) }),
]

private let sizes = [0, 1, 7, 8, 9, 31, 1000]

/// Runs `body` on the kernels of each instruction set of this machine.
func onEachInstructionSet(_ body: (String) throws -> Void) rethrows {
    for name in Machine.current.availableInstructionSets {
        try ForcedInstructionSet.$name.withValue(name) { try body(name) }
    }
}

@Suite struct ElementwiseTests {
    /// The largest distance of two tensors' elements, in units of `unit` of the expected one (of 1, for small ones).
    private func error(_ found: Tensor, _ expected: [Double], unit: Double) -> Double {
        var worst = 0.0
        for (value, exact) in zip(found.cast(to: .float64).scalars(as: Double.self), expected) {
            let scale: Double = unit * Swift.max(1, Swift.abs(exact))
            worst = Swift.max(worst, Swift.abs(value - exact) / scale)
        }
        return worst
    }

    @Test(arguments: scalarFunctions)
    func equalsTheLibraryFunction(function: ScalarFunction) {
        for size in sizes {
            var random = RandomGenerator(seed: UInt64(size))
            let x = random.uniform([size], in: function.range)
            let expected = x.scalars(as: Float.self).map { function.number(Double($0)) }
            let double = function.tensor(x.cast(to: .float64))
            #expect(double.shape == [size])
            #expect(error(double, expected, unit: 0x1p-52) <= 4)
            onEachInstructionSet { name in
                let distance = error(function.tensor(x), expected, unit: 0x1p-23)
                #expect(distance <= 4, "\(function.name), \(name), size \(size)")
            }
        }
    }

    /// The share of the normal distribution below x keeps its digits where it is small, so that GELU does.
    @Test func smallValuesOfGELUKeepTheirDigits() {
        let numbers = stride(from: -8.0, through: -0.5, by: 0.0625).map { Float($0) }
        let exact = numbers.map { x -> Double in
            let share: Double = Foundation.erfc(-Double(x) / 2.0.squareRoot()) / 2
            return Double(x) * share
        }
        onEachInstructionSet { name in
            for (found, expected) in zip(Tensor(numbers).gelu().scalars(as: Float.self), exact) {
                #expect(abs(Double(found) / expected - 1) < 12 * 0x1p-23, "\(name), \(expected)")
            }
        }
    }

    /// The results at the ends of the number range: infinities, NaN, the smallest numbers.
    @Test func specialValues() {
        let small: Float = 0x1p-140
        let x = Tensor([0, -0.0, .infinity, -.infinity, .nan, small, -small, 200, -200] as [Float])
        onEachInstructionSet { name in
            func same(_ found: Tensor, _ expected: [Float]) -> Bool {
                zip(found.scalars(as: Float.self), expected).allSatisfy {
                    $0 == $1 || ($0.isNaN && $1.isNaN)
                }
            }
            #expect(same(x.exp(), [1, 1, .infinity, 0, .nan, 1, 1, .infinity, 0]), "\(name)")
            #expect(same(x.tanh(), [0, 0, 1, -1, .nan, small, -small, 1, -1]), "\(name)")
            #expect(same(x.sigmoid(), [0.5, 0.5, 1, 0, .nan, 0.5, 0.5, 1, 0]), "\(name)")
            #expect(same(x.relu(), [0, 0, .infinity, 0, .nan, small, 0, 200, 0]), "\(name)")
            let logarithms = x.log().scalars(as: Float.self)
            #expect(logarithms[0] == -.infinity && logarithms[1] == -.infinity, "\(name)")
            #expect(
                logarithms[2] == .infinity && logarithms[3].isNaN && logarithms[4].isNaN, "\(name)")
            #expect(abs(logarithms[5] - Foundation.log(small)) < 1e-5, "\(name)")
            #expect(logarithms[6].isNaN && logarithms[8].isNaN, "\(name)")
            #expect(same(x.softplus().slice(axis: 0, 2..<5), [.infinity, 0, .nan]), "\(name)")
            let small2 = small * 2 / Float.pi.squareRoot()
            #expect(same(x.erf(), [0, 0, 1, -1, .nan, small2, -small2, 1, -1]), "\(name)")
            #expect(same(x.slice(axis: 0, 2..<3).gelu(), [.infinity]), "\(name)")
            #expect(same(x.slice(axis: 0, 4..<5).gelu(), [.nan]), "\(name)")
            #expect(same(x.slice(axis: 0, 7..<9).gelu(), [200, 0]), "\(name)")
        }
    }

    /// The shapes of two operands, one of them repeated along none, some or all dimensions.
    static let broadcasts: [(Shape, Shape)] = [
        ([0], [0]), ([1], [1]), ([7], [7]), ([31], []), ([], [9]), ([4, 9], [9]),
        ([4, 9], [4, 1]),
        ([3, 1, 8], [5, 1]), ([2, 3, 4], [2, 3, 4]), ([1, 5], [0, 5]), ([1000], [1]),
    ]

    @Test(arguments: broadcasts)
    func broadcastingRepeats(a: Shape, b: Shape) {
        var random = RandomGenerator(seed: 4)
        let (x, y) = (
            random.uniform(a, in: 0.5...2, dtype: .float64),
            random.uniform(b, in: 0.5...2, dtype: .float64)
        )
        let shape = Shape.broadcast(a, b, "test")
        // Repetition by concatenation, which knows nothing of strides of 0.
        func repeated(_ tensor: Tensor) -> [Double] {
            var result = tensor.reshaped(
                [Int](repeating: 1, count: shape.rank - tensor.rank) + Array(tensor.shape))
            for axis in 0..<shape.rank where result.shape[axis] != shape[axis] {
                result =
                    shape[axis] == 0
                    ? .zeros(result.shape.replacing(axis, with: 0), dtype: .float64)
                    : .concatenate([Tensor](repeating: result, count: shape[axis]), axis: axis)
            }
            return result.scalars(as: Double.self)
        }
        let pairs = Array(zip(repeated(x), repeated(y)))
        func check(_ found: Tensor, _ expected: (Double, Double) -> Double) {
            #expect(found.shape == shape)
            #expect(found.cast(to: .float64).scalars(as: Double.self) == pairs.map(expected))
        }
        check(x + y, +)
        check(x - y, -)
        check(x * y, *)
        check(x / y, /)
        check(.maximum(x, y), Swift.max)
        check(.minimum(x, y), Swift.min)
        check(.power(x, y), pow)
        check(x .< y) { $0 < $1 ? 1 : 0 }
        check(x .<= y) { $0 <= $1 ? 1 : 0 }
        check(x .> y) { $0 > $1 ? 1 : 0 }
        check(x .>= y) { $0 >= $1 ? 1 : 0 }
        check(x .== y) { $0 == $1 ? 1 : 0 }
        check(x .!= y) { $0 != $1 ? 1 : 0 }
        check((x .< y).select(x, y), Swift.min)
    }

    @Test func numbersMayStandOnEitherSide() {
        let x = Tensor([1, 2, 4] as [Double])
        #expect((1.0 + x).scalars(as: Double.self) == [2, 3, 5])
        #expect((x + 1.0).scalars(as: Double.self) == [2, 3, 5])
        #expect((1.0 - x).scalars(as: Double.self) == [0, -1, -3])
        #expect((x - 1.0).scalars(as: Double.self) == [0, 1, 3])
        #expect((3.0 * x).scalars(as: Double.self) == [3, 6, 12])
        #expect((2.0 / x).scalars(as: Double.self) == [2, 1, 0.5])
        #expect((x / 2.0).scalars(as: Double.self) == [0.5, 1, 2])
        #expect(Tensor.power(x, 3).scalars(as: Double.self) == [1, 8, 64])
    }
}

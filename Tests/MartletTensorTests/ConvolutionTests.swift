import MartletTestSupport
import Testing

@testable import MartletTensor

/// A convolution as the tests try it.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
    var input: Shape
    var weight: Shape
    var stride: Size2D = 1
    var padding: Size2D = 0
    var dilation: Size2D = 1
    var groups = 1

    func callAsFunction(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
        x.convolution2D(
            weight: weight, bias: bias, stride: stride, padding: padding, dilation: dilation,
            groups: groups)
    }

    var testDescription: String {
        "\(input) with \(weight), stride \(stride), padding \(padding), dilation \(dilation), \(groups) groups"
    }
}

/// Convolutions and pooling beyond one block of anything, against the formula, element by element.
@Suite struct ConvolutionTests {
    static let cases: [ConvolutionCase] = [
        // Several blocks of the sum, that cut through channels; several panels of results.
        .init(input: [2, 100, 9, 11], weight: [21, 100, 3, 3], padding: 1),
        .init(input: [2, 50, 12, 13], weight: [17, 50, 3, 5], stride: 2, padding: 2),
        // One channel, many results; one result, many channels; planes of one row, of one column.
        .init(input: [3, 1, 28, 28], weight: [33, 1, 3, 3]),
        .init(input: [3, 40, 17, 19], weight: [1, 40, 3, 3], padding: 1),
        .init(input: [2, 7, 1, 100], weight: [9, 7, 1, 5], padding: Size2D(height: 0, width: 4)),
        .init(input: [2, 7, 100, 1], weight: [9, 7, 5, 1], stride: Size2D(height: 3, width: 1)),
        // Bands of a large plane.
        .init(input: [1, 3, 150, 170], weight: [8, 3, 7, 7], stride: 2, padding: 3),
        .init(input: [1, 30, 90, 80], weight: [5, 30, 3, 3], padding: 2, dilation: 2),
        // Groups, depthwise, depthwise with several results.
        .init(input: [2, 12, 15, 16], weight: [18, 4, 3, 3], padding: 1, groups: 3),
        .init(input: [2, 19, 33, 70], weight: [19, 1, 3, 3], padding: 1, groups: 19),
        .init(input: [2, 5, 14, 14], weight: [10, 1, 5, 5], stride: 3, padding: 2, groups: 5),
        .init(input: [2, 5, 14, 14], weight: [15, 1, 3, 3], stride: 2, groups: 5),
        // Windows as large as the plane; more padding than kernel; steps beyond the window.
        .init(input: [4, 6, 5, 5], weight: [10, 6, 5, 5]),
        .init(input: [2, 3, 4, 4], weight: [5, 3, 2, 2], padding: 3),
        .init(input: [2, 3, 9, 10], weight: [5, 3, 2, 1], stride: 4),
        .init(input: [0, 3, 9, 10], weight: [5, 3, 2, 1]),
        .init(input: [1, 1, 1, 1], weight: [1, 1, 1, 1]),
    ]

    /// The formula, one number after the other.
    private func expected(_ form: ConvolutionCase, _ x: [Double], _ w: [Double], _ bias: [Double])
        -> [Double]
    {
        let (B, C, H, W) = (form.input[0], form.input[1], form.input[2], form.input[3])
        let (O, share, K, L) = (form.weight[0], form.weight[1], form.weight[2], form.weight[3])
        let rows =
            (H + 2 * form.padding.height - form.dilation.height * (K - 1) - 1) / form.stride.height
            + 1
        let columns =
            (W + 2 * form.padding.width - form.dilation.width * (L - 1) - 1) / form.stride.width + 1
        var y: [Double] = []
        for b in 0..<B {
            for o in 0..<O {
                let first = o / (O / form.groups) * share
                for p in 0..<rows {
                    for q in 0..<columns {
                        var sum = bias[o]
                        for i in 0..<K {
                            let row =
                                p * form.stride.height + i * form.dilation.height
                                - form.padding.height
                            guard row >= 0 && row < H else { continue }
                            for j in 0..<L {
                                let column =
                                    q * form.stride.width + j * form.dilation.width
                                    - form.padding.width
                                guard column >= 0 && column < W else { continue }
                                for c in 0..<share {
                                    sum +=
                                        w[((o * share + c) * K + i) * L + j]
                                        * x[((b * C + first + c) * H + row) * W + column]
                                }
                            }
                        }
                        y.append(sum)
                    }
                }
            }
        }
        return y
    }

    @Test(arguments: cases)
    func followsTheFormula(form: ConvolutionCase) {
        var random = RandomGenerator(seed: 1)
        let x = random.uniform(form.input, in: -1...1)
        let (w, bias) = (
            random.uniform(form.weight, in: -1...1), random.uniform([form.weight[0]], in: -1...1)
        )
        let exact = [x, w, bias].map { $0.cast(to: .float64) }
        let values = expected(
            form, exact[0].scalars(), exact[1].scalars(), exact[2].scalars())
        let double = form(exact[0], exact[1], exact[2])
        let reference = Tensor(values, shape: double.shape)
        #expect(largestDifference(double, reference) < 1e-12)
        onEachInstructionSet { name in
            #expect(largestDifference(form(x, w, bias), reference) < 1e-4, "\(name)")
        }
    }

    /// The gradients are those of the sum in double precision: dx and dw are linear in dy, so that ⟨dy, conv(x, w)⟩
    /// fixes them: its change along any direction is their product with it, exactly.
    @Test(arguments: cases)
    func gradientsAreTheAdjoint(form: ConvolutionCase) {
        var random = RandomGenerator(seed: 2)
        func draw(_ shape: Shape) -> Tensor { random.uniform(shape, in: -1...1, dtype: .float64) }
        let (x, w) = (draw(form.input), draw(form.weight))
        let dy = draw(form(x, w, nil).shape)
        func gradients(_ x: Tensor, _ w: Tensor, _ dy: Tensor) -> [Tensor] {
            valueAndGradients(at: [x, w]) { (form($0[0], $0[1], nil) * dy).sum() }.gradients
        }
        let found = gradients(x, w, dy)
        for _ in 0..<3 {
            let (directionX, directionW) = (draw(form.input), draw(form.weight))
            let alongX = (form(directionX, w, nil) * dy).sum().item
            let alongW = (form(x, directionW, nil) * dy).sum().item
            #expect(abs((found[0] * directionX).sum().item - alongX) < 1e-9)
            #expect(abs((found[1] * directionW).sum().item - alongW) < 1e-9)
        }
        let single = [x, w, dy].map { $0.cast(to: .float32) }
        onEachInstructionSet { name in
            for (a, b) in zip(gradients(single[0], single[1], single[2]), found) {
                #expect(largestDifference(a, b) < 1e-3, "\(name)")
            }
        }
    }

    @Test func anImageOfABatchHasTheSameBitsAlone() {
        var random = RandomGenerator(seed: 3)
        for form in Self.cases where form.input[0] > 1 {
            let (x, w) = (random.normal(form.input), random.normal(form.weight))
            let last = form.input[0] - 1..<form.input[0]
            let alone = form(x.slice(axis: 0, last), w, nil)
            #expect(
                largestDifference(alone, form(x, w, nil).slice(axis: 0, last)) == 0,
                "\(form.testDescription)")
        }
    }

    // MARK: Pooling

    @Test(arguments: [(2, 2, 0), (3, 2, 1), (3, 1, 1), (5, 3, 2), (1, 2, 0)])
    func maximumOfWindows(size: Int, stride: Int, padding: Int) {
        var random = RandomGenerator(seed: 4)
        let (H, W) = (23, 30)
        let x = random.normal([2, 3, H, W])
        let values = x.scalars(as: Float.self)
        let rows = (H + 2 * padding - size) / stride + 1
        let columns = (W + 2 * padding - size) / stride + 1
        var largest: [Float] = []
        var counts = [Float](repeating: 0, count: values.count)
        for plane in 0..<6 {
            for p in 0..<rows {
                for q in 0..<columns {
                    let inside = (0..<size * size).map {
                        (p * stride + $0 / size - padding, q * stride + $0 % size - padding)
                    }.filter { $0.0 >= 0 && $0.0 < H && $0.1 >= 0 && $0.1 < W }
                    let places = inside.map { (plane * H + $0.0) * W + $0.1 }
                    let best = places.max { values[$0] < values[$1] }!
                    largest.append(values[best])
                    counts[best] += 1
                }
            }
        }
        onEachInstructionSet { name in
            var y: Tensor?
            let (_, gradients) = valueAndGradients(at: [x]) {
                y = $0[0].maximumPool2D(
                    size: Size2D(size), stride: Size2D(stride), padding: Size2D(padding))
                return y!.sum()
            }
            #expect(y!.scalars(as: Float.self) == largest, "\(name)")
            #expect(gradients[0].scalars(as: Float.self) == counts, "\(name)")
        }
    }

    /// The first of equals gets the gradient; NaN wins over everything; a window of -∞ gives it.
    @Test func maximumOfEqualsAndNaN() {
        let rows: [Float] = [1, 1, .nan, 5, 1, 1, 7, .nan, -.infinity, -.infinity, 2, 3]
        let x = Tensor(rows, shape: [1, 1, 3, 4])
        var y: Tensor?
        let (_, gradients) = valueAndGradients(at: [x]) {
            y = $0[0].maximumPool2D(size: 2, stride: Size2D(height: 1, width: 2))
            return y!.sum()
        }
        let found = y!.scalars(as: Float.self)
        #expect(found[0] == 1 && found[1].isNaN && found[2] == 1 && found[3].isNaN)
        #expect(gradients[0].scalars(as: Float.self) == [1, 0, 1, 0, 1, 0, 0, 1, 0, 0, 0, 0])
        let low = Tensor([Float](repeating: -.infinity, count: 9), shape: [1, 1, 3, 3])
        let (_, none) = valueAndGradients(at: [low]) {
            y = $0[0].maximumPool2D(size: 3, stride: 1, padding: 1)
            return y!.sum()
        }
        #expect(y!.scalars(as: Float.self).allSatisfy { $0 == -.infinity })
        #expect(none[0].scalars(as: Float.self).allSatisfy { $0.isFinite })
    }
}

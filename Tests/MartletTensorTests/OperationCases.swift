import MartletTensor
import Testing

/// One operation as the tests try it: a line each.
struct OperationCase: Sendable, CustomTestStringConvertible {
    /// What the tape calls it.
    var name: String
    /// The operands' shapes.
    var shapes: [Shape]
    /// Where operands are drawn from: away from corners and poles.
    var range: ClosedRange<Double>
    var function: @Sendable ([Tensor]) -> Tensor

    init(
        _ name: String, _ shapes: Shape..., range: ClosedRange<Double> = -2...2,
        _ function: @escaping @Sendable ([Tensor]) -> Tensor
    ) {
        self.name = name
        self.shapes = shapes
        self.range = range
        self.function = function
    }

    var testDescription: String { "\(name) \(shapes)" }
}

private let labels = Tensor([2, 0, -100, 3] as [Int32])
private let ids = Tensor([1, 4, 1, 0] as [Int32], shape: [2, 2])
private let observed = Tensor([0.3, -1, .nan, 2, 0.7, 1.5] as [Double], shape: [2, 3])
private let counts = Tensor([0, 3, .nan, 12, 1, 5] as [Double], shape: [2, 3])
private let visible = Tensor(
    (0..<2 * 14 * 9).map { $0 * $0 % 7 != 2 && $0 / 9 != 5 }, shape: [1, 2, 14, 9])
private let fiveReal = Tensor(
    [true, true, true, false, true, false, true, false, false, false], shape: [2, 5])
private let along = Tensor([2, 0, 2, 1, 1, 1, 0, 1] as [Int32], shape: [2, 2, 2])

/// Every differentiable operation. A test fails for one that records itself and is not here.
let operationCases: [OperationCase] = [
    .init("negate", [2, 3]) { -$0[0] },
    .init("exp", [2, 3]) { $0[0].exp() },
    .init("log", [2, 3], range: 0.5...2) { $0[0].log() },
    .init("squareRoot", [2, 3], range: 0.5...2) { $0[0].squareRoot() },
    .init("reciprocalSquareRoot", [2, 3], range: 0.5...2) { $0[0].reciprocalSquareRoot() },
    .init("absolute", [2, 3], range: 0.2...2) { $0[0].absolute() },
    .init("tanh", [2, 3]) { $0[0].tanh() },
    .init("sigmoid", [2, 3]) { $0[0].sigmoid() },
    .init("relu", [2, 3], range: 0.2...2) { ($0[0] - 1.1).relu() },
    .init("squared", [2, 3]) { $0[0].squared() },
    .init("reciprocal", [2, 3], range: 0.5...2) { $0[0].reciprocal() },
    .init("sin", [2, 3]) { $0[0].sin() },
    .init("cos", [2, 3]) { $0[0].cos() },
    .init("erf", [2, 3]) { $0[0].erf() },
    .init("gelu", [2, 3]) { $0[0].gelu() },
    .init("geluTanh", [2, 3]) { $0[0].geluTanh() },
    .init("silu", [2, 3]) { $0[0].silu() },
    .init("softplus", [2, 3]) { $0[0].softplus() },
    .init("logSigmoid", [2, 3]) { $0[0].logSigmoid() },
    .init("logOnePlus", [2, 3], range: -0.5...2) { $0[0].logOnePlus() },
    .init("expMinusOne", [2, 3]) { $0[0].expMinusOne() },
    .init("sign", [2, 3], range: 0.2...2) { $0[0].sign() },
    .init("roundedDown", [2, 3], range: 0.1...0.9) { $0[0].roundedDown() },
    .init("roundedUp", [2, 3], range: 0.1...0.9) { $0[0].roundedUp() },
    .init("rounded", [2, 3], range: 0.6...1.4) { $0[0].rounded() },
    .init("clamped", [2, 5]) { $0[0].clamped(to: -1...1) },
    .init("add", [2, 3], [3]) { $0[0] + $0[1] },
    .init("subtract", [2, 1, 3], [4, 1]) { $0[0] - $0[1] },
    .init("multiply", [2, 3], [2, 1]) { $0[0] * $0[1] },
    .init("divide", [2, 3], [], range: 0.5...2) { $0[0] / $0[1] },
    .init("maximum", [2, 3], [2, 3]) { .maximum($0[0], $0[1]) },
    .init("minimum", [2, 3], [2, 3]) { .minimum($0[0], $0[1]) },
    .init("power", [2, 3], [3], range: 0.5...2) { .power($0[0], $0[1]) },
    .init("scale", [2, 3]) { $0[0] * 2.5 },
    .init("select", [2, 3], [3]) { ($0[0].detached .> $0[1].detached).select($0[0], $0[1]) },
    .init("contiguous", [2, 3]) { $0[0].transposed().contiguous() },
    .init("sum", [2, 3, 2]) { $0[0].sum(axis: 1) },
    .init("sum", [2, 3, 2]) { $0[0].sum(axis: 0, keepingRank: true) },
    .init("sum", [2, 3]) { $0[0].mean() },
    .init("sum", [2, 3]) { $0[0].variance(axis: 1) },
    .init("sum", [2, 3, 2]) { $0[0].sum(axes: [0, -1], keepingRank: true) },
    .init("max", [2, 3, 2]) { $0[0].max(axis: 1) },
    .init("min", [2, 3, 2]) { $0[0].min(axis: -1, keepingRank: true) },
    .init("reshaped", [2, 6]) { $0[0].reshaped([3, -1]) },
    .init("permuted", [2, 3, 4]) { $0[0].permuted([2, 0, 1]) },
    .init("broadcast", [2, 1]) { $0[0].broadcast(to: [3, 2, 4]) },
    .init("slice", [3, 5]) { $0[0].slice(axis: 1, 1..<4) },
    .init("split", [3, 5]) {
        .concatenate($0[0].split(axis: 1, sizes: [2, 0, 3]).reversed(), axis: 1)
    },
    .init("split", [2, 6, 2]) { $0[0].split(axis: 1, sizes: [2, 1, 3])[2].squared() },
    .init("flipped", [2, 3, 2]) { $0[0].flipped(axis: 1) },
    .init("concatenate", [2, 3]) { $0[0].padded(axis: 1, before: 2, after: 1, with: 5) },
    .init("gathered", [3, 4, 2]) {
        $0[0].gathered(axis: 1, at: Tensor([3, 0, 3, 1, 1] as [Int32]))
    },
    .init("gathered", [5, 2]) { $0[0].gathered(axis: 0, at: ids) },
    .init("taken", [2, 3, 2]) { $0[0].taken(along: 1, at: along) },
    .init("scatterAdding", [2, 3, 2], [2, 2, 2]) {
        $0[0].scatterAdding($0[1], along: 1, at: along)
    },
    .init("concatenate", [2, 3], [2, 1]) { .concatenate([$0[0], $0[1]], axis: 1) },
    .init("concatenate", [2, 3], [2, 3]) { .stack([$0[0], $0[1]], axis: 1) },
    .init("matmul", [3, 4], [4, 2]) { $0[0].matmul($0[1]) },
    .init("matmul", [2, 3, 4], [4, 2]) { $0[0].matmul($0[1]) },
    .init("matmul", [2, 1, 3, 4], [3, 4, 2]) { $0[0].matmul($0[1]) },
    .init("matmul", [4, 3], [2, 4]) { $0[0].transposed().matmul($0[1].transposed()) },
    .init("linear", [2, 3, 4], [5, 4], [5]) { $0[0].linear(weight: $0[1], bias: $0[2]) },
    .init("linear", [2, 3, 4], [4, 5], [5]) {
        $0[0].linear(weight: $0[1], bias: $0[2], isTransposed: true)
    },
    .init("linearAfterActivation", [2, 3, 4], [5, 4], [5]) {
        $0[0].linear(after: .geluTanh, weight: $0[1], bias: $0[2])
    },
    .init("linearAfterActivation", [2, 3, 4], [4, 5]) {
        $0[0].linear(after: .relu, weight: $0[1], isTransposed: true)
    },
    .init("linearAfterActivation", [3, 4], [5, 4]) {
        $0[0].linear(after: .sigmoid, weight: $0[1])
    },
    .init("windows", [2, 7]) { $0[0].windows(size: 3, step: 2) },
    .init("windows", [2, 3, 8]) { $0[0].windows(size: 2, step: 3) },
    .init("convolved1D", [2, 3, 5], [4, 3, 3], [4]) {
        $0[0].convolved1D(weight: $0[1], bias: $0[2], padding: 1)
    },
    .init("convolved1D", [2, 2, 8], [3, 2, 3]) {
        $0[0].convolved1D(weight: $0[1], stride: 2, padding: 2)
    },
    .init("convolved1D", [1, 2, 9], [3, 2, 4], [3]) {
        $0[0].convolved1D(weight: $0[1], bias: $0[2], stride: 3)
    },
    .init("convolution2D", [2, 3, 5, 6], [4, 3, 3, 3], [4]) {
        $0[0].convolution2D(weight: $0[1], bias: $0[2], padding: 1)
    },
    .init("convolution2D", [2, 2, 7, 6], [5, 2, 3, 2]) {
        $0[0].convolution2D(weight: $0[1], stride: 2, padding: Size2D(height: 1, width: 0))
    },
    .init("convolution2D", [1, 4, 6, 7], [6, 2, 2, 3], [6]) {
        $0[0].convolution2D(
            weight: $0[1], bias: $0[2], stride: Size2D(height: 1, width: 3), padding: 2,
            dilation: Size2D(height: 3, width: 1), groups: 2)
    },
    .init("convolution2D", [2, 3, 6, 9], [3, 1, 3, 3], [3]) {
        $0[0].convolution2D(weight: $0[1], bias: $0[2], stride: 2, padding: 1, groups: 3)
    },
    .init("convolution2D", [2, 3, 5, 5], [4, 3, 1, 1]) {
        $0[0].convolution2D(weight: $0[1], stride: 2)
    },
    .init("convolution2D", [2, 3, 5, 6]) {
        $0[0].averagePool2D(size: Size2D(height: 3, width: 2), stride: 2, padding: 1)
    },
    .init("convolution2D", [2, 3, 7]) { $0[0].averagePool1D(size: 2) },
    .init("maximumPool2D", [2, 3, 5, 6]) { $0[0].maximumPool2D(size: 2) },
    .init("maximumPool2D", [2, 3, 5, 6]) {
        $0[0].maximumPool2D(size: 3, stride: Size2D(height: 1, width: 2), padding: 1)
    },
    .init("maximumPool1D", [2, 3, 11]) { $0[0].maximumPool1D(size: 4, stride: 3, padding: 2) },
    .init("sum", [2, 3, 4, 5]) { $0[0].meanOfPlanes() },
    .init("convolved1D", [2, 4, 8], [6, 2, 3]) {
        $0[0].convolved1D(weight: $0[1], padding: 2, dilation: 2, groups: 2)
    },
    .init("softmax", [2, 5]) { $0[0].softmax() },
    .init("logSoftmax", [2, 5]) { $0[0].logSoftmax() },
    .init("softmax", [2, 5, 3]) { $0[0].softmax(axis: 1) },
    .init("logSoftmax", [2, 5, 3]) { $0[0].logSoftmax(axis: 0) },
    .init("logSumExp", [2, 5]) { $0[0].logSumExp() },
    .init("layerNorm", [3, 5], [5], [5]) { $0[0].layerNorm(weight: $0[1], bias: $0[2]) },
    .init("layerNorm", [70, 3], [3]) { $0[0].layerNorm(weight: $0[1]) },
    .init("layerNorm", [3, 5]) { $0[0].layerNorm() },
    .init("layerNorm", [3, 37], [37]) { $0[0].layerNorm(bias: $0[1]) },
    .init("rmsNorm", [3, 5], [5]) { $0[0].rmsNorm(weight: $0[1]) },
    .init("rmsNorm", [70, 37], [37]) { $0[0].rmsNorm(weight: $0[1], weightOffset: 1) },
    .init("rmsNorm", [3, 5]) { $0[0].rmsNorm(weight: nil, epsilon: 1e-3) },
    .init("gated", [2, 19], [2, 19]) { .gated(.silu, gate: $0[0], up: $0[1]) },
    .init("gated", [2, 19], [2, 19]) { .gated(.gelu, gate: $0[0], up: $0[1]) },
    .init("gated", [2, 19], [2, 19]) { .gated(.geluTanh, gate: $0[0], up: $0[1]) },
    .init("gated", [2, 19], [2, 19], range: 0.2...2) {
        .gated(.relu, gate: $0[0] - 1.1, up: $0[1])
    },
    .init("gated", [2, 19], [2, 19]) { .gated(.sigmoid, gate: $0[0], up: $0[1]) },
    .init("softmaxCrossEntropy", [4, 5]) { $0[0].softmaxCrossEntropy(labels, labelSmoothing: 0.1) },
    .init("softmaxCrossEntropy", [4, 5]) { $0[0].softmaxCrossEntropy(labels, reduction: .none) },
    .init("linearCrossEntropy", [4, 3], [5, 3], [5]) {
        $0[0].linearCrossEntropy(weight: $0[1], bias: $0[2], labels: labels)
    },
    .init("linearCrossEntropy", [2, 4, 3], [5, 3], [5]) {
        $0[0].linearCrossEntropy(
            weight: $0[1], bias: $0[2], labels: .stack([labels, labels.flipped(axis: 0)], axis: 0))
    },
    .init("linearCrossEntropy", [4, 3], [5, 3]) {
        $0[0].linearCrossEntropy(weight: $0[1], labels: labels, labelSmoothing: 0.1)
    },
    .init("binaryCrossEntropyWithLogits", [2, 3]) {
        $0[0].binaryCrossEntropyWithLogits(.full([2, 3], 0.3, dtype: .float64))
    },
    .init("subtract", [2, 3], [2, 3]) { $0[0].meanSquaredError($0[1]) },
    .init("gaussianLoss", [2, 3], [2, 3], range: 0.5...2) {
        observed.cast(to: $0[0].dtype).gaussianLoss(mean: $0[0], deviation: $0[1])
    },
    .init("studentTLoss", [2, 3], [2, 3], [2, 3], range: 0.5...2) {
        observed.cast(to: $0[0].dtype).studentTLoss(
            location: $0[0], scale: $0[1], degrees: $0[2])
    },
    .init("negativeBinomialLoss", [2, 3], [2, 3], range: 0.5...2) {
        counts.cast(to: $0[0].dtype).negativeBinomialLoss(mean: $0[0], dispersion: $0[1])
    },
    .init("pinballLoss", [2, 3, 2]) {
        observed.cast(to: $0[0].dtype).pinballLoss(quantiles: $0[0], levels: [0.1, 0.8])
    },
    .init("embedding", [5, 3]) { $0[0].embedding(ids) },
    .init("dropout", [4, 5]) {
        var random = RandomGenerator(seed: 3)
        return $0[0].dropout(probability: 0.4, using: &random)
    },
    .init("max", [3, 4, 2]) { $0[0].maxOverTime(lengths: [4, 0, 2]) },
    .init("sum", [3, 4, 2]) { $0[0].meanOverTime(lengths: [4, 0, 2]) },
    .init("additiveAttention", [2, 3, 9], [2, 5, 9], [9], [2, 5, 6]) {
        let (context, weights) = Tensor.additiveAttention(
            query: $0[0], key: $0[1], score: $0[2], value: $0[3], real: fiveReal)
        return .concatenate([context, weights], axis: 2)
    },
    .init("additiveAttention", [2, 2, 4], [2, 5, 4], [4], [2, 5, 3], [2, 2, 5], [4]) {
        let (context, weights) = Tensor.additiveAttention(
            query: $0[0], key: $0[1], score: $0[2], value: $0[3],
            coverage: AttentionCoverage(sums: $0[4], weight: $0[5]))
        return .concatenate([weights, context], axis: 2)
    },
    .init("additiveAttention", [1, 2, 17], [1, 3, 17], [17], [1, 3, 2], [1, 2, 3], [17]) {
        // Twice with the same keys and values, whose gradients add up.
        let first = Tensor.additiveAttention(
            query: $0[0], key: $0[1], score: $0[2], value: $0[3])
        let second = Tensor.additiveAttention(
            query: $0[0] * 0.5, key: $0[1], score: $0[2], value: $0[3],
            coverage: AttentionCoverage(sums: $0[4] + first.weights, weight: $0[5]))
        return first.context * second.context
    },
    .init("attention", [2, 3, 4, 2], [2, 5, 2, 2], [2, 5, 2, 3]) {
        .attention(query: $0[0], key: $0[1], value: $0[2])
    },
    .init("attention", [2, 15, 2, 3], [2, 19, 1, 3], [2, 19, 1, 2], [2, 33]) {
        .attention(
            query: $0[0], key: $0[1], value: $0[2],
            mask: AttentionMask(isCausal: true, window: 11, lengths: [19, 13]), scale: 0.4,
            distanceBias: $0[3], logitCap: 1.5)
    },
    .init("attention", [1, 14, 2, 1], [1, 9, 2, 1], [1, 9, 2, 1]) {
        var random = RandomGenerator(seed: 4)
        return .attention(
            query: $0[0], key: $0[1], value: $0[2], mask: AttentionMask(window: 6),
            visible: visible, logitCap: 2,
            dropout: AttentionDropout(probability: 0.3, using: &random))
    },
    .init("attention", [12, 2, 3], [13, 2, 3], [13, 2, 2], [2, 15]) {
        .attention(
            packedQuery: $0[0], key: $0[1], value: $0[2], queryCounts: [7, 0, 1, 4],
            keyCounts: [2, 1, 1, 9], mask: AttentionMask(lengths: [2, 0, 1, 8]),
            distanceBias: $0[3])
    },
    .init("attention", [2, 1, 4, 3], [2, 5, 2, 3], [2, 5, 2, 3], [4, 5]) {
        .attention(
            query: $0[0], key: $0[1], value: $0[2],
            mask: AttentionMask(isCausal: true, window: 4, lengths: [5, 3]), distanceBias: $0[3],
            logitCap: 3)
    },
    .init("rotated", [2, 3, 2, 6]) {
        $0[0].rotated(
            positions: Tensor([3, 4, 9, 0, 1, 2] as [Int32], shape: [2, 3]),
            inverseFrequencies: Tensor([1, 0.25] as [Float]), scale: 1.5)
    },
    .init("rotated", [3, 2, 5]) {
        $0[0].rotated(
            positions: Tensor([3, 4, 9] as [Int32]),
            inverseFrequencies: Tensor([1, 0.25] as [Float]), interleaved: true)
    },
    .init("checkpoint", [2, 3], [2, 3]) { tensors in
        checkpoint { (tensors[0] * tensors[1]).tanh() * tensors[0] }
    },
    recurrentCase(.rnnTanh), recurrentCase(.rnnRelu), recurrentCase(.gru), recurrentCase(.lstm),
    recurrentCase(.gruResetFirst), recurrentCase(.lstm, projection: 2),
    recurrentCase(.lstm, peephole: true), recurrentCase(.lstm, projection: 4, peephole: true),
]

/// Both directions, masked steps and a row without a step, initial states, masked states.
private func recurrentCase(
    _ cell: CellKind, projection: Int? = nil, peephole: Bool = false
) -> OperationCase {
    let (B, T, D, H, G) = (3, 4, 2, 3, cell.gateCount)
    let stateWidth = projection ?? H
    var weights: [Shape] = [[G * H, D], [G * H, stateWidth], [G * H], [G * H]]
    if projection != nil { weights.append([stateWidth, H]) }
    if peephole { weights.append([3 * H]) }
    let count = weights.count
    let steps = RealSteps(
        mask: Tensor([0, 1, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0] as [Int32], shape: [B, T]))
    let stateMask = Tensor(
        (0..<B * stateWidth).map { [0, 2, 2, 0, 2][$0 % 5] } as [Double], shape: [B, stateWidth])
    let states: [Shape] = [[B, stateWidth], [B, H], [B, stateWidth], [B, H]]
    var value = OperationCase(
        // A projection of wide states back into peepholes grows fast: kept where rounding stays small.
        "recurrent", [B, T, D], range: projection != nil && peephole ? -1...1 : -2...2
    ) { tensors in
        let arguments = [5, 5 + count].map { start in
            RecurrentArguments(
                inputHidden: tensors[start], hiddenHidden: tensors[start + 1],
                inputBias: tensors[start + 2], hiddenBias: tensors[start + 3],
                projection: projection == nil ? nil : tensors[start + 4],
                peephole: peephole ? tensors[start + count - 1] : nil,
                stateMask: stateMask.cast(to: tensors[0].dtype))
        }
        let isLSTM = cell == .lstm
        let (output, state) = tensors[0].recurrent(
            cell, weights: arguments, steps: steps,
            state: [1, 3].map {
                DirectionState(hidden: tensors[$0], cell: isLSTM ? tensors[$0 + 1] : nil)
            })
        let all = [output] + state.flatMap { [$0.hidden] + ($0.cell.map { [$0] } ?? []) }
        return .concatenate(all.map { $0.reshaped([-1]) }, axis: 0)
    }
    value.shapes += states + weights + weights
    return value
}

public import MartletNN
public import MartletTensor

/// How the gradient of a loss comes back through time: the length of ∂loss/∂h_t at every step, in every layer.
///
/// The stack is run step by step by its own operation, so that every state is a value of the tape; everything is computed
/// in float64, in which 10⁻³⁰⁰ is not yet zero (in float32, everything below 10⁻⁴⁵ is).
///
/// ```swift
/// let flow = GradientFlow.measure(lstm.stack, input: x) { output in
///     output.select(axis: 1, 199).sum()
/// }
/// flow.paths[0].hidden  // |∂loss/∂h_1| … |∂loss/∂h_200|
/// ```
public struct GradientFlow: Sendable {
    /// One layer in one direction.
    public struct Path: Sendable {
        /// The layer, counted from 0.
        public var layer: Int
        /// Whether it reads from the end.
        public var isReverse: Bool
        /// The length of ∂loss/∂h_t for t = 1 … T, the mean over the sequences that have the step; nil: none has.
        public var hidden: [Double?]
        /// The same of an LSTM's ∂loss/∂c_t.
        public var cell: [Double?]?
        /// The length at the step that was read first, in the middle and last: the mean over the sequences, each at its own
        /// steps. All the same for a batch of no steps: 0.
        public var first: Double, middle: Double, last: Double
        /// What the gates did.
        public var gates: [GateActivity]
    }

    /// The value of the loss.
    public var loss: Double
    /// Layer by layer, and in it direction by direction.
    public var paths: [Path]

    /// Measures one batch.
    ///
    /// - Parameters:
    ///   - stack: the layers, not quantised; without dropout.
    ///   - input: `[B, T, D]`.
    ///   - lengths: the number of real steps of each sequence, 0 … T; nil: all T.
    ///   - loss: from the output of the last layer, float64 `[B, T, outputSize]`, to a scalar. A sum over the sequences
    ///     (not their mean) leaves each sequence the gradient of its own loss.
    public static func measure(
        _ stack: RecurrentStack, input: Tensor, lengths: [Int]? = nil,
        loss: (_ output: Tensor) throws -> Tensor
    ) rethrows -> GradientFlow {
        precondition(
            input.rank == 3 && input.shape[2] == stack.inputSize && input.shape[1] > 0
                && stack.quantization == nil,
            "gradient flow: input \(input.shape), expected [batch, time, \(stack.inputSize)]")
        let (B, T) = (input.shape[0], input.shape[1])
        let lengths = lengths ?? Array(repeating: T, count: B)
        precondition(
            lengths.count == B && lengths.allSatisfy { 0...T ~= $0 },
            "gradient flow: lengths \(lengths) for an input \(input.shape)")
        let exact = stack.mapParameters { _, tensor in tensor.cast(to: .float64) }
        let layers = exact.weights.map { layer in
            layer.enumerated().map { direction, weights in
                StepwiseLayer(
                    cell: exact.cell, weights: weights,
                    isReverse: exact.isReversed || direction == 1)
            }
        }
        let probes = layers.map { $0.map { $0.probes(batch: B, time: T) } }
        var histories: [[StepwiseLayer.History]] = []
        let (value, gradients) = try valueAndGradients(at: probes.flatMap { $0.flatMap { $0 } }) {
            leaves in
            var rest = leaves[...]
            var x = input.detached.cast(to: .float64)
            for (layer, own) in zip(layers, probes) {
                let results = zip(layer, own).map { direction, probes in
                    defer { rest = rest.dropFirst(probes.count) }
                    return direction.run(
                        x, lengths: lengths, probes: Array(rest.prefix(probes.count)))
                }
                histories.append(results.map(\.1))
                x = results.count == 1 ? results[0].0 : .concatenate(results.map(\.0), axis: 2)
            }
            return try loss(x)
        }
        var rest = gradients[...]
        var paths: [Path] = []
        for (place, layer) in layers.enumerated() {
            for (direction, history) in zip(layer, histories[place]) {
                func series() -> Tensor {
                    defer { rest = rest.dropFirst(T) }
                    return .concatenate(
                        rest.prefix(T).map { $0.expandingDimension(at: 1) }, axis: 1)
                }
                let hidden = series()
                let cell =
                    exact.cell == .lstm
                    ? direction.cellGradient(series(), hidden, history) : nil
                paths.append(
                    Path(
                        layer: place, isReverse: direction.isReverse,
                        hidden: StepLengths(hidden, lengths),
                        cell: cell.map { StepLengths($0, lengths) },
                        gates: direction.gates(history).map {
                            GateActivity($0.name, $0.function, $0.2, lengths: lengths)
                        }))
            }
        }
        return GradientFlow(loss: value.item, paths: paths)
    }
}

extension GradientFlow.Path {
    fileprivate init(
        layer: Int, isReverse: Bool, hidden: StepLengths, cell: StepLengths?, gates: [GateActivity]
    ) {
        self.layer = layer
        self.isReverse = isReverse
        self.hidden = hidden.means
        self.cell = cell?.means
        self.gates = gates
        let ends = hidden.at { [0, ($0 - 1) / 2, $0 - 1] }
        (first, middle, last) =
            isReverse ? (ends[2], ends[1], ends[0]) : (ends[0], ends[1], ends[2])
    }

    /// By how much a step back multiplies the length, the geometric mean: 1 keeps it.
    ///
    /// - Parameter steps: the steps between the first and the last.
    public func decay(over steps: Double) -> Double? {
        steps > 0 && first > 0 && last > 0 ? Decimals.power(first / last, 1 / steps) : nil
    }
}

/// The lengths of the rows of `[B, T, H]`, of real steps.
private struct StepLengths {
    let rows: [[Double]]

    init(_ tensor: Tensor, _ lengths: [Int]) {
        let (T, H) = (tensor.shape[1], tensor.shape[2])
        let values = tensor.contiguous().scalars(as: Double.self)
        rows = lengths.enumerated().map { row, length in
            (0..<length).map { t in
                let start = (row * T + t) * H
                // The largest element set apart: a square of 10⁻²⁰⁰ would be zero.
                let largest = values[start..<start + H].reduce(0) { max($0, abs($1)) }
                guard largest > 0, largest.isFinite else { return largest }
                return largest
                    * values[start..<start + H].reduce(0) {
                        $0 + ($1 / largest) * ($1 / largest)
                    }.squareRoot()
            }
        }
        time = T
    }

    private let time: Int

    /// The mean at each step over the sequences that have it.
    var means: [Double?] {
        (0..<time).map { t in
            let there = rows.filter { t < $0.count }
            return there.isEmpty
                ? nil : there.reduce(0) { $0 + $1[t] / Double(there.count) }
        }
    }

    /// The means over the sequences at steps that depend on a sequence's length.
    func at(_ steps: (Int) -> [Int]) -> [Double] {
        let real = rows.filter { !$0.isEmpty }
        guard !real.isEmpty else { return [0, 0, 0] }
        var result = [0.0, 0, 0]
        for row in real {
            for (place, step) in steps(row.count).enumerated() {
                result[place] += row[step] / Double(real.count)
            }
        }
        return result
    }
}

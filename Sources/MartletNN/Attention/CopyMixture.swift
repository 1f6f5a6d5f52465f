import Foundation
public import MartletTensor

/// What a decoder that may copy could write: a token of the vocabulary, or one of those that were read (See et al. 2017,
/// "pointer-generator").
///
/// ```text
/// p = σ(g)
/// P(w) = p · softmax(scores)(w) + (1 − p) · Σ_{j: source_j = w} α_j        w in 0 ..< V + X
/// ```
///
/// Tokens 0 ..< V are those of the vocabulary, V … are words of the source that it does not have: X of them at most in a
/// sequence of the batch. Both shares are logarithms, so that a probability that is next to nothing has a logarithm and a
/// gradient.
public struct CopyMixture: Sendable {
    /// The scores of the vocabulary, before the softmax, `[B, T, V]`.
    public var scores: Tensor
    /// g: how much is written of the vocabulary, before the logistic function, `[B, T]`.
    public var gate: Tensor
    /// α: how much each token that was read counts, `[B, T, S]`.
    public var weights: Tensor
    /// What was read, int32 `[B, S]`; negative where nothing was.
    public var source: Tensor

    /// A logarithm of what never happens, from which one can still compute.
    private static let never = -1e30
    /// A weight may be so small that it is 0. The smallest normal number of 32 bits has a logarithm, and 1 over it is a number, too.
    private static let least = 1.2e-38

    /// A mixture of these parts.
    public init(scores: Tensor, gate: Tensor, weights: Tensor, source: Tensor) {
        precondition(
            scores.rank == 3 && weights.rank == 3 && source.rank == 2 && source.dtype == .int32
                && gate.shape == Shape(scores.shape.dropLast())
                && weights.shape == [gate.shape[0], gate.shape[1], source.shape[1]]
                && source.shape[0] == gate.shape[0],
            "copying: scores \(scores.shape), gate \(gate.shape), weights \(weights.shape), source \(source.dtype) \(source.shape)"
        )
        self.scores = scores
        self.gate = gate
        self.weights = weights
        self.source = source
    }

    /// The mean of −log P of the tokens that really come next, in nats.
    ///
    /// - Parameters:
    ///   - next: int32 `[B, T]`; of the vocabulary, or of those that were read; −100 where it does not count.
    ///   - labelSmoothing: the share of probability that is spread over the vocabulary (Szegedy et al. 2016): with s,
    ///     `(1 − s) · −log P(next) + s/V · Σ −log softmax(scores)`.
    public func loss(next: Tensor, labelSmoothing: Double = 0) -> Tensor {
        let (T, V, S) = (scores.shape[1], scores.shape[2], source.shape[1])
        let labels = next.scalars(as: Int32.self)
        let read = source.scalars(as: Int32.self)
        var isRead = [Bool](repeating: false, count: labels.count)
        var matches = [Float](repeating: 0, count: labels.count * S)
        for (place, label) in labels.enumerated() where label != -100 {
            for j in 0..<S where read[place / T * S + j] == label {
                matches[place * S + j] = 1
                isRead[place] = true
            }
            precondition(
                isRead[place] || label >= 0 && label < V,
                "copying: token \(label) is neither one of \(V) nor one that was read")
        }
        let dtype = scores.dtype
        let never = Tensor.full([], Self.never, dtype: dtype)
        let known = Tensor(labels.map { $0 < V ? $0 : -100 }, shape: next.shape)
        let written =
            gate.logSigmoid() - scores.softmaxCrossEntropy(known, reduction: .none)
        let share = (weights * Tensor(matches, shape: weights.shape).cast(to: dtype)).sum(axis: 2)
        let copied =
            (-gate).logSigmoid()
            + Tensor.maximum(share, .full([], Self.least, dtype: dtype)).log()
        let ways = Tensor.stack(
            [
                Tensor(labels.map { $0 < V }, shape: next.shape).select(written, never),
                Tensor(isRead, shape: next.shape).select(copied, never),
            ], axis: 2)
        let counted = labels.map { $0 == -100 ? 0.0 : 1.0 }
        let part = 1 / max(counted.reduce(0, +), 1)
        let mean = Tensor(counted.map { $0 * part }, shape: next.shape).cast(to: dtype)
        let loss = -(ways.logSumExp() * mean).sum()
        guard labelSmoothing > 0 else { return loss }
        let uniform = ((scores.logSumExp() - scores.mean(axis: 2)) * mean).sum()
        return loss * (1 - labelSmoothing) + uniform * labelSmoothing
    }

    /// log P of all that could be written, `[B, T, V + X]`: of what a row has not read −∞. Without a gradient.
    public var logProbabilities: Tensor {
        let (T, V, S) = (scores.shape[1], scores.shape[2], source.shape[1])
        let read = source.scalars(as: Int32.self)
        let extra = max(0, (read.max() ?? 0) - Int32(V) + 1)
        var result =
            (scores.detached.logSoftmax() + gate.detached.logSigmoid().expandingDimension(at: 2))
            .padded(axis: 2, after: Int(extra), with: -.infinity)
        let copying = (-gate.detached).logSigmoid().cast(to: .float64).scalars(as: Double.self)
        let shares = weights.detached.cast(to: .float64).scalars(as: Double.self)
        let width = V + Int(extra)
        let dtype = scores.dtype
        result.mutateBytes { bytes in
            func add<Scalar: BinaryFloatingPoint>(_ type: Scalar.Type) {
                let logarithms = bytes.bindMemory(to: type)
                var share = [Double](repeating: 0, count: width)
                for (place, copying) in copying.enumerated() {
                    let tokens = read[place / T * S..<(place / T + 1) * S]
                    for (token, weight) in zip(tokens, shares[place * S..<(place + 1) * S])
                    where token >= 0 {
                        share[Int(token)] += weight
                    }
                    for token in tokens where token >= 0 && share[Int(token)] > 0 {
                        let copied = copying + log(share[Int(token)])
                        let written = Double(logarithms[place * width + Int(token)])
                        let (more, less) = (max(copied, written), min(copied, written))
                        logarithms[place * width + Int(token)] = Scalar(
                            more + log1p(exp(less - more)))
                        share[Int(token)] = 0
                    }
                }
            }
            if dtype == .float64 { add(Double.self) } else { add(Float.self) }
        }
        return result
    }
}

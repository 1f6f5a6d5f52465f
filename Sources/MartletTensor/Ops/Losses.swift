import CMartletKernels

/// How the losses of examples become one number.
public enum Reduction: Sendable {
    /// Their mean; for cross-entropy over the rows that are not ignored.
    case mean
    /// Their sum.
    case sum
    /// None: the losses themselves.
    case none
}

extension Tensor {
    /// The cross-entropy of class scores and labels, as PyTorch's `cross_entropy`.
    ///
    /// Of each row, `(1 − s) · −log p[label] + s/C · Σ −log p` with p = softmax(scores) and s = labelSmoothing
    /// (Szegedy et al. 2016).
    ///
    /// - Parameters:
    ///   - labels: int32, the scores' shape without its innermost dimension; each 0 ..< C or `ignoredLabel`.
    ///   - ignoredLabel: rows with this label count for nothing.
    public func softmaxCrossEntropy(
        _ labels: Tensor, labelSmoothing: Double = 0, ignoredLabel: Int32 = -100,
        reduction: Reduction = .mean
    ) -> Tensor {
        precondition(
            labels.dtype == .int32 && labels.shape == Shape(shape.dropLast()),
            "softmaxCrossEntropy: scores \(shape) with labels \(labels.dtype) \(labels.shape)")
        let (rows, n) = rowsAndWidth
        let (x, labels) = (contiguous(), labels.contiguous())
        let counted = labels.scalars(as: Int32.self).reduce(into: 0) { count, label in
            precondition(
                label == ignoredLabel || (label >= 0 && label < n),
                "softmaxCrossEntropy: label \(label) of \(n) classes")
            if label != ignoredLabel { count += 1 }
        }
        let losses = Tensor(uninitialized: labels.shape, dtype: dtype)
        let sums = Tensor(uninitialized: labels.shape, dtype: dtype)
        x.read { x in
            labels.read { labels in
                kernels.nn.cross_entropy(
                    x, labels.assumingMemoryBound(to: Int32.self), labelSmoothing, ignoredLabel,
                    losses.storage.pointer, sums.storage.pointer, rows, n)
            }
        }
        let constant = x.detached
        let recorded = losses.recorded("softmaxCrossEntropy", from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: constant.shape, dtype: constant.dtype)
            constant.read { x in
                labels.read { labels in
                    sums.read { sums in
                        dy.read { from in
                            dx.write { to in
                                dy.kernels.nn.cross_entropy_backward(
                                    x, labels.assumingMemoryBound(to: Int32.self), labelSmoothing,
                                    ignoredLabel, sums, from, to, rows, n)
                            }
                        }
                    }
                }
            }
            return dx
        }
        switch reduction {
        case .mean: return recorded.sum() * (1 / Double(counted))
        case .sum: return recorded.sum()
        case .none: return recorded
        }
    }

    /// `log(1 + eˣ) − t x`: the cross-entropy of one score per example and a probability t of its shape.
    public func binaryCrossEntropyWithLogits(_ targets: Tensor, reduction: Reduction = .mean)
        -> Tensor
    {
        precondition(
            shape == targets.shape && dtype == targets.dtype,
            "binaryCrossEntropyWithLogits: \(dtype) \(shape) with targets \(targets.dtype) \(targets.shape)"
        )
        let (x, t) = (contiguous(), targets.contiguous().detached)
        let losses = Tensor(uninitialized: shape, dtype: dtype)
        x.read { x in
            t.read { t in
                losses.write { kernels.nn.binary_cross_entropy(x, t, $0, count) }
            }
        }
        let constant = x.detached
        return losses.recorded("binaryCrossEntropyWithLogits", from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: constant.shape, dtype: constant.dtype)
            constant.read { x in
                t.read { t in
                    dy.read { from in
                        dx.write { to in
                            dy.kernels.nn.binary_cross_entropy_backward(x, t, from, to, dy.count)
                        }
                    }
                }
            }
            return dx
        }.reduced(reduction)
    }

    /// `(x − t)²`, with the mean by default.
    public func meanSquaredError(_ targets: Tensor, reduction: Reduction = .mean) -> Tensor {
        precondition(
            shape == targets.shape, "meanSquaredError: \(shape) with targets \(targets.shape)")
        return (self - targets).squared().reduced(reduction)
    }

    private func reduced(_ reduction: Reduction) -> Tensor {
        switch reduction {
        case .mean: mean()
        case .sum: sum()
        case .none: self
        }
    }
}

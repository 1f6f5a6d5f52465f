import CMartletKernels

extension Tensor {
    /// The mean cross-entropy of linear scores and labels, without ever holding all scores:
    /// `linear(weight:bias:).softmaxCrossEntropy(labels)` for large vocabularies.
    ///
    /// ```text
    /// s = x Wᵀ + b                     [N, V], some rows at a time
    /// ℓ = mean over rows of log Σ eˢ − s[label]
    /// ds = (softmax(s) − one-hot) / N      dx = ds W      dW = Σ dsᵀ x      db = Σ ds
    /// ```
    ///
    /// Scores of a vocabulary of 30,000 and their gradient are by far the largest tensors of a language model. Here a piece
    /// of rows lives only until its loss and its share of the gradients are known, so the gradients are computed in the
    /// forward pass (as Hsu et al. 2024, "Liger Kernel"), and only where they are wanted.
    ///
    /// - Parameters:
    ///   - weight: W, `[V, D]`, for an input `[..., D]`.
    ///   - bias: b, `[V]`, or nil.
    ///   - labels: int32, the input's shape without its innermost dimension; each 0 ..< V or `ignoredLabel`.
    ///   - labelSmoothing: as in ``softmaxCrossEntropy(_:labelSmoothing:ignoredLabel:reduction:)``.
    ///   - ignoredLabel: rows with this label count for nothing, and cost nothing.
    ///   - memory: bytes that the scores of a piece may take, if it has more than 256 rows. The matrix and its gradient are gone
    ///     through for each piece: large pieces are faster.
    /// - Returns: a scalar; with all rows ignored NaN, as the mean of nothing is.
    public func linearCrossEntropy(
        weight: Tensor, bias: Tensor? = nil, labels: Tensor, labelSmoothing: Double = 0,
        ignoredLabel: Int32 = -100, memory: Int = 144 << 20
    ) -> Tensor {
        precondition(
            rank >= 1 && weight.rank == 2 && shape[-1] == weight.shape[1] && dtype == weight.dtype,
            "linearCrossEntropy: \(dtype) \(shape) with a weight \(weight.dtype) \(weight.shape)")
        precondition(
            bias == nil || bias!.shape == [weight.shape[0]],
            "linearCrossEntropy: a bias \(bias!.shape) with a weight \(weight.shape)")
        precondition(
            labels.dtype == .int32 && labels.shape == Shape(shape.dropLast()),
            "linearCrossEntropy: input \(shape) with labels \(labels.dtype) \(labels.shape)")
        let inputs = [self, weight] + (bias.map { [$0] } ?? [])
        let wanted = inputs.map { Tape.current != nil && !$0.trace.isNone }
        let result = LinearCrossEntropy(
            input: self, weight: weight, bias: bias, labels: labels,
            labelSmoothing: labelSmoothing, ignoredLabel: ignoredLabel, memory: memory,
            wanted: wanted)
        let gradients = result.gradients
        return result.loss.recorded("linearCrossEntropy", from: inputs) { dy, _ in
            // The loss is mostly what is differentiated itself; then there is nothing to scale.
            let scale = dy.item
            return gradients.map { gradient in gradient.map { scale == 1 ? $0 : $0 * scale } }
        }
    }
}

/// The work of ``Tensor/linearCrossEntropy(weight:bias:labels:labelSmoothing:ignoredLabel:)``.
private struct LinearCrossEntropy {
    /// The rows of a piece, all but the last of one size.
    private static func rowsOfAPiece(_ rows: Int, bytesOfARow: Int, memory: Int) -> Int {
        let most = max(256, memory / max(1, bytesOfARow))
        let pieces = max(1, (rows + most - 1) / most)
        return max(1, (rows + pieces - 1) / pieces)
    }

    let loss: Tensor
    /// Of the input, the weight and, if there is one, the bias; nil where it is not wanted.
    private(set) var gradients: [Tensor?]

    init(
        input: Tensor, weight: Tensor, bias: Tensor?, labels: Tensor, labelSmoothing: Double,
        ignoredLabel: Int32, memory: Int, wanted: [Bool]
    ) {
        let (classes, width, dtype) = (weight.shape[0], weight.shape[1], input.dtype)
        let rows = labels.count
        var x = input.detached.contiguous().reinterpreted(as: [rows, width])
        let (w, b) = (weight.detached.contiguous(), bias?.detached)
        var numbers = labels.contiguous().reinterpreted(as: [rows])
        let all = numbers.scalars(as: Int32.self)
        for label in all {
            precondition(
                label == ignoredLabel || (label >= 0 && label < classes),
                "linearCrossEntropy: label \(label) of \(classes) classes")
        }
        let places = all.indices.filter { all[$0] != ignoredLabel }.map { Int32($0) }
        let counted = places.count
        // Rows that do not count are left out.
        let isPart = counted < rows
        if isPart {
            x = x.gathered(axis: 0, at: Tensor(places, shape: [counted]))
            numbers = Tensor(places.map { all[Int($0)] }, shape: [counted])
        }
        let isWanted = wanted.contains(true)
        var pieces: [Tensor] = []
        var dw =
            wanted[1]
            ? counted > 0
                ? Tensor(uninitialized: [classes, width], dtype: dtype)
                : .zeros([classes, width], dtype: dtype) : nil
        let db = wanted.count == 3 && wanted[2] ? Tensor.zeros([classes], dtype: dtype) : nil
        var sum = 0.0
        let together = Self.rowsOfAPiece(
            counted, bytesOfARow: classes * dtype.byteCount, memory: memory)
        for begin in stride(from: 0, to: counted, by: together) {
            let range = begin..<min(begin + together, counted)
            let part = x.slice(axis: 0, range)
            let scores = Tensor.product(part, w.transposed(), bias: b)
            let label = numbers.slice(axis: 0, range)
            sum += Self.losses(
                of: scores, label, labelSmoothing, ignoredLabel,
                share: isWanted ? 1 / Double(counted) : nil, adding: db)
            guard isWanted else { continue }
            // The scores' place holds their gradient now.
            if wanted[0] { pieces.append(Tensor.product(scores, w)) }
            if dw != nil { Self.add(scores, part, to: &dw!, isFirst: begin == 0) }
        }
        loss = Tensor.full([], sum / Double(counted), dtype: dtype)
        var dx: Tensor?
        if wanted[0] {
            // Zeros stand last, for all that does not count.
            if isPart { pieces.append(.zeros([1, width], dtype: dtype)) }
            var found = pieces.count == 1 ? pieces[0] : Tensor.concatenate(pieces, axis: 0)
            if isPart {
                var origins = [Int32](repeating: Int32(counted), count: rows)
                for (origin, place) in places.enumerated() { origins[Int(place)] = Int32(origin) }
                found = found.gathered(axis: 0, at: Tensor(origins, shape: [rows]))
            }
            dx = found.contiguous().reinterpreted(as: input.shape)
        }
        gradients = [dx, dw] + (wanted.count == 3 ? [db] : [])
    }

    /// The sum of the rows' losses; with a `share`, the scores become that share of its gradient, whose sum over the rows is
    /// added to `bias`.
    private static func losses(
        of scores: Tensor, _ labels: Tensor, _ labelSmoothing: Double, _ ignoredLabel: Int32,
        share: Double?, adding bias: Tensor?
    ) -> Double {
        let (rows, classes, dtype) = (scores.shape[0], scores.shape[1], scores.dtype)
        let losses = Tensor(uninitialized: [rows], dtype: dtype)
        let sums = Tensor(uninitialized: [share == nil ? rows : 0], dtype: dtype)
        let kernels = scores.kernels.nn
        scores.write { scores in
            labels.read { labels in
                let labels = labels.assumingMemoryBound(to: Int32.self)
                losses.write { losses in
                    guard let share else {
                        sums.write { sums in
                            kernels.cross_entropy(
                                scores, labels, labelSmoothing, ignoredLabel, losses, sums, rows,
                                classes)
                        }
                        return
                    }
                    func both(_ bias: UnsafeMutableRawPointer?) {
                        kernels.cross_entropy_in_place(
                            scores, labels, labelSmoothing, ignoredLabel, share, losses, bias,
                            rows, classes)
                    }
                    if let bias { bias.write(both) } else { both(nil) }
                }
            }
        }
        return losses.sum().item
    }

    /// sum += scoresᵀ · x, or the first sum.
    private static func add(
        _ scores: Tensor, _ x: Tensor, to sum: inout Tensor, isFirst: Bool
    ) {
        let (rows, classes, width) = (scores.shape[0], scores.shape[1], x.shape[1])
        scores.read { a in
            x.read { b in
                sum.write { c in
                    scores.kernels.matmul.gemm(
                        classes, width, rows, a, 1, classes, b, width, 1, c, width,
                        isFirst ? 0 : 1, nil)
                }
            }
        }
    }
}

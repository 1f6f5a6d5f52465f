extension Tensor {
    /// A view of the innermost dimension's windows: `[..., T]` is `[..., W, size]`, W = (T − size) / step + 1.
    ///
    /// Window w begins at w · step; windows may overlap, and what is behind the last one is left out.
    public func windows(size: Int, step: Int) -> Tensor {
        precondition(
            rank >= 1 && size >= 1 && step >= 1 && shape[-1] >= size,
            "windows of \(size) every \(step) of \(shape)")
        let time = shape[-1]
        let count = (time - size) / step + 1
        let own = strides
        let target = shape.replacing(rank - 1, with: count).inserting(size, at: rank)
        var steps = own.inserting(own[-1], at: rank)
        steps[rank - 1] = own[-1] * step
        return view(target, strides: steps, offset: offset)
            .recorded("windows", from: self) { $0.windowsAdded(time: time, step: step) }
    }

    /// The sum of overlapping windows `[..., W, size]` in their places, `[..., time]`.
    private func windowsAdded(time: Int, step: Int) -> Tensor {
        let (count, size) = (shape[-2], shape[-1])
        let outer = Array(shape.dropLast(2))
        let places = (0..<count).flatMap { window in
            (0..<size).map { Int32(window * step + $0) }
        }
        let ones = outer.map { _ in 1 }
        let positions = Tensor(places, shape: Shape(ones + [places.count]))
            .broadcast(to: Shape(outer + [places.count]))
        return Tensor.zeros(Shape(outer + [time]), dtype: dtype)
            .scatterAdding(reshaped(outer + [places.count]), along: -1, at: positions)
    }

    /// The convolution over time, `[B, out, W]` of `[B, in, T]`, W = (T + 2 · padding − K) / stride + 1.
    ///
    /// ```text
    /// y[b, o, w] = bias[o] + Σ_c,k  weight[o, c, k] · x[b, c, w · stride + k − padding]      (x is 0 outside)
    /// ```
    ///
    /// As in PyTorch the kernel is not turned around. The windows stand side by side as rows, so that it is one
    /// matrix product; its gradient is two more, and dx adds the windows up where they overlap.
    ///
    /// - Parameters:
    ///   - weight: `[out, in, K]`.
    ///   - bias: `[out]`, or nil for 0.
    ///   - stride: the distance of two windows, at least 1.
    ///   - padding: how many zeros stand before the first step and behind the last one.
    public func convolved1D(
        weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0
    ) -> Tensor {
        precondition(
            rank == 3 && weight.rank == 3 && weight.shape[1] == shape[1] && dtype == weight.dtype,
            "convolved1D: \(dtype) \(shape) with a weight \(weight.dtype) \(weight.shape)")
        precondition(
            bias == nil || bias!.shape == [weight.shape[0]],
            "convolved1D: a bias \(bias!.shape) with a weight \(weight.shape)")
        precondition(
            stride >= 1 && padding >= 0, "convolved1D: stride \(stride), padding \(padding)")
        let (B, C, T) = (shape[0], shape[1], shape[2])
        let (O, K) = (weight.shape[0], weight.shape[2])
        precondition(
            T + 2 * padding >= K,
            "convolved1D: \(T) steps and \(padding) zeros on each side are fewer than the kernel's \(K)"
        )
        let x = padding == 0 ? detached : detached.padded(axis: 2, before: padding, after: padding)
        let windows = x.windows(size: K, step: stride).permuted([0, 2, 1, 3])  // [B, W, C, K]
        let count = windows.shape[1]
        let rows = windows.contiguous().reinterpreted(as: [B * count, C * K])
        let kernel = weight.detached.contiguous().reinterpreted(as: [O, C * K])
        let result = Tensor.product(rows, kernel.transposed(), bias: bias?.detached)
            .reinterpreted(as: [B, count, O]).transposed().contiguous()
        let inputs = [self, weight] + (bias.map { [$0] } ?? [])
        return result.recorded("convolved1D", from: inputs) { dy, wanted in
            let d = dy.transposed().contiguous().reinterpreted(as: [B * count, O])
            var dx: Tensor?
            if wanted[0] {
                let parts = Tensor.product(d, kernel).reinterpreted(as: [B, count, C, K])
                dx = parts.permuted([0, 2, 1, 3])
                    .windowsAdded(time: T + 2 * padding, step: stride)
                    .slice(axis: 2, padding..<padding + T)
            }
            let dw =
                wanted[1]
                ? Tensor.product(d.transposed(), rows).reinterpreted(as: [O, C, K]) : nil
            if wanted.count == 2 { return [dx, dw] }
            return [dx, dw, wanted[2] ? d.sum(axis: 0) : nil]
        }
    }
}

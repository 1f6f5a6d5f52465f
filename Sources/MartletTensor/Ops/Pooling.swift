import CMartletKernels

extension Tensor {
    /// The largest element of each window of each plane, `[B, C, H', W']` of `[B, C, H, W]`, H' = (H + 2 · padding − size) / stride + 1.
    ///
    /// The gradient goes to that element, to the first of equals. NaN is larger than everything.
    ///
    /// - Parameters:
    ///   - size: of a window.
    ///   - stride: the distance of two windows; nil: their size.
    ///   - padding: how much of nothing stands on each side, at most half of a window.
    public func maximumPool2D(size: Size2D, stride: Size2D? = nil, padding: Size2D = 0) -> Tensor {
        pooledByMaximum("maximumPool2D", size: size, stride: stride ?? size, padding: padding)
    }

    /// The mean of each window of each plane, `[B, C, H', W']` of `[B, C, H, W]`, H' = (H + 2 · padding − size) / stride + 1.
    ///
    /// The zeros of the padding count, as in PyTorch.
    ///
    /// - Parameters:
    ///   - size: of a window.
    ///   - stride: the distance of two windows; nil: their size.
    ///   - padding: how many zeros stand on each side, at most half of a window.
    public func averagePool2D(size: Size2D, stride: Size2D? = nil, padding: Size2D = 0) -> Tensor {
        precondition(rank == 4, "averagePool2D of \(shape)")
        Tensor.checkPadding("averagePool2D", size, padding)
        // A depthwise convolution with like weights.
        let weight = Tensor.full(
            [shape[1], 1, size.height, size.width], 1 / Double(size.height * size.width),
            dtype: dtype)
        return convolution2D(
            weight: weight, stride: stride ?? size, padding: padding, groups: shape[1])
    }

    /// The largest element of each window over time, `[B, C, W]` of `[B, C, T]`, W = (T + 2 · padding − size) / stride + 1.
    ///
    /// As ``maximumPool2D(size:stride:padding:)`` for planes of one row.
    public func maximumPool1D(size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
        precondition(rank == 3, "maximumPool1D of \(shape)")
        return contiguous().reshaped([shape[0], shape[1], 1, shape[2]]).pooledByMaximum(
            "maximumPool1D", size: Size2D(height: 1, width: size),
            stride: Size2D(height: 1, width: stride ?? size),
            padding: Size2D(height: 0, width: padding)
        ).squeezedRow()
    }

    /// The mean of each window over time, `[B, C, W]` of `[B, C, T]`, W = (T + 2 · padding − size) / stride + 1.
    ///
    /// As ``averagePool2D(size:stride:padding:)`` for planes of one row.
    public func averagePool1D(size: Int, stride: Int? = nil, padding: Int = 0) -> Tensor {
        precondition(rank == 3, "averagePool1D of \(shape)")
        return contiguous().reshaped([shape[0], shape[1], 1, shape[2]]).averagePool2D(
            size: Size2D(height: 1, width: size), stride: Size2D(height: 1, width: stride ?? size),
            padding: Size2D(height: 0, width: padding)
        ).squeezedRow()
    }

    /// The mean of each plane, `[B, C]` of `[B, C, H, W]`, whatever its size; of each sequence, of `[B, C, T]`.
    public func meanOfPlanes() -> Tensor {
        precondition(rank >= 3, "meanOfPlanes of \(shape)")
        return reshaped([shape[0], shape[1], shape.dropFirst(2).reduce(1, *)]).mean(axis: 2)
    }

    private static func checkPadding(_ name: StaticString, _ size: Size2D, _ padding: Size2D) {
        precondition(
            2 * padding.height <= size.height && 2 * padding.width <= size.width,
            "\(name): a padding of \(padding) is more than half of a window of \(size)")
    }

    private func pooledByMaximum(
        _ name: StaticString, size: Size2D, stride: Size2D, padding: Size2D
    ) -> Tensor {
        precondition(rank == 4, "\(name) of \(shape)")
        Tensor.checkPadding(name, size, padding)
        precondition(
            size.height * size.width <= Int(UInt16.max) + 1, "\(name): windows of \(size)")
        let x = contiguous()
        let form = mk_convolution(
            name, of: shape, channels: shape[1], size: size, stride: stride, padding: padding)
        let y = Tensor(uninitialized: form.result, dtype: dtype)
        let isWanted = Tape.current != nil && !x.trace.isNone
        let places = isWanted ? Storage(byteCount: y.count * MemoryLayout<UInt16>.size) : nil
        x.read { x in
            withUnsafePointer(to: form) {
                kernels.convolution.maximum(
                    $0, x, y.storage.pointer,
                    places?.pointer.assumingMemoryBound(to: UInt16.self))
            }
        }
        let whole = shape
        return y.recorded(name, from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: whole, dtype: dy.dtype)
            dy.read { from in
                withUnsafePointer(to: form) {
                    dy.kernels.convolution.maximum_backward(
                        $0, places!.pointer.assumingMemoryBound(to: UInt16.self), from,
                        dx.storage.pointer)
                }
            }
            return dx
        }
    }
}

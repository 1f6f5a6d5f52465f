import CMartletKernels

extension Shape {
    /// The shape with one size changed.
    func replacing(_ axis: Int, with size: Int) -> Shape {
        var copy = self
        copy[axis] = size
        return copy
    }
}

extension Tensor {
    /// A view with other sizes, strides and first element, not recorded.
    func view(_ shape: Shape, strides: Shape, offset: Int) -> Tensor {
        let plain = shape.elementCount == 0 || strides == shape.contiguousStrides
        return Tensor(
            storage: storage, offset: offset, shape: shape, viewStrides: plain ? nil : strides,
            dtype: dtype)
    }

    /// The same elements in row-major order with other sizes; one of them may be -1 and follows from the others.
    public func reshaped(_ sizes: [Int]) -> Tensor {
        var sizes = sizes
        if let open = sizes.firstIndex(of: -1) {
            let others = sizes.indices.reduce(1) { $1 == open ? $0 : $0 * sizes[$1] }
            precondition(others > 0 && count % others == 0, "reshape of \(shape) to \(sizes)")
            sizes[open] = count / others
        }
        let target = Shape(sizes)
        precondition(
            target.elementCount == count, "reshape of \(shape) to \(sizes): \(count) elements")
        let x = contiguous()
        let original = shape
        return x.reinterpreted(as: target).recorded("reshaped", from: x) {
            $0.reshaped(Array(original))
        }
    }

    /// A view with the dimensions in another order.
    public func permuted(_ order: [Int]) -> Tensor {
        precondition(
            order.sorted() == Array(0..<rank), "permutation \(order) of \(rank) dimensions")
        let own = strides
        var inverse = order
        for (position, axis) in order.enumerated() { inverse[axis] = position }
        let back = inverse
        return view(
            Shape(order.map { shape[$0] }), strides: Shape(order.map { own[$0] }), offset: offset
        )
        .recorded("permuted", from: self) { $0.permuted(back) }
    }

    /// A view with two dimensions exchanged; without arguments the two innermost.
    public func transposed(_ first: Int = -2, _ second: Int = -1) -> Tensor {
        var order = Array(0..<rank)
        order.swapAt(shape.axis(first), shape.axis(second))
        return permuted(order)
    }

    /// A dimension of size 1 put before `position`.
    public func expandingDimension(at position: Int) -> Tensor {
        var sizes = Array(shape)
        sizes.insert(1, at: position < 0 ? position + rank + 1 : position)
        return reshaped(sizes)
    }

    /// The tensor without a dimension of size 1.
    public func squeezed(axis: Int) -> Tensor {
        precondition(shape[axis] == 1, "squeeze of \(shape) at axis \(axis)")
        return reshaped(Array(shape.removing(at: axis)))
    }

    /// A view repeated to a larger shape.
    public func broadcast(to target: Shape) -> Tensor {
        if shape == target { return self }
        precondition(
            Shape.broadcast(shape, target, "broadcast") == target,
            "broadcast of \(shape) to \(target)")
        let original = shape
        return view(target, strides: strides(broadcastTo: target), offset: offset)
            .recorded("broadcast", from: self) { $0.summed(to: original) }
    }

    /// A view of a range of one dimension.
    public func slice(axis: Int, _ range: Range<Int>) -> Tensor {
        let axis = shape.axis(axis)
        precondition(
            range.lowerBound >= 0 && range.upperBound <= shape[axis],
            "slice \(range) of \(shape) at axis \(axis)")
        let original = shape
        return view(
            shape.replacing(axis, with: range.count), strides: strides,
            offset: offset + range.lowerBound * strides[axis]
        ).recorded("slice", from: self) { dy in
            let before = original.replacing(axis, with: range.lowerBound)
            let after = original.replacing(axis, with: original[axis] - range.upperBound)
            return .concatenate(
                [.zeros(before, dtype: dy.dtype), dy, .zeros(after, dtype: dy.dtype)], axis: axis)
        }
    }

    /// A view of one position of a dimension, without that dimension.
    public func select(axis: Int, _ position: Int) -> Tensor {
        slice(axis: axis, position..<position + 1).squeezed(axis: axis)
    }

    /// A view with one dimension in the opposite order.
    public func flipped(axis: Int) -> Tensor {
        let axis = shape.axis(axis)
        let own = strides
        let last = offset + Swift.max(shape[axis] - 1, 0) * own[axis]
        return view(shape, strides: own.replacing(axis, with: -own[axis]), offset: last)
            .recorded("flipped", from: self) { $0.flipped(axis: axis) }
    }

    /// The tensor with `before` and `after` further positions of a dimension, filled with `value`.
    public func padded(axis: Int, before: Int = 0, after: Int = 0, with value: Double = 0) -> Tensor
    {
        let axis = shape.axis(axis)
        func filling(_ size: Int) -> Tensor {
            .full(shape.replacing(axis, with: size), value, dtype: dtype)
        }
        return .concatenate([filling(before), self, filling(after)], axis: axis)
    }

    /// Views of consecutive parts of a dimension, of the given sizes, which add up to its own.
    ///
    /// One operation, so that the gradients of the parts are put together once, not each among zeros.
    public func split(axis: Int, sizes: [Int]) -> [Tensor] {
        let axis = shape.axis(axis)
        precondition(
            sizes.reduce(0, +) == shape[axis] && sizes.allSatisfy { $0 >= 0 },
            "split of \(shape) at axis \(axis) into sizes \(sizes)")
        var start = 0
        let parts = sizes.map { size in
            defer { start += size }
            return view(
                shape.replacing(axis, with: size), strides: strides,
                offset: offset + start * strides[axis])
        }
        let (shapes, dtype) = (parts.map(\.shape), dtype)
        return Tensor.recorded("split", from: [self], results: parts) { gradients, _ in
            let all = zip(gradients, shapes).map { $0 ?? Tensor.zeros($1, dtype: dtype) }
            return [Tensor.concatenate(all, axis: axis)]
        }
    }

    /// Tensors one after another along a dimension; their other sizes are equal.
    public static func concatenate(_ parts: [Tensor], axis: Int) -> Tensor {
        precondition(!parts.isEmpty, "concatenate: no tensors")
        let first = parts[0]
        let axis = first.shape.axis(axis)
        var total = 0
        for part in parts {
            precondition(
                part.dtype == first.dtype && part.rank == first.rank
                    && part.shape.replacing(axis, with: 0) == first.shape.replacing(axis, with: 0),
                "concatenate along \(axis): \(first.dtype) \(first.shape) and \(part.dtype) \(part.shape)"
            )
            total += part.shape[axis]
        }
        let shape = first.shape.replacing(axis, with: total)
        let result = Tensor(uninitialized: shape, dtype: first.dtype)
        let step = shape.contiguousStrides
        var start = 0
        for part in parts where part.count > 0 {
            part.readView { source in
                result.write { target in
                    part.shape.withSizes { sizes in
                        part.strides.withSizes { sourceStrides in
                            step.withSizes { targetStrides in
                                mk_copy_strided(
                                    Int32(part.dtype.byteCount), Int32(part.rank), sizes, source,
                                    sourceStrides,
                                    target + start * step[axis] * part.dtype.byteCount,
                                    targetStrides)
                            }
                        }
                    }
                }
            }
            start += part.shape[axis]
        }
        let sizes = parts.map { $0.shape[axis] }
        return result.recorded("concatenate", from: parts) { dy, wanted in
            var start = 0
            return zip(sizes, wanted).map { size, isWanted in
                defer { start += size }
                return isWanted ? dy.slice(axis: axis, start..<start + size) : nil
            }
        }
    }

    /// Tensors of one shape side by side along a new dimension.
    public static func stack(_ parts: [Tensor], axis: Int = 0) -> Tensor {
        concatenate(parts.map { $0.expandingDimension(at: axis) }, axis: axis)
    }
}

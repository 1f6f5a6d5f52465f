import CMartletKernels

extension DType {
    /// The kernels for arithmetic on this type.
    var kernels: UnsafePointer<mk_kernels> {
        switch self {
        case .float32: mk_float32()
        case .float64: mk_float64()
        default: preconditionFailure("arithmetic on \(self): cast to float32 first")
        }
    }

    /// The type's number in the C core.
    var code: mk_dtype {
        switch self {
        case .float32: MK_FLOAT32
        case .float64: MK_FLOAT64
        case .bfloat16: MK_BFLOAT16
        case .float16: MK_FLOAT16
        case .int64: MK_INT64
        case .int32: MK_INT32
        case .int8: MK_INT8
        case .uint8: MK_UINT8
        case .bool: MK_BOOL
        }
    }
}

extension Tensor {
    /// The kernels for this tensor's element type.
    var kernels: mk_kernels { dtype.kernels.pointee }

    /// Calls `body` with the first element of a contiguous tensor.
    func read<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        precondition(isContiguous)
        return withExtendedLifetime(storage) {
            body(UnsafeRawPointer(storage.pointer + offset * dtype.byteCount))
        }
    }

    /// Calls `body` with the first element of any tensor; the view's strides say where the others are.
    func readView<Result>(_ body: (UnsafeRawPointer) -> Result) -> Result {
        withExtendedLifetime(storage) {
            body(UnsafeRawPointer(storage.pointer + offset * dtype.byteCount))
        }
    }

    /// Calls `body` with the first element of a tensor that was just made, to write it.
    func write<Result>(_ body: (UnsafeMutableRawPointer) -> Result) -> Result {
        withExtendedLifetime(storage) { body(storage.pointer) }
    }
}

extension Shape {
    /// Calls `body` with the sizes as C takes them.
    func withSizes<Result>(_ body: (UnsafePointer<Int>) -> Result) -> Result {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: Shape.maximumRank) { buffer in
            for index in 0..<Shape.maximumRank { buffer[index] = index < rank ? self[index] : 0 }
            return body(UnsafePointer(buffer.baseAddress!))
        }
    }

    /// The shape that two shapes broadcast to: sizes are aligned at the innermost, and a 1 is repeated.
    static func broadcast(_ left: Shape, _ right: Shape, _ operation: StaticString) -> Shape {
        if left == right { return left }
        let rank = Swift.max(left.rank, right.rank)
        return Shape(
            (0..<rank).map { index in
                let a = index - rank + left.rank < 0 ? 1 : left[index - rank + left.rank]
                let b = index - rank + right.rank < 0 ? 1 : right[index - rank + right.rank]
                precondition(
                    a == b || a == 1 || b == 1,
                    "\(operation): the shapes \(left) and \(right) do not broadcast")
                return a == 1 ? b : a
            })
    }
}

extension Tensor {
    /// The strides with which this tensor is read as one of the larger shape: 0 where it is repeated.
    func strides(broadcastTo target: Shape) -> Shape {
        let own = strides
        var result = target
        for index in 0..<target.rank {
            let position = index - target.rank + rank
            result[index] =
                position < 0 || (shape[position] == 1 && target[index] != 1) ? 0 : own[position]
        }
        return result
    }

    /// The sum over every dimension in which `shape` was repeated to get this one: the gradient of broadcasting.
    func summed(to target: Shape) -> Tensor {
        if shape == target { return self }
        var result = self
        while result.rank > target.rank { result = result.sum(axis: 0) }
        for index in 0..<target.rank where target[index] == 1 && result.shape[index] != 1 {
            result = result.sum(axis: index, keepingRank: true)
        }
        return result
    }
}

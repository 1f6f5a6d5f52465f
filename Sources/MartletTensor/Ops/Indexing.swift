import CMartletKernels

extension Tensor {
    /// These int32 positions, contiguous, if each of them is 0 ..< size.
    private func checkedPositions(_ name: StaticString, below size: Int) -> Tensor {
        precondition(dtype == .int32, "\(name): positions of type \(dtype), expected int32")
        let ids = contiguous().detached
        ids.readPositions { pointer in
            let bad = mk_find_outside(pointer, count, Int64(size), 0)
            precondition(
                bad < 0 && (size > 0 || count == 0),
                "\(name): position \(pointer[Swift.max(bad, 0)]) of a dimension of size \(size)")
        }
        return ids
    }

    private func readPositions<Result>(_ body: (UnsafePointer<Int32>) -> Result) -> Result {
        read { body($0.assumingMemoryBound(to: Int32.self)) }
    }

    /// The parts at some positions of a dimension; the positions' shape takes its place.
    ///
    /// - Parameter positions: int32, each 0 ..< the dimension's size, of any shape, in any order and number.
    public func gathered(axis: Int, at positions: Tensor) -> Tensor {
        let axis = shape.axis(axis)
        let ids = positions.checkedPositions("gathered", below: shape[axis])
        let (outer, n, inner) = shape.split(around: axis)
        let x = contiguous()
        let sizes = Array(shape)
        let result = Tensor(
            uninitialized: Shape(sizes[..<axis] + Array(ids.shape) + sizes[(axis + 1)...]),
            dtype: dtype)
        x.read { from in
            ids.readPositions { ids in
                result.write { to in
                    mk_gather_rows(
                        from, ids, to, outer, positions.count, n, inner * dtype.byteCount)
                }
            }
        }
        let original = shape
        return result.recorded("gathered", from: x) { dy in
            let dy = dy.contiguous()
            let dx = Tensor(uninitialized: original, dtype: dy.dtype)
            dy.read { from in
                ids.readPositions { positions in
                    dx.write { to in
                        dy.kernels.nn.scatter_rows(
                            from, positions, to, outer, ids.count, n, inner, -1, 0)
                    }
                }
            }
            return dx
        }
    }

    /// One element for each position along a dimension: `y[i, j, k] = x[i, p[i, j, k], k]` for the middle one.
    ///
    /// - Parameter positions: int32, each 0 ..< the dimension's size; its other sizes are the tensor's.
    public func taken(along axis: Int, at positions: Tensor) -> Tensor {
        let axis = shape.axis(axis)
        checkAlong("taken", axis, positions.shape)
        let ids = positions.checkedPositions("taken", below: shape[axis])
        let (outer, n, inner) = shape.split(around: axis)
        let x = contiguous()
        let result = Tensor(uninitialized: ids.shape, dtype: dtype)
        let taken = ids.shape[axis]
        x.read { from in
            ids.readPositions { ids in
                result.write { to in
                    mk_gather_along(Int32(dtype.byteCount), from, ids, to, outer, taken, n, inner)
                }
            }
        }
        let original = shape
        return result.recorded("taken", from: x) { dy in
            Tensor.zeros(original, dtype: dy.dtype).scatterAdding(dy, along: axis, at: ids)
        }
    }

    /// The tensor with values added at positions along a dimension; several at one position all count.
    ///
    /// - Parameters:
    ///   - values: of the shape of `positions`.
    ///   - positions: int32, each 0 ..< the dimension's size; its other sizes are the tensor's.
    public func scatterAdding(_ values: Tensor, along axis: Int, at positions: Tensor) -> Tensor {
        let axis = shape.axis(axis)
        checkAlong("scatterAdding", axis, positions.shape)
        precondition(
            values.shape == positions.shape && values.dtype == dtype,
            "scatterAdding: values \(values.dtype) \(values.shape) at positions \(positions.shape)")
        let ids = positions.checkedPositions("scatterAdding", below: shape[axis])
        let (outer, n, inner) = shape.split(around: axis)
        let added = values.contiguous()
        var result = detached
        result.mutateBytes { bytes in
            guard let to = bytes.baseAddress else { return }
            added.read { from in
                ids.readPositions { positions in
                    kernels.nn.scatter_along(from, positions, to, outer, ids.shape[axis], n, inner)
                }
            }
        }
        return result.recorded("scatterAdding", from: [self, values]) { dy, wanted in
            [wanted[0] ? dy : nil, wanted[1] ? dy.taken(along: axis, at: ids) : nil]
        }
    }

    private func checkAlong(_ name: StaticString, _ axis: Int, _ positions: Shape) {
        precondition(
            positions.rank == rank
                && positions.replacing(axis, with: 0) == shape.replacing(axis, with: 0),
            "\(name) along \(axis): a tensor \(shape) with positions \(positions)")
    }
}

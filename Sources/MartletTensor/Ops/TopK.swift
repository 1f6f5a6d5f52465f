import CMartletKernels

extension Tensor {
    /// The k largest elements along the innermost dimension, the largest first, of equal ones the one in front; NaN counts
    /// as −∞.
    ///
    /// Made for few of many: the time grows with k where many are large.
    ///
    /// - Parameter k: 0 … the dimension's size.
    /// - Returns: the elements, and where they stand as int32, `[…, k]` each.
    public func topK(_ k: Int) -> (values: Tensor, positions: Tensor) {
        precondition(rank > 0 && k >= 0 && k <= shape[-1], "topK: \(k) of \(shape)")
        let x = contiguous()
        let (rows, n) = rowsAndWidth
        let positions = Tensor(uninitialized: shape.replacing(rank - 1, with: k), dtype: .int32)
        x.read { from in
            positions.write { to in
                kernels.nn.largest(from, to.assumingMemoryBound(to: Int32.self), rows, n, k)
            }
        }
        return (x.taken(along: -1, at: positions), positions)
    }
}

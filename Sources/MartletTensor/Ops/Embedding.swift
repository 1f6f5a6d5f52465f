import CMartletKernels

extension Tensor {
    /// Rows of this table `[V, D]` by int32 numbers `[...]`: `[..., D]`.
    ///
    /// - Parameters:
    ///   - indices: each 0 ..< V.
    ///   - paddingIndex: the row that gets no gradient.
    public func embedding(_ indices: Tensor, paddingIndex: Int? = nil) -> Tensor {
        precondition(
            rank == 2 && indices.dtype == .int32,
            "embedding: a table \(shape) with \(indices.dtype) indices")
        let (table, ids) = (contiguous(), indices.contiguous())
        let (rows, width) = (shape[0], shape[1])
        let result = Tensor(uninitialized: Shape(Array(indices.shape) + [width]), dtype: dtype)
        ids.read { ids in
            let ids = ids.assumingMemoryBound(to: Int32.self)
            let bad = mk_find_outside(ids, indices.count, Int64(rows), 0)
            precondition(bad < 0, "embedding: index \(ids[Swift.max(bad, 0)]) of \(rows) rows")
            table.read { table in
                result.write { to in
                    mk_gather_rows(table, ids, to, 1, indices.count, rows, width * dtype.byteCount)
                }
            }
        }
        return Tensor.recorded("embedding", from: [table], results: [result]) { dys, _, sums in
            let dy = dys[0]!.contiguous()
            // A large table that is read more than once has a sum already: few of its rows get more.
            let isFirst = sums[0] == nil
            var sum = sums[0].take() ?? Tensor(uninitialized: [rows, width], dtype: dy.dtype)
            dy.read { dy2 in
                ids.read { ids in
                    sum.mutateBytes { to in
                        dy.kernels.nn.scatter_rows(
                            dy2, ids.assumingMemoryBound(to: Int32.self), to.baseAddress, 1,
                            indices.count, rows, width, Int32(paddingIndex ?? -1), isFirst ? 0 : 1)
                    }
                }
            }
            sums[0] = sum
        }[0]
    }

    /// Each element 0 with the given probability, else divided by 1 − probability (Srivastava et al. 2014).
    public func dropout(probability: Double, using random: inout RandomGenerator) -> Tensor {
        precondition(probability >= 0 && probability < 1, "dropout probability \(probability)")
        let mask = random.bernoulli(shape, probability: 1 - probability)
        return maskedAndScaled(mask, 1 / (1 - probability))
    }

    private func maskedAndScaled(_ mask: Tensor, _ factor: Double) -> Tensor {
        let x = contiguous()
        let y = Tensor(uninitialized: shape, dtype: dtype)
        x.read { from in
            mask.read { mask in
                y.write { to in
                    kernels.elementwise.mask_scale(
                        factor, mask.assumingMemoryBound(to: UInt8.self), from, to, count)
                }
            }
        }
        return y.recorded("dropout", from: x) { $0.maskedAndScaled(mask, factor) }
    }
}

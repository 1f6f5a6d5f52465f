import CMartletKernels

extension Tensor {
    /// Rotary positions: pairs of each head's numbers turned by position · frequency (Su et al. 2021).
    ///
    /// The receiver is `[B, T, N, K]` or `[T, N, K]`; the first 2F of K are turned, the others stay.
    ///
    /// - Parameters:
    ///   - positions: int32, `[T]` or `[B, T]`.
    ///   - inverseFrequencies: `[F]`, radians a position.
    ///   - interleaved: pairs (2i, 2i + 1) as in the paper and GPT-J; otherwise (i, i + F) as in GPT-NeoX and Llama.
    ///   - scale: multiplies cosine and sine (YaRN: Peng et al. 2023).
    public func rotated(
        positions: Tensor, inverseFrequencies: Tensor, interleaved: Bool = false, scale: Float = 1
    ) -> Tensor {
        precondition(
            (rank == 3 || rank == 4) && positions.dtype == .int32
                && (positions.shape == [shape[-3]]
                    || rank == 4 && positions.shape == [shape[0], shape[1]]),
            "rotated: \(shape) with positions \(positions.dtype) \(positions.shape)")
        precondition(
            inverseFrequencies.rank == 1 && 2 * inverseFrequencies.count <= shape[-1],
            "rotated: \(shape) with \(inverseFrequencies.shape) frequencies")
        let rotation = Rotation(
            positions: positions.contiguous(),
            frequencies: inverseFrequencies.detached.cast(to: dtype).contiguous(),
            isInterleaved: interleaved, scale: scale)
        return rotation.turned(self, isInverse: false).recorded("rotated", from: self) {
            rotation.turned($0, isInverse: true)
        }
    }
}

/// The angles of ``Tensor/rotated(positions:inverseFrequencies:interleaved:scale:)``.
private struct Rotation: Sendable {
    var positions: Tensor
    var frequencies: Tensor
    var isInterleaved: Bool
    var scale: Float

    func turned(_ tensor: Tensor, isInverse: Bool) -> Tensor {
        let strides = tensor.strides
        let x = strides[-1] == 1 || tensor.shape[-1] <= 1 ? tensor : tensor.contiguous()
        let y = Tensor(uninitialized: x.shape, dtype: x.dtype)
        if y.count == 0 { return y }
        let (batch, time) = (x.rank == 4 ? x.shape[0] : 1, x.shape[-3])
        let steps = x.strides
        x.readView { from in
            positions.read { positions in
                frequencies.read { frequencies in
                    y.write { to in
                        x.kernels.attention.rotary(
                            batch, time, x.shape[-2], x.shape[-1], from, x.rank == 4 ? steps[0] : 0,
                            steps[-3], steps[-2], positions.assumingMemoryBound(to: Int32.self),
                            self.positions.rank == 2 ? time : 0, frequencies,
                            self.frequencies.count, isInterleaved ? 1 : 0, Double(scale),
                            isInverse ? 1 : 0, to)
                    }
                }
            }
        }
        return y
    }
}

import MartletNN
import MartletTensor

extension SileroVAD {
    /// What a stream is in between two chunks: a value, which can be kept, copied, saved and handed on.
    public struct State: Sendable, Codable, Equatable {
        /// The last 64 samples.
        public var context: [Float]
        /// The LSTM's state h, 128 numbers.
        public var hidden: [Float]
        /// The LSTM's state c, 128 numbers.
        public var cell: [Float]

        /// The state before the first sample: zeros.
        public init() {
            context = Array(repeating: 0, count: SileroVAD.contextSize)
            hidden = Array(repeating: 0, count: SileroVAD.hiddenSize)
            cell = hidden
        }

        /// Reads a state; refuses one of other sizes.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            func numbers(_ key: CodingKeys, _ count: Int) throws -> [Float] {
                let numbers = try values.decode([Float].self, forKey: key)
                guard numbers.count == count else {
                    throw DecodingError.dataCorruptedError(
                        forKey: key, in: values,
                        debugDescription: "\(numbers.count) numbers: expected \(count)")
                }
                return numbers
            }
            context = try numbers(.context, SileroVAD.contextSize)
            hidden = try numbers(.hidden, SileroVAD.hiddenSize)
            cell = try numbers(.cell, SileroVAD.hiddenSize)
        }

        enum CodingKeys: String, CodingKey { case context, hidden, cell }
    }

    /// The model with its weights laid out for one stream, chunk by chunk: the same sums, without gradients.
    ///
    /// Every weight stands as the right side of a matrix product, so that nothing is rearranged at run time. Of the
    /// third convolution the first of three taps, and of the fourth the outer two, only ever meet padding: they are
    /// left out. A chunk's probability has the same bits alone as among others. The work is done on the calling thread.
    public struct Steps: Sendable {
        /// The frequencies, rounded up to whole vectors; the rest is zeros.
        private static let width = 144
        private let basis: Tensor  // [256, 2 · width]
        private let convolutions: [(weight: Tensor, bias: Tensor)]  // [taps · in, out], [out]
        private let lstm: RecurrentArguments
        private let output: (weight: Tensor, bias: Tensor)  // [128, 1], [1]

        /// Lays out a model's weights.
        public init(_ model: SileroVAD) {
            let missing = Self.width - SileroVAD.frequencies
            let rows = model.basis.weight.reshaped([2, SileroVAD.frequencies, -1])
            basis = rows.padded(axis: 1, after: missing)
                .reshaped([2 * Self.width, -1]).transposed().contiguous()
            let taps = [0..<3, 0..<3, 1..<3, 1..<2]
            convolutions = zip(model.convolutions, taps).enumerated().map { index, layer in
                let (convolution, taps) = layer
                let weight = convolution.weight.slice(axis: 2, taps)
                    .padded(axis: 1, after: index == 0 ? missing : 0)  // [out, in, taps]
                return (
                    weight.permuted([2, 1, 0]).reshaped([-1, weight.shape[0]]), convolution.bias!
                )
            }
            lstm = model.arguments.packed(.lstm)
            output = (model.output.weight.reshaped([-1, 1]), model.output.bias!)
        }

        /// The probabilities of chunks that follow each other; `samples` has 512 for each.
        public func callAsFunction(_ samples: [Float], state: inout State) -> [Float] {
            precondition(
                samples.count % SileroVAD.chunkSize == 0,
                "SileroVAD.Steps: \(samples.count) samples are no whole chunks of \(SileroVAD.chunkSize)"
            )
            guard !samples.isEmpty else { return [] }
            // A step is too short for several workers to share.
            return Machine.alone {
                let x = features(frames(samples, &state))  // [N, 128]
                let before = DirectionState(
                    hidden: Tensor(state.hidden, shape: [1, SileroVAD.hiddenSize]),
                    cell: Tensor(state.cell, shape: [1, SileroVAD.hiddenSize]))
                let (h, after) = x.expandingDimension(at: 0)
                    .recurrent(.lstm, weights: [lstm], state: [before])
                state.hidden = after[0].hidden.scalars()
                state.cell = after[0].cell!.scalars()
                return product(h.squeezed(axis: 0).relu(), output).sigmoid().scalars()
            }
        }

        /// The probability of one chunk of 512 samples.
        public func step(_ chunk: [Float], state: inout State) -> Float {
            precondition(chunk.count == SileroVAD.chunkSize, "a chunk of \(chunk.count) samples")
            return self(chunk, state: &state)[0]
        }

        /// Each chunk between its context and its mirrored end, `[N, 640]`; the state gets the last samples.
        private func frames(_ samples: [Float], _ state: inout State) -> Tensor {
            let (size, context) = (SileroVAD.chunkSize, SileroVAD.contextSize)
            let count = samples.count / size
            let width = context + size + context
            let result = Tensor(shape: [count, width], dtype: .float32) { bytes in
                let frames = bytes.bindMemory(to: Float.self)
                samples.withUnsafeBufferPointer { samples in
                    for index in 0..<count {
                        let frame = UnsafeMutableBufferPointer(
                            rebasing: frames[index * width..<(index + 1) * width])
                        let start = index * size
                        for place in 0..<context {
                            frame[place] =
                                index == 0 ? state.context[place] : samples[start - context + place]
                            frame[context + size + place] = samples[start + size - 2 - place]
                        }
                        for place in 0..<size { frame[context + place] = samples[start + place] }
                    }
                }
            }
            state.context = Array(samples.suffix(context))
            return result
        }

        /// What the LSTM reads, `[N, 128]`, of frames `[N, 640]`.
        private func features(_ frames: Tensor) -> Tensor {
            let (N, P) = (frames.shape[0], Self.width)
            let waves = Tensor.product(
                Self.rows(frames, size: SileroVAD.windowSize, step: SileroVAD.windowStep), basis)
            var x = Self.padded(N, 4 * P, before: P, after: P) { spectra in
                waves.withUnsafeBytes { Self.spectra(of: $0.bindMemory(to: Float.self), spectra) }
            }
            x = product(Self.rows(x, size: 3 * P, step: P), convolutions[0])  // [4 N, 128]
            x = Self.padded(N, 4 * 128, before: 128, after: 0) { parts in
                x.withUnsafeBytes { Self.relu(of: $0.bindMemory(to: Float.self), parts) }
            }
            x = product(Self.rows(x, size: 3 * 128, step: 2 * 128), convolutions[1]).relu()
            x = product(x.reshaped([N, 2 * 64]), convolutions[2]).relu()  // [N, 64]
            return product(x, convolutions[3]).relu()  // [N, 128]
        }

        // A single step is short, so what stands between two products is one pass each.

        /// Rows of zeros, `[N, before + width + after]`, whose middles `fill` is given, one after another.
        private static func padded(
            _ count: Int, _ width: Int, before: Int, after: Int,
            _ fill: ([UnsafeMutableBufferPointer<Float>]) -> Void
        ) -> Tensor {
            let row = before + width + after
            return Tensor(shape: [count, row], dtype: .float32) { bytes in
                let all = bytes.bindMemory(to: Float.self)
                all.update(repeating: 0)
                fill(
                    (0..<count).map { index in
                        let start = index * row + before
                        return UnsafeMutableBufferPointer(rebasing: all[start..<start + width])
                    })
            }
        }

        /// The lengths of waves, `[4 N, 2 · P]`: of each row cosines, then sines.
        private static func spectra(
            of waves: UnsafeBufferPointer<Float>, _ rows: [UnsafeMutableBufferPointer<Float>]
        ) {
            for (index, row) in rows.enumerated() {
                for frame in 0..<row.count / width {
                    let cosines = (index * row.count + frame * width) * 2
                    for place in 0..<width {
                        let (c, s) = (waves[cosines + place], waves[cosines + width + place])
                        row[frame * width + place] = (c * c + s * s).squareRoot()
                    }
                }
            }
        }

        /// Numbers, those below 0 as 0.
        private static func relu(
            of numbers: UnsafeBufferPointer<Float>, _ rows: [UnsafeMutableBufferPointer<Float>]
        ) {
            for (index, row) in rows.enumerated() {
                for place in row.indices {
                    let number = numbers[index * row.count + place]
                    row[place] = number < 0 ? 0 : number
                }
            }
        }

        /// The windows of every row of `[N, L]` below one another, `[N · W, size]`; of a single row without copying.
        private static func rows(_ x: Tensor, size: Int, step: Int) -> Tensor {
            x.shape[0] == 1
                ? x.reshaped([-1]).windows(size: size, step: step)
                : x.windows(size: size, step: step).reshaped([-1, size])
        }

        private func product(_ x: Tensor, _ layer: (weight: Tensor, bias: Tensor)) -> Tensor {
            Tensor.product(x, layer.weight, bias: layer.bias)
        }
    }
}

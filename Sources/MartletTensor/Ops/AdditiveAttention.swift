import CMartletKernels

/// How much of what is attended to was looked at before, and what that counts for (See et al. 2017).
public struct AttentionCoverage: Sendable {
    /// The sums of the weights before each query, `[B, T, S]`.
    public var sums: Tensor
    /// What they are multiplied with, `[A]`.
    public var weight: Tensor

    /// A coverage of these parts.
    public init(sums: Tensor, weight: Tensor) {
        self.sums = sums
        self.weight = weight
    }
}

extension Tensor {
    /// Additive attention (Bahdanau et al. 2015): α = softmax(vᵀ tanh(query + key)) over real keys, and Σ α value.
    ///
    /// A sequence without any real key gives zeros. The gradients of keys and values are added up in place over all calls that
    /// share them: a decoder that goes step by step makes one for each.
    ///
    /// - Parameters:
    ///   - query: `[B, T, A]`.
    ///   - key: `[B, S, A]`.
    ///   - score: v, `[A]`.
    ///   - value: `[B, S, E]`.
    ///   - real: bool, `[B, S]`: the others are neither read nor attended to; nil: all are real.
    ///   - coverage: is added within the tanh, `coverage · weight`; nil: nothing is.
    /// - Returns: the contexts, `[B, T, E]`, and the weights α, `[B, T, S]`.
    public static func additiveAttention(
        query: Tensor, key: Tensor, score: Tensor, value: Tensor, real: Tensor? = nil,
        coverage: AttentionCoverage? = nil
    ) -> (context: Tensor, weights: Tensor) {
        let inputs =
            [query, key, score, value] + (coverage.map { [$0.sums, $0.weight] } ?? [])
        let results = AdditiveAttention(
            inputs: inputs.map { $0.contiguous() }, real: real?.detached.contiguous()
        ).run()
        return (results[0], results[1])
    }
}

/// One additive attention with everything it reads.
private struct AdditiveAttention: Sendable {
    /// Query, key, score, value and, with coverage, its sums and its weight.
    var inputs: [Tensor]
    var real: Tensor?

    private var hasCoverage: Bool { inputs.count > 4 }
    private var batch: Int { inputs[0].shape[0] }
    private var queries: Int { inputs[0].shape[1] }
    private var keys: Int { inputs[1].shape[1] }
    private var width: Int { inputs[0].shape[2] }
    private var valueWidth: Int { inputs[3].shape[2] }

    private func check() {
        let operands =
            "query \(inputs[0].shape), key \(inputs[1].shape), score \(inputs[2].shape), value \(inputs[3].shape)"
        precondition(
            inputs[0].rank == 3 && inputs[1].rank == 3 && inputs[3].rank == 3,
            "additive attention: \(operands)")
        let (B, T, S, A, E) = (batch, queries, keys, width, valueWidth)
        let shapes: [Shape] = [[B, T, A], [B, S, A], [A], [B, S, E], [B, T, S], [A]]
        precondition(
            zip(inputs, shapes).allSatisfy { $0.shape == $1 && $0.dtype == inputs[0].dtype },
            "additive attention: \(operands)\(hasCoverage ? ", coverage \(inputs[4].shape) · \(inputs[5].shape)" : "")"
        )
        precondition(
            real == nil || real!.dtype == .bool && real!.shape == [B, S],
            "additive attention: \(operands), real \(real!.dtype) \(real!.shape)")
    }

    /// Calls `body` with the operation as C sees it.
    private func withArguments<Result>(
        _ body: (UnsafePointer<mk_additive_attention>) -> Result
    ) -> Result {
        withExtendedLifetime((inputs, real)) {
            func pointer(_ tensor: Tensor) -> UnsafeRawPointer {
                UnsafeRawPointer(tensor.storage.pointer + tensor.offset * tensor.dtype.byteCount)
            }
            var a = mk_additive_attention()
            (a.batch, a.queries, a.keys) = (batch, queries, keys)
            (a.width, a.value_width) = (width, valueWidth)
            (a.q, a.k, a.v) = (pointer(inputs[0]), pointer(inputs[1]), pointer(inputs[2]))
            a.h = pointer(inputs[3])
            a.real = real.map { pointer($0).assumingMemoryBound(to: UInt8.self) }
            if hasCoverage {
                (a.coverage, a.coverage_weight) = (pointer(inputs[4]), pointer(inputs[5]))
            }
            return withUnsafePointer(to: &a) { body($0) }
        }
    }

    /// The contexts and the weights, recorded as one operation.
    func run() -> [Tensor] {
        check()
        let dtype = inputs[0].dtype
        let context = Tensor(uninitialized: [batch, queries, valueWidth], dtype: dtype)
        let weights = Tensor(uninitialized: [batch, queries, keys], dtype: dtype)
        withArguments { arguments in
            context.write { y in
                weights.write { inputs[0].kernels.additive_attention.forward(arguments, y, $0) }
            }
        }
        var constant = self
        constant.inputs = inputs.map(\.detached)
        let attention = constant
        return Tensor.recorded(
            "additiveAttention", from: inputs, results: [context, weights]
        ) { attention.backward(weights, $0, &$2) }
    }

    /// Adds the gradients of ``inputs``, from those of the results.
    private func backward(_ weights: Tensor, _ given: [Tensor?], _ sums: inout [Tensor?]) {
        let dtype = weights.dtype
        let given = given.map { $0?.contiguous() }
        let dscores = Tensor(uninitialized: weights.shape, dtype: dtype)
        // Of each input what the kernel writes; of keys and values what it adds to.
        var found: [Tensor] = inputs.indices.map { place in
            switch place {
            case 1, 3:
                defer { sums[place] = nil }
                return sums[place] ?? .zeros(inputs[place].shape, dtype: dtype)
            case 2, 5: return Tensor(uninitialized: [batch, width], dtype: dtype)
            default: return Tensor(uninitialized: inputs[place].shape, dtype: dtype)
            }
        }
        // The kernel's places, of tensors that nobody else holds.
        func place(_ index: Int) -> UnsafeMutableRawPointer? {
            index < found.count ? found[index].mutateBytes { $0.baseAddress } : nil
        }
        let places = (0..<6).map(place)
        withArguments { arguments in
            withExtendedLifetime((found, given, weights, dscores)) {
                func pointer(_ tensor: Tensor?) -> UnsafeRawPointer? {
                    tensor.map {
                        UnsafeRawPointer($0.storage.pointer + $0.offset * $0.dtype.byteCount)
                    }
                }
                inputs[0].kernels.additive_attention.backward(
                    arguments, pointer(weights), pointer(given[0]), pointer(given[1]),
                    dscores.storage.pointer, places[0], places[1], places[2], places[3], places[4],
                    places[5])
            }
        }
        for (index, gradient) in found.enumerated() {
            switch index {
            case 1, 3: sums[index] = gradient
            case 2, 5:
                let gradient = gradient.sum(axis: 0)
                sums[index] = sums[index].map { $0 + gradient } ?? gradient
            default: sums[index] = sums[index].map { $0 + gradient } ?? gradient
            }
        }
    }
}

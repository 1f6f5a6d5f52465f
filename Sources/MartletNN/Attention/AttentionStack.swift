public import MartletTensor

/// Blocks of attention, causal unless whole sequences are read that may be seen whole, over sequences of vectors: a Transformer where a recurrent stack would stand.
///
/// ```text
/// x = input W_inᵀ + b                                              [B, T, H]
/// x = x + attention(norm(x));   x = x + down(gelu(up(norm(x))))    for each block; queries and keys turned by position
/// output = norm(x)                                                 [B, T, H]
/// ```
///
/// By the protocol of recurrent layers: its state is what was read, keys and values, and grows with it.
public struct AttentionStack: SequenceLayer {
    /// Attention and mlp, each added to what comes in.
    public struct Block: Module {
        /// Before attention, and before the mlp.
        public var firstNorm, secondNorm: LayerNorm
        /// To queries, keys and values, `[3 H, H]`, and back.
        public var queryKeyValue, output: Linear
        /// The mlp, H → 4 H → H.
        public var up, down: Linear

        /// Visits the parameters.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try firstNorm.forEachParameter(in: "norm1", visit)
            try queryKeyValue.forEachParameter(in: "qkv_proj", visit)
            try output.forEachParameter(in: "out_proj", visit)
            try secondNorm.forEachParameter(in: "norm2", visit)
            try up.forEachParameter(in: "linear1", visit)
            try down.forEachParameter(in: "linear2", visit)
        }
    }

    /// To the width H.
    public var input: Linear
    /// The blocks.
    public var blocks: [Block]
    /// After the last block.
    public var norm: LayerNorm
    /// The number of heads N.
    public let heads: Int
    private let rotary: RotaryPositions

    /// Four heads, or as many as leave each an even part of a width.
    package static func heads(of width: Int) -> Int {
        [4, 2, 1].first { width % (2 * $0) == 0 } ?? 1
    }

    /// A stack with random weights.
    ///
    /// - Parameters:
    ///   - inputSize: the width of the input.
    ///   - hiddenSize: the width H, of which `heads` is a divisor; each head's part is even.
    public init(
        inputSize: Int, hiddenSize: Int, layers: Int, heads: Int,
        using random: inout RandomGenerator
    ) {
        precondition(
            hiddenSize % heads == 0 && hiddenSize / heads % 2 == 0,
            "attention: width \(hiddenSize) of \(heads) heads")
        input = Linear(inputSize: inputSize, outputSize: hiddenSize, using: &random)
        let ending = 0.02 / Double(2 * layers).squareRoot()
        blocks = (0..<layers).map { _ in
            Block(
                firstNorm: LayerNorm(size: hiddenSize), secondNorm: LayerNorm(size: hiddenSize),
                queryKeyValue: Linear(
                    hiddenSize, 3 * hiddenSize, bias: true, deviation: 0.02, using: &random),
                output: Linear(
                    hiddenSize, hiddenSize, bias: true, deviation: ending, using: &random),
                up: Linear(hiddenSize, 4 * hiddenSize, bias: true, deviation: 0.02, using: &random),
                down: Linear(
                    4 * hiddenSize, hiddenSize, bias: true, deviation: ending, using: &random))
        }
        norm = LayerNorm(size: hiddenSize)
        self.heads = heads
        rotary = RotaryPositions(width: hiddenSize / heads)
    }

    /// The width H of the output.
    public var outputSize: Int { norm.weight!.count }
    /// It only looks back.
    public var readsForward: Bool { true }

    /// The state before anything is read.
    public func zeroState(batch: Int, dtype: DType) -> AttentionState {
        AttentionState(
            blocks.map { _ in
                KeyValueCache(
                    batch: batch, heads: heads, width: outputSize / heads, dtype: dtype)
            })
    }

    /// Runs over whole sequences, `[B, T, D]`; gives `[B, T, H]`, and the state.
    ///
    /// - Parameter lengths: the real steps of each sequence, of all that was read; nil: all.
    public func run(
        _ x: Tensor, lengths: [Int]?, from state: AttentionState?
    ) -> (output: Tensor, state: AttentionState) {
        var pass = AttentionPass(
            length: x.shape[1], state: state ?? zeroState(batch: x.shape[0], dtype: x.dtype),
            mask: lengths.map(TokenMask.lengths) ?? .all)
        let output = self(x, &pass)
        return (output, pass.finished!)
    }

    /// The output, `[B, T, H]`, of whole sequences `[B, T, D]`, with gradients.
    ///
    /// - Parameters:
    ///   - lengths: the real steps of each sequence; nil: all.
    ///   - isCausal: whether each step sees only those before it.
    public func callAsFunction(
        _ x: Tensor, lengths: [Int]? = nil, isCausal: Bool = true
    ) -> Tensor {
        var pass = AttentionPass(
            length: x.shape[1], mask: lengths.map(TokenMask.lengths) ?? .all)
        return self(x, &pass, isCausal: isCausal)
    }

    private func callAsFunction(
        _ sequence: Tensor, _ pass: inout AttentionPass, isCausal: Bool = true
    ) -> Tensor {
        var x = input(sequence)
        let (positions, length) = (pass.positions, pass.start + pass.length)
        for (layer, block) in blocks.enumerated() {
            let parts = block.queryKeyValue(block.firstNorm(x))
                .split(axis: 2, sizes: [Int](repeating: outputSize, count: 3))
                .map { $0.splitIntoHeads(heads) }  // [B, T, N, K]
            let attended = pass.attend(
                query: rotary(parts[0], positions: positions, length: length),
                key: rotary(parts[1], positions: positions, length: length), value: parts[2],
                layer: layer, rule: AttentionRule(isCausal: isCausal))
            x = x + block.output(attended)
            x = x + block.down(block.up(block.secondNorm(x)), after: .gelu)
        }
        return norm(x)
    }

    /// Visits the parameters.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try input.forEachParameter(in: "input", visit)
        for layer in blocks.indices {
            try blocks[layer].forEachParameter(in: "layers.\(layer)", visit)
        }
        try norm.forEachParameter(in: "norm", visit)
    }
}

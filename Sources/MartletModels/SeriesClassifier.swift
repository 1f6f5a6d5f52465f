public import MartletNN
public import MartletTensor

/// A classifier of series with many channels and different lengths: one recurrent network, or several whose answers are
/// averaged.
///
/// ```text
/// x_t = (input_t − mean) / deviation  ‖  (x_t − x_{t−1}) / its deviation, if differences are read     [B, T, D']
/// z   = relu of a convolution over K steps, every s-th, if there is one                                [B, T', F]
/// h_t = recurrent layers, in one or both directions                                                    [B, T', H']
/// v   = mean over t of h_t  ‖  maximum over t of h_t  ‖  last states  ‖  scaled log T, if it is read   [B, 3 H' + 1]
/// scores = v Wᵀ + b                                                                                    [B, C]
/// ```
///
/// The means and deviations are those of the series that it learned from; they stand in `config.json`, so what is given to a
/// trained network is as it was measured. Weights of member i: `members.i.convolution.weight` …, `members.i.rnn.weight_ih_l0`
/// …, `members.i.output.weight` ….
public struct SeriesClassifier: Model {
    /// The sizes, scales and labels.
    public private(set) var configuration: Configuration
    /// The networks, each with weights of its own.
    public var members: [Member]

    /// A classifier with random weights.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        self.configuration = configuration
        members = []
        for _ in 0..<configuration.members {
            members.append(Member(configuration, using: &random))
        }
    }

    /// Visits `members.0.…`, `members.1.…` and so on.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        for place in members.indices {
            try members[place].forEachParameter(in: "members.\(place)", visit)
        }
    }

    /// The class scores of one member before the softmax, `[B, C]`.
    ///
    /// - Parameters:
    ///   - member: which one, 0 ..< members.
    ///   - input: float32 `[B, T, D]` as it was measured; what stands beyond a series' length is not looked at.
    ///   - lengths: the number of steps of each series, 1 … T.
    ///   - random: random numbers for dropout; nil when not training.
    public func scores(
        member: Int, _ input: Tensor, lengths: [Int], dropout random: inout RandomGenerator?
    ) -> Tensor {
        let (features, size) = features(input, lengths)
        return members[member](
            features, lengths: lengths, size: size, dropout: configuration.dropout, &random)
    }

    /// The probability of each class, `[B, C]`: the mean over the members.
    public func probabilities(_ input: Tensor, lengths: [Int]) -> Tensor {
        let (features, size) = features(input, lengths)
        var none: RandomGenerator?
        let parts = members.map {
            $0(features, lengths: lengths, size: size, dropout: 0, &none).softmax()
        }
        return parts.dropFirst().reduce(parts[0]) { $0 + $1 } / Double(parts.count)
    }

    /// What the networks read, `[B, T, D']`, zero beyond each length, and each series' scaled length, `[B, 1]`.
    private func features(_ input: Tensor, _ lengths: [Int]) -> (steps: Tensor, size: Tensor?) {
        precondition(
            input.rank == 3 && input.shape[2] == configuration.channels.count
                && input.shape[0] == lengths.count,
            "series classifier: input \(input.shape), \(lengths.count) lengths, \(configuration.channels.count) channels"
        )
        let (B, T) = (input.shape[0], input.shape[1])
        let real = Tensor(
            lengths.flatMap { length in (0..<T).map { $0 < length } }, shape: [B, T, 1])
        let zero = Tensor.zeros([])
        func scale(_ values: [Double]) -> Tensor { Tensor(values).cast(to: .float32) }
        let x = real.select(
            (input - scale(configuration.means)) / scale(configuration.deviations), zero)
        var parts = [x]
        if let deviations = configuration.differenceDeviations {
            let before = Tensor.concatenate(
                [x.slice(axis: 1, 0..<min(1, T)), x.slice(axis: 1, 0..<max(T - 1, 0))], axis: 1)
            parts.append(real.select((x - before) / scale(deviations), zero))
        }
        let size = configuration.lengthScale.map { scale in
            Tensor(lengths.map { scale.scaled($0) }, shape: [B, 1]).cast(to: .float32)
        }
        return (parts.count == 1 ? x : .concatenate(parts, axis: 2), size)
    }

    /// Probabilities of named tensors: `input [B, T, D]` and optionally `lengths [B]` give `probabilities [B, C]`.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, or a length of 0.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let input = try reader.take("input", .float32, [nil, nil, configuration.channels.count])
        let (B, T) = (input.shape[0], input.shape[1])
        let lengths =
            try reader.takeLengths("lengths", count: B, longest: T) ?? Array(repeating: T, count: B)
        try reader.finish()
        if let row = lengths.firstIndex(of: 0) {
            throw ModelError("series \(row) has no steps: expected lengths of at least 1")
        }
        guard B > 0 else { return ["probabilities": .zeros([0, configuration.labels.count])] }
        return ["probabilities": probabilities(input, lengths: lengths)]
    }

    /// One network.
    public struct Member: Module {
        /// The convolution in front, if there is one.
        public var convolution: Conv1D?
        /// The recurrent layers.
        public var rnn: RecurrentStack
        /// From a series' vector to the scores.
        public var output: Linear

        /// A network with random weights.
        init(_ configuration: Configuration, using random: inout RandomGenerator) {
            let width =
                configuration.channels.count * (configuration.differenceDeviations == nil ? 1 : 2)
            if configuration.filters > 0 {
                convolution = Conv1D(
                    inputSize: width, outputSize: configuration.filters,
                    kernelSize: configuration.kernelSize, stride: configuration.stride,
                    padding: configuration.kernelSize / 2, using: &random)
            }
            rnn = RecurrentStack(
                cell: configuration.cell,
                inputSize: configuration.filters > 0 ? configuration.filters : width,
                hiddenSize: configuration.hiddenSize, layers: configuration.layers,
                bidirectional: configuration.bidirectional, dropout: configuration.dropout,
                using: &random)
            output = Linear(
                inputSize: 3 * rnn.outputSize + (configuration.lengthScale == nil ? 0 : 1),
                outputSize: configuration.labels.count, using: &random)
        }

        /// Visits `convolution.…` (if there is one), `rnn.…` and `output.…`.
        public mutating func forEachParameter(
            _ visit: (String, inout Tensor) throws -> Void
        ) rethrows {
            try convolution.forEachParameter(in: "convolution", visit)
            try rnn.forEachParameter(in: "rnn", visit)
            try output.forEachParameter(in: "output", visit)
        }

        /// The class scores, `[B, C]`, of what stands before the networks.
        func callAsFunction(
            _ features: Tensor, lengths: [Int], size: Tensor?, dropout: Double,
            _ random: inout RandomGenerator?
        ) -> Tensor {
            let dropout = Dropout(dropout)
            var x = features
            var lengths = lengths
            if let convolution {
                x = dropout(
                    convolution(x.transposed(1, 2)).relu().transposed(1, 2), using: &random)
                // The kernel's size is odd, so the first window stands on the first step.
                lengths = lengths.map { ($0 + convolution.stride - 1) / convolution.stride }
            }
            let (states, final) = rnn(x, lengths: lengths, dropout: &random)
            let last = final.directions.suffix(rnn.directionCount).map(\.hidden)
            let parts =
                [states.meanOverTime(lengths: lengths), states.maxOverTime(lengths: lengths)] + last
            let vector = dropout(.concatenate(parts, axis: 1), using: &random)
            return output(size.map { .concatenate([vector, $0], axis: 1) } ?? vector)
        }
    }
}

public import MartletNN
public import MartletTensor

/// A recurrent network that forecasts series: from what it has read up to a step, the distributions of the next K values.
///
/// ```text
/// x_t = [value_t, missing_t, covariates_t, u_t, vector of the series]       [B, T, D]
/// u_t = [calendar_t, known covariates_t, values some lags before t]          known K steps ahead, as lags are ≥ K
/// h_t = recurrent layers, forward                                            [B, T, H]
/// z_{t,k} = silu(A h_t + B u_{t+k} + e_k)                                    [B, O, K, M]    at O of the steps
/// r_{t,k} = C (z + silu(E z))                                                [B, O, K, P]
/// r₀ += s_{t+k} + w_k (last value − s_t),  s = Σ_j w_{k,j} (value lag_j before)    a line past the network
/// ```
///
/// All K steps are learned from every step of a window at once, as in MQ-RNN (Wen et al. 2017: "forking sequences"). The line
/// past the network, after LSTNet's (Lai et al. 2018), is a seasonal naive forecast s, moved by a share w_k of what it was off by
/// where the forecast is made: with weights of 1 it moves with the level of the series. With K = 1 each value, or one drawn from
/// its distribution, is read again to give the next (DeepAR, Salinas et al. 2020).
///
/// Weights: `embedding.weight` (if there is one), `encoder.weight_ih_l0` …, `context.weight`, `context.bias`,
/// `future.weight`, `horizon.weight`, `mix.weight`, `mix.bias`, `head.weight`, `head.bias`, `highway.weight`.
public struct Forecaster: Model {
    /// The sizes, and the scales of everything.
    public let configuration: Configuration
    /// A vector for each series, where there are several.
    public var embedding: Embedding?
    /// The recurrent layers.
    public var encoder: RecurrentStack
    /// A and the offset: what a state tells of the future.
    public var context: Linear
    /// B, `[M, U]`: what is known of a future step; nil where nothing is.
    public var future: Linear?
    /// e, `[K, M]`: how far ahead a step is.
    public var horizon: Tensor
    /// E.
    public var mix: Linear
    /// C.
    public var head: Linear
    /// w, `[K, lags + 1]`: the values at the lags, then what they were off by at the last one.
    public var highway: Tensor

    /// A model with random weights, whose line at first gives the mean of the values at the lags, or else the last value; the
    /// network adds nothing to it yet.
    public init(_ configuration: Configuration, using random: inout RandomGenerator) {
        let (H, M, K) = (
            configuration.hiddenSize, configuration.headSize, configuration.horizon
        )
        self.configuration = configuration
        if configuration.embeddingSize > 0 {
            embedding = Embedding(
                vocabularySize: configuration.series.count, size: configuration.embeddingSize,
                deviation: 0.1, using: &random)
        }
        encoder = RecurrentStack(
            cell: configuration.cell,
            inputSize: configuration.stepSize + configuration.embeddingSize, hiddenSize: H,
            layers: configuration.layers, dropout: configuration.dropout, using: &random)
        context = Linear(inputSize: H, outputSize: M, using: &random)
        if configuration.futureSize > 0 {
            future = Linear(
                inputSize: configuration.futureSize, outputSize: M, bias: false, using: &random)
        }
        horizon = random.normal([K, M], standardDeviation: 0.1)
        mix = Linear(inputSize: M, outputSize: M, using: &random)
        head = Linear(
            inputSize: M,
            outputSize: configuration.head.width(levels: configuration.levels.count),
            using: &random)
        // Where the distribution lies, r₀, begins as the line alone.
        let width = head.weight.shape[0]
        let rest = Tensor((0..<width).map { $0 == 0 ? 0 : 1 as Float }, shape: [width, 1])
        head.weight = head.weight * rest
        head.bias = head.bias.map { $0 * rest.reshaped([width]) }
        let lags = configuration.lags.count
        let share = Tensor.full([K, lags], lags == 0 ? 0 : 1 / Double(lags))
        highway = .concatenate([share, .full([K, 1], lags == 0 ? 1 : 0)], axis: 1)
    }

    /// Visits `embedding.…`, `encoder.…`, `context.…`, `future.…`, `horizon.weight`, `mix.…`, `head.…` and
    /// `highway.weight`, where there are such.
    public mutating func forEachParameter(_ visit: (String, inout Tensor) throws -> Void) rethrows {
        try embedding.forEachParameter(in: "embedding", visit)
        try encoder.forEachParameter(in: "encoder", visit)
        try context.forEachParameter(in: "context", visit)
        try future.forEachParameter(in: "future", visit)
        try visit("horizon.weight", &horizon)
        try mix.forEachParameter(in: "mix", visit)
        try head.forEachParameter(in: "head", visit)
        try visit("highway.weight", &highway)
    }

    /// The same model, ready for many short runs; see ``MartletNN/RecurrentStack/prepared``.
    public var prepared: Forecaster {
        var result = self
        result.encoder = encoder.prepared
        return result
    }

    /// The states after each step, `[B, T, H]`, and the state to go on from.
    ///
    /// - Parameters:
    ///   - steps: `[B, T, stepSize]`: the numbers of each step, scaled; see ``Configuration/stepSize``.
    ///   - series: int32 `[B]`: which series each row is of.
    public func encode(
        _ steps: Tensor, series: Tensor, from state: RecurrentState? = nil,
        dropout random: inout RandomGenerator?
    ) -> (output: Tensor, state: RecurrentState) {
        var x = steps
        if let embedding {
            let vectors = embedding(series).expandingDimension(at: 1)
            let size: Shape = [steps.shape[0], steps.shape[1], configuration.embeddingSize]
            x = .concatenate([steps, vectors.broadcast(to: size)], axis: 2)
        }
        return encoder(x, state: state, dropout: &random)
    }

    /// The numbers r of the first K' ≤ K steps after some steps, `[B, O, K', P]`; see ``ForecastHead``.
    ///
    /// - Parameters:
    ///   - states: `[B, O, H]`: the states after these steps.
    ///   - last: `[B, O, stepSize]`: the numbers of these steps: the values there, and those at their lags, are read.
    ///   - future: `[B, F, stepSize]`: the numbers of steps to come, of which only those known ahead are read.
    ///   - places: int32 `[O, K']`: where in `future` the steps after each of the O are.
    public func decode(
        _ states: Tensor, last: Tensor, future steps: Tensor, places: Tensor,
        dropout random: inout RandomGenerator?
    ) -> Tensor {
        let sizes = configuration
        let (B, O, K) = (states.shape[0], states.shape[1], places.shape[1])
        var z = context(states).expandingDimension(at: 2)  // [B, O, 1, M]
        z = z + horizon.slice(axis: 0, 0..<K)  // [B, O, K, M]
        if let future {
            let known = future(steps.slice(axis: 2, sizes.pastSize..<sizes.stepSize))
            z = z + known.gathered(axis: 1, at: places)
        }
        z = z.silu()
        z = z + mix(z).silu()
        if sizes.dropout > 0, random != nil {
            z = z.dropout(probability: sizes.dropout, using: &random!)
        }
        let r = head(z)  // [B, O, K, P]
        let weights = highway.slice(axis: 0, 0..<K)
        let lags = sizes.lags.count
        let share = weights.slice(axis: 1, lags..<lags + 1).reshaped([1, 1, K])
        var location = last.slice(axis: 2, 0..<1) * share  // [B, O, K]
        if lags > 0 {
            let season = weights.slice(axis: 1, 0..<lags)
            func seasonal(_ values: Tensor) -> Tensor { (values * season).sum(axis: 3) }
            let lagged = sizes.lagPlace..<sizes.lagPlace + lags
            let before = last.slice(axis: 2, lagged).expandingDimension(at: 2)  // [B, O, 1, lags]
            let values = steps.slice(axis: 2, lagged).gathered(axis: 1, at: places)
            location = location + seasonal(values) - seasonal(before) * share
        }
        let first = r.slice(axis: 3, 0..<1) + location.reshaped([B, O, K, 1])
        return .concatenate([first, r.slice(axis: 3, 1..<r.shape[3])], axis: 3)
    }

    /// The mean loss of the values after some steps of windows.
    ///
    /// - Parameters:
    ///   - steps: `[B, T, stepSize]`: windows, with the steps to come after the last origin.
    ///   - series: int32 `[B]`.
    ///   - origins: the O steps, each below T − K, after which forecasts are made.
    ///   - targets: `[B, T]`: the values, scaled (counts: themselves); NaN where one is missing or must not be learned from.
    ///   - scales: `[B]`: of counts: the scale of each row's series.
    /// - Returns: a scalar, the mean over the values that are there, and their number.
    public func loss(
        _ steps: Tensor, series: Tensor, origins: [Int], targets: Tensor, scales: Tensor,
        dropout random: inout RandomGenerator?
    ) -> (loss: Tensor, count: Int) {
        let (B, T, K) = (steps.shape[0], steps.shape[1], configuration.horizon)
        precondition(
            origins.allSatisfy { $0 >= 0 && $0 + K < T },
            "a forecaster's loss: origins \(origins) of \(T) steps with a horizon of \(K)")
        let at = Tensor(origins.map(Int32.init))
        let places = Tensor(
            origins.flatMap { origin in (1...K).map { Int32(origin + $0) } },
            shape: [origins.count, K])
        // What comes after the last origin is not read.
        let read = steps.slice(axis: 1, 0..<(origins.max() ?? 0) + 1)
        let (output, _) = encode(read, series: series, dropout: &random)
        let r = decode(
            output.gathered(axis: 1, at: at), last: steps.gathered(axis: 1, at: at),
            future: steps, places: places, dropout: &random)
        let observed = targets.gathered(axis: 1, at: places)  // [B, O, K]
        let count = observed.cast(to: .float32).scalars(as: Float.self).count { !$0.isNaN }
        let losses = losses(r, of: observed, scale: scales.reshaped([B, 1, 1]))
        return (losses.sum() * (1 / Double(max(count, 1))), count)
    }

    /// −log p of observed values `[…]` under numbers r `[…, P]`, or their quantile loss; 0 where one is missing.
    ///
    /// - Parameter scale: of counts: the scale of each series, of a shape that broadcasts to `[…]`.
    public func losses(_ r: Tensor, of observed: Tensor, scale: Tensor) -> Tensor {
        configuration.head.loss(
            r, of: observed, levels: configuration.levels, scale: scale)
    }

    /// Forecasts of named tensors: `steps [B, T, stepSize]` (scaled) and `future [B, K, stepSize]`, and of several series
    /// `series [B]` (int32 or int64), give `forecast [B, K, P]`: the parameters of a distribution in the order of
    /// ``ForecastHead``, or quantiles, in scaled values.
    ///
    /// - Throws: ``ModelError`` for a tensor that is missing, unknown, or of another shape or type, or a series that there
    ///   is not.
    public func run(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
        var reader = InputReader(inputs)
        let (D, K) = (configuration.stepSize, configuration.horizon)
        let steps = try reader.take("steps", .float32, [nil, nil, D])
        let (B, T) = (steps.shape[0], steps.shape[1])
        let future = try reader.take("future", .float32, [B, K, D])
        let series =
            configuration.embeddingSize > 0
            ? try reader.takeNumbers("series", below: configuration.series.count, shape: [B])
            : Tensor.zeros([B], dtype: .int32)
        try reader.finish()
        guard T > 0 else {
            throw ModelError("input tensor \"steps\" has no step: expected at least one")
        }
        var none: RandomGenerator?
        let (output, _) = encode(steps, series: series, dropout: &none)
        let end = T - 1
        let r = decode(
            output.slice(axis: 1, end..<end + 1),
            last: steps.slice(axis: 1, end..<end + 1), future: future,
            places: Tensor((0..<Int32(K)).map { $0 }, shape: [1, K]), dropout: &none
        ).reshaped([B, K, -1])
        let scales = Tensor(
            series.scalars(as: Int32.self).map {
                Float(configuration.series[Int($0)].deviation)
            }, shape: [B, 1])
        return ["forecast": parameters(r, scale: scales)]
    }

    /// The parameters of distributions from numbers r `[…, P]`, or quantiles, innermost; see ``ForecastHead``.
    ///
    /// - Parameter scale: of counts: the scale of each series, of a shape that broadcasts to `[…]`.
    public func parameters(_ r: Tensor, scale: Tensor) -> Tensor {
        let parts = configuration.head.parameters(r, levels: configuration.levels, scale: scale)
        return configuration.head == .quantile ? parts[0] : .stack(parts, axis: r.rank - 1)
    }
}

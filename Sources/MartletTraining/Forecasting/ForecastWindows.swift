import MartletModels
import MartletTensor

/// Which windows of which series a step of training reads: it follows from the seed and the step alone.
struct ForecastWindows: Sendable {
    /// Keeps these random numbers apart from the others of the same seed.
    private static let stream: UInt64 = 1 << 62

    let series: [SeriesNumbers]
    /// The steps of each series to learn from, from its begin on.
    let ends: [Int]
    let configuration: Forecaster.Configuration
    /// Steps that are read before the first origin.
    let context: Int
    /// Origins of a window.
    let origins: Int
    let batch: Int
    let seed: UInt64
    /// The deviation of what each window is moved up or down by.
    let levelNoise: Double
    /// The windows so far of all series, to draw them by.
    private let starts: [Int]

    init(
        _ series: [SeriesNumbers], ends: [Int], _ configuration: Forecaster.Configuration,
        context: Int, origins: Int, batch: Int, seed: UInt64, levelNoise: Double = 0
    ) {
        self.series = series
        self.ends = ends
        self.configuration = configuration
        self.context = context
        self.origins = origins
        self.batch = batch
        self.seed = seed
        self.levelNoise = levelNoise
        let length = 2 * context + configuration.horizon
        var total = 0
        starts = ends.map { end in
            total += max(1, end - length + 1)
            return total
        }
    }

    /// One batch, as ``Forecaster/loss(_:series:origins:targets:scales:dropout:)`` takes it.
    struct Batch {
        var steps: Tensor
        var series: Tensor
        var origins: [Int]
        var targets: Tensor
        var scales: Tensor
    }

    /// The batch of a step, counted from 0 over the whole run.
    func batch(at step: Int) -> Batch {
        var random = RandomGenerator(seed: seed, stream: Self.stream + UInt64(step))
        let ahead = configuration.horizon
        let length = 2 * context + ahead
        let drawn = random.integers([batch], in: 0..<Int64(starts.last ?? 1))
            .scalars(as: Int64.self).map(Int.init)
        let windows = drawn.map { number -> (series: Int, start: Int) in
            let place = starts.firstIndex { number < $0 } ?? 0
            return (place, number - (place == 0 ? 0 : starts[place - 1]))
        }
        let spread = random.permutation(context).prefix(origins).sorted()
        let moves =
            levelNoise == 0
            ? [Float](repeating: 0, count: batch)
            : random.normal([batch], standardDeviation: levelNoise).scalars(as: Float.self)
        let targets = zip(windows, moves).flatMap { window, move -> [Float] in
            let (values, end) = (series[window.series].targets, ends[window.series])
            return (window.start..<window.start + length).map {
                $0 < end ? values[$0] + move : .nan
            }
        }
        var steps = SeriesNumbers.tensor(
            windows.map { (series[$0.series], $0.start, ends[$0.series]) }, length: length,
            width: configuration.stepSize)
        if levelNoise > 0 { move(&steps, by: moves, length: length) }
        return Batch(
            steps: steps,
            series: Tensor(windows.map { Int32(series[$0.series].place) }),
            origins: spread.map { context - 1 + $0 },
            targets: Tensor(targets, shape: [batch, length]),
            scales: Tensor(windows.map { Float(series[$0.series].scale.deviation) }))
    }

    /// Moves all values of each window, and those at the lags.
    private func move(_ steps: inout Tensor, by moves: [Float], length: Int) {
        let (sizes, width) = (configuration, configuration.stepSize)
        steps.mutateBytes { bytes in
            let numbers = bytes.bindMemory(to: Float.self)
            for row in 0..<batch * length {
                let (start, move) = (row * width, moves[row / length])
                numbers[start] += move
                let (place, lags) = (start + sizes.lagPlace, sizes.lags.count)
                // Where no lag has a value, all are shown as the mean, wherever that is.
                guard numbers[place + lags..<place + 2 * lags].contains(0) else { continue }
                for lag in place..<place + lags { numbers[lag] += move }
            }
        }
    }
}

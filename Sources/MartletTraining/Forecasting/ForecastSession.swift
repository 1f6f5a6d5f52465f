public import MartletData
import MartletModels
import MartletNN
import MartletTensor

/// What is said of the steps to come of one series.
public struct ForecastSteps: Sendable, Equatable {
    /// The times of the steps.
    public var times: [CalendarTime]
    /// The medians.
    public var median: [Double]
    /// The quantiles of the levels asked for, `[step][level]`.
    public var quantiles: [[Double]]
}

/// A series that is read step by step, and at any moment forecast.
///
/// A value: a copy goes its own way. What was read in pieces, of whatever size, gives the forecasts of what was read as a
/// whole, bit for bit; each step costs one step of the network, however long the series is.
public struct ForecastSession: Sendable {
    private let model: Forecaster
    private let step: SeriesStep
    private let gaps: SeriesRules.Gaps
    private let place: Int
    private var numbers: StepNumbers
    private var state: RecurrentState?
    /// The state after the last step, `[1, 1, H]`.
    private var output: Tensor?
    /// The time of the last step.
    public private(set) var time: CalendarTime?
    /// The steps read so far.
    public private(set) var count = 0
    /// The day of the month that steps of months lie on; 31 for the last one.
    private var monthDay: Int?

    init(_ forecaster: TrainedForecaster, place: Int) {
        model = forecaster.model
        step = forecaster.step
        gaps = forecaster.gaps
        self.place = place
        numbers = StepNumbers(model.configuration, series: place)
    }

    private var sizes: Forecaster.Configuration { model.configuration }

    /// Reads the next steps; future steps of a file, whose target is not there yet, must not be among them.
    public mutating func read(_ series: TimeSeries) {
        guard series.count > 0 else { return }
        var rows: [Float] = []
        rows.reserveCapacity(series.count * sizes.stepSize)
        for at in 0..<series.count {
            note(series.times[at])
            rows += numbers.append(
                time: series.times[at], target: series.target[at],
                covariates: series.covariates.map { $0[at] }, known: series.known.map { $0[at] })
        }
        feed(Tensor(rows, shape: [1, series.count, sizes.stepSize]))
    }

    private mutating func note(_ next: CalendarTime) {
        // A month whose last day comes before the usual one says nothing about the day.
        if !next.isLastOfMonth {
            monthDay = next.date.day
        } else if monthDay == nil || next.date.day > monthDay! {
            monthDay = 31
        }
        time = next
        count += 1
    }

    private mutating func feed(_ steps: Tensor) {
        var none: RandomGenerator?
        let (output, next) = model.encode(
            steps, series: Tensor([Int32(place)]), from: state, dropout: &none)
        state = next
        let end = output.shape[1]
        self.output = output.slice(axis: 1, end - 1..<end).contiguous()
    }

    /// Why a time cannot be that of the next step; nil if it can.
    public func problem(with next: CalendarTime) -> String? {
        guard let time else { return nil }
        guard let steps = step.count(from: time, to: next), steps > 0 else {
            return
                "\(next) is no whole number of steps after \(time), the last one; the series is \(step)"
        }
        guard steps > 1, gaps != .closed else { return nil }
        return
            "\(next) follows \(time), and \(steps - 1) steps between have no row; give each step a row, with an empty value where it is missing"
    }

    /// The times of the next steps.
    public func times(_ steps: Int) -> [CalendarTime] {
        guard let time else { return [] }
        return (1...max(steps, 1)).prefix(steps).map {
            step.advance(time, by: $0, day: monthDay)
        }
    }

    // MARK: Forecasts

    /// Forecasts the steps after those that were read.
    ///
    /// - Parameters:
    ///   - steps: how many; at most the model's horizon, unless it is recursive.
    ///   - times: the times of the steps; nil: those that follow.
    ///   - known: the known covariates of the steps, an array each.
    ///   - levels: the levels of the quantiles.
    ///   - paths: of a recursive model: how many series are drawn.
    ///   - seed: where a recursive model's random numbers come from.
    /// - Throws: ``ForecastError``.
    public func forecast(
        _ steps: Int, times: [CalendarTime]? = nil, known: [[Double]] = [], levels: [Double],
        paths: Int = 200, seed: UInt64 = 0
    ) throws(ForecastError) -> ForecastSteps {
        guard let output, count > 0 else {
            throw ForecastError("nothing was read yet: a forecast needs at least one step")
        }
        let isRecursive = sizes.canFeedBack
        guard steps >= 1, isRecursive || steps <= sizes.horizon else {
            throw ForecastError(
                "the model forecasts \(sizes.horizon) steps at once: \(steps) were asked for; train with --horizon \(steps), or with --mode recursive for any number"
            )
        }
        guard known.count == sizes.known.count, known.allSatisfy({ $0.count >= steps }) else {
            throw ForecastError(
                "the model needs the known covariates \(sizes.known.map(\.name)) of all \(steps) steps to come: there are \(known.map(\.count).min() ?? 0); add rows of the future with times and known covariates, and an empty target"
            )
        }
        let times = times ?? self.times(steps)
        precondition(times.count == steps, "a forecast of \(steps) steps at \(times.count) times")
        let all = levels + [0.5]
        let values =
            isRecursive && steps > 1
            ? drawn(output, times, known, levels: all, paths: paths, seed: seed)
            : direct(output, times, known, levels: all)
        return ForecastSteps(
            times: times, median: values.map { $0[levels.count] },
            quantiles: values.map { Array($0.prefix(levels.count)) })
    }

    /// The known covariates of one step.
    private static func at(_ step: Int, _ known: [[Double]]) -> [Double] { known.map { $0[step] } }

    /// All steps at once.
    private func direct(
        _ output: Tensor, _ times: [CalendarTime], _ known: [[Double]], levels: [Double]
    ) -> [[Double]] {
        let ahead = times.count
        let rows = (0..<ahead).flatMap {
            numbers.ahead(time: times[$0], known: Self.at($0, known), steps: $0 + 1)
        }
        var none: RandomGenerator?
        let r = model.decode(
            output, last: Tensor(numbers.lastStep, shape: [1, 1, sizes.stepSize]),
            future: Tensor(rows, shape: [1, ahead, sizes.stepSize]),
            places: Tensor((0..<ahead).map(Int32.init), shape: [1, ahead]), dropout: &none)
        return parameters(r).map { one in levels.map { quantile($0, of: one) } }
    }

    /// The parameters of distributions, row by row.
    private func parameters(_ r: Tensor) -> [[Double]] {
        let scale = Tensor([Float(numbers.scale.deviation)], shape: [1, 1, 1])
        let found = model.parameters(r, scale: scale)
        let width = found.shape[found.rank - 1]
        let values = found.scalars(as: Float.self)
        return stride(from: 0, to: values.count, by: width).map {
            values[$0..<$0 + width].map(Double.init)
        }
    }

    /// A quantile in the units of the series.
    private func quantile(_ level: Double, of parameters: [Double]) -> Double {
        let value = sizes.head.quantile(level, of: parameters, levels: sizes.levels)
        return sizes.head == .negativeBinomial
            ? value : numbers.scale.mean + numbers.scale.deviation * value
    }

    /// Step by step: each path draws a value from its distribution, and reads it before the next.
    private func drawn(
        _ output: Tensor, _ times: [CalendarTime], _ known: [[Double]], levels: [Double],
        paths: Int, seed: UInt64
    ) -> [[Double]] {
        var random = RandomGenerator(seed: seed)
        var none: RandomGenerator?
        let series = Tensor([Int32](repeating: Int32(place), count: paths))
        let wide: (Tensor) -> Tensor = { tensor in
            tensor.broadcast(to: [paths, tensor.shape[1]]).contiguous()
        }
        var state = state.map { $0.with(tensors: $0.tensors.map(wide)) }
        var output = output.broadcast(to: [paths, 1, output.shape[2]]).contiguous()
        var ways = [StepNumbers](repeating: numbers, count: paths)
        return times.indices.map { step -> [Double] in
            let now = Self.at(step, known)
            let rows = ways.flatMap { $0.ahead(time: times[step], known: now, steps: 1) }
            let r = model.decode(
                output,
                last: Tensor(ways.flatMap(\.lastStep), shape: [paths, 1, sizes.stepSize]),
                future: Tensor(rows, shape: [paths, 1, sizes.stepSize]),
                places: Tensor([0] as [Int32], shape: [1, 1]), dropout: &none)
            let values = parameters(r).map { one -> Double in
                // Above 0, whose quantile is infinite.
                quantile(max(random.fraction(), 0x1p-54), of: one)
            }
            let read = zip(ways.indices, values).flatMap { way, value in
                ways[way].append(
                    time: times[step], target: value, covariates: [], known: now)
            }
            let (next, after) = model.encode(
                Tensor(read, shape: [paths, 1, sizes.stepSize]), series: series, from: state,
                dropout: &none)
            output = next
            state = after
            return Self.quantiles(of: values, levels)
        }
    }

    /// Quantiles of drawn values, between neighbours in proportion.
    private static func quantiles(of values: [Double], _ levels: [Double]) -> [Double] {
        let sorted = values.sorted()
        return levels.map { level in
            let place = level * Double(sorted.count - 1)
            let low = Int(place)
            let high = min(low + 1, sorted.count - 1)
            return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
        }
    }
}

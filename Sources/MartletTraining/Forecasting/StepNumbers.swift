import MartletData
import MartletModels

/// Turns the steps of one series, one after another, into the numbers that a ``Forecaster`` reads.
///
/// A step's numbers come from itself and those before it: what comes later cannot be in them. A missing value is shown as
/// the last one there was (0, the mean, before any), and beside it 1 says that it is missing; one at a lag as that of another
/// lag, the next shorter one that has a value, then the next longer one, or as 0 if none has.
struct StepNumbers: Sendable {
    private let sizes: Forecaster.Configuration
    private let calendar: CalendarFeatures
    /// The scale of the series.
    let scale: ColumnScale
    /// The scaled values so far, NaN where missing: the last ones, as many as the lags reach.
    private(set) var memory: [Float] = []
    private let reach: Int
    /// The last value that was there, and those of the covariates.
    private var last: [Float]
    /// The numbers of the last step; before any, those of a step that shows nothing.
    private(set) var lastStep: [Float]

    init(_ configuration: Forecaster.Configuration, series: Int) {
        sizes = configuration
        calendar = Self.calendar(of: configuration)
        scale = configuration.series[series]
        reach = configuration.lags.max() ?? 0
        last = [Float](repeating: 0, count: 1 + configuration.covariates.count)
        lastStep = [Float](repeating: 0, count: configuration.stepSize)
    }

    /// The features of the calendar that a network was made for.
    static func calendar(of configuration: Forecaster.Configuration) -> CalendarFeatures {
        CalendarFeatures(
            step: SeriesStep(code: configuration.step) ?? .day,
            hasYear: configuration.calendar.contains { $0.hasPrefix("season") })
    }

    /// A value as the network sees it.
    func scaled(_ value: Double) -> Float { Float((value - scale.mean) / scale.deviation) }

    /// The numbers of the next step.
    mutating func append(
        time: CalendarTime, target: Double, covariates: [Double], known: [Double]
    ) -> [Float] {
        append(
            time: time, scaledTarget: scaled(target), covariates: covariates, known: known)
    }

    /// The numbers of the next step, with a target that is scaled already.
    mutating func append(
        time: CalendarTime, scaledTarget target: Float, covariates: [Double], known: [Double]
    ) -> [Float] {
        let future = ahead(time: time, known: known, steps: 1)
        var numbers: [Float] = []
        numbers.reserveCapacity(sizes.stepSize)
        let columns = zip(covariates, sizes.covariates).map {
            Float(($0 - $1.mean) / $1.deviation)
        }
        for (place, value) in ([target] + columns).enumerated() {
            if !value.isNaN { last[place] = value }
            numbers.append(last[place])
            numbers.append(value.isNaN ? 1 : 0)
        }
        memory.append(target)
        if memory.count > 2 * reach + 64 { memory.removeFirst(memory.count - reach) }
        lastStep = numbers + future.dropFirst(sizes.pastSize)
        return lastStep
    }

    /// The numbers of a step to come, of which what only the past has is 0.
    ///
    /// - Parameter steps: how far ahead it is; at most the smallest lag.
    func ahead(time: CalendarTime, known: [Double], steps: Int) -> [Float] {
        var numbers = [Float](repeating: 0, count: sizes.pastSize)
        numbers.reserveCapacity(sizes.stepSize)
        for value in calendar.values(of: time) { numbers.append(Float(value)) }
        for (value, scale) in zip(known, sizes.known) {
            numbers.append(Float((value - scale.mean) / scale.deviation))
        }
        let seen = sizes.lags.map { lag -> Float in
            let place = memory.count - 1 + steps - lag
            return place >= 0 && place < memory.count ? memory[place] : .nan
        }
        for place in seen.indices {
            let nearest = seen[...place].reversed() + seen[place...]
            numbers.append(nearest.first { !$0.isNaN } ?? 0)
        }
        return numbers + seen.map { $0.isNaN ? 1 : 0 }
    }
}

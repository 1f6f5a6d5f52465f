import MartletData
import MartletModels
import MartletTensor

/// A whole series as a ``Forecaster`` reads it, to learn from and to be judged on.
struct SeriesNumbers: Sendable {
    /// The place of the series among those that the model knows.
    let place: Int
    /// The numbers of all steps, `[T, stepSize]`, row by row.
    let steps: [Float]
    /// The values, scaled (counts: themselves); NaN where missing.
    let targets: [Float]
    /// The series itself.
    let series: TimeSeries
    /// The scale of the series.
    let scale: ColumnScale

    /// The values as they are.
    var values: [Double] { series.target }
    /// The number of steps.
    var count: Int { targets.count }

    init(_ series: TimeSeries, _ configuration: Forecaster.Configuration, place: Int) {
        var numbers = StepNumbers(configuration, series: place)
        var steps: [Float] = []
        steps.reserveCapacity(series.count * configuration.stepSize)
        for at in 0..<series.count {
            steps += numbers.append(
                time: series.times[at], target: series.target[at],
                covariates: series.covariates.map { $0[at] }, known: series.known.map { $0[at] })
        }
        self.place = place
        self.steps = steps
        self.series = series
        scale = configuration.series[place]
        targets =
            configuration.head == .negativeBinomial
            ? series.target.map { Float($0) } : series.target.map(numbers.scaled)
    }

    /// A scaled forecast as a value of the series.
    func value(_ scaled: Double, _ head: ForecastHead) -> Double {
        head == .negativeBinomial ? scaled : scale.mean + scale.deviation * scaled
    }
}

extension SeriesNumbers {
    /// Steps of several series side by side, `[B, T, stepSize]`; those from a series' `end` on are 0.
    static func tensor(
        _ windows: [(series: SeriesNumbers, start: Int, end: Int)], length: Int, width: Int
    ) -> Tensor {
        Tensor(shape: [windows.count, length, width], dtype: .float32) { bytes in
            let all = bytes.bindMemory(to: Float.self)
            all.initialize(repeating: 0)
            for (row, window) in windows.enumerated() {
                let there = max(0, min(length, window.end - window.start))
                window.series.steps.withUnsafeBufferPointer { steps in
                    let from = steps[window.start * width..<(window.start + there) * width]
                    _ = UnsafeMutableBufferPointer(
                        rebasing: all[row * length * width..<(row + 1) * length * width]
                    ).update(fromContentsOf: from)
                }
            }
        }
    }
}

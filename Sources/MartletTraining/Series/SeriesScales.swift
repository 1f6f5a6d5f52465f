import MartletData
import MartletModels

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The means and deviations of series, taken over the cases to learn from and no others.
struct SeriesScales {
    /// The mean of each channel.
    let means: [Double]
    /// The deviation of each channel; 1 for one that never changes.
    let deviations: [Double]
    /// The deviation of each scaled channel's difference from step to step; 1 where there is none.
    let differenceDeviations: [Double]
    /// The mean and the deviation of the logarithms of the lengths.
    let lengthScale: SeriesClassifier.LengthScale

    /// The scales of some cases.
    init(_ cases: [SeriesCase]) {
        let width = cases[0].channels
        func spread(_ values: some Sequence<Double>) -> (mean: Double, deviation: Double) {
            var (sum, count) = (0.0, 0)
            for value in values { (sum, count) = (sum + value, count + 1) }
            guard count > 0 else { return (0, 1) }
            let mean = sum / Double(count)
            let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let deviation = (squares / Double(count)).squareRoot()
            // What rounding leaves of a channel that never changes is not a deviation.
            return (mean, deviation > 1e-9 * max(abs(mean), 1e-9) ? deviation : 1)
        }
        let channels = (0..<width).map { channel in
            spread(
                cases.lazy.flatMap { item in
                    (0..<item.length).lazy.map { item.values[$0 * width + channel] }
                })
        }
        means = channels.map(\.mean)
        deviations = channels.map(\.deviation)
        differenceDeviations = channels.indices.map { channel in
            spread(
                cases.lazy.flatMap { item in
                    (1..<max(item.length, 1)).lazy.map {
                        (item.values[$0 * width + channel] - item.values[($0 - 1) * width + channel])
                            / channels[channel].deviation
                    }
                }
            ).deviation
        }
        let lengths = spread(cases.map { log(Double($0.length)) })
        lengthScale = .init(mean: lengths.mean, deviation: lengths.deviation)
    }

    /// The cases with each channel as the networks read it.
    func scaled(_ cases: [SeriesCase]) -> [SeriesCase] {
        let width = means.count
        return cases.map { item in
            SeriesCase(
                values: item.values.enumerated().map { place, value in
                    (value - means[place % width]) / deviations[place % width]
                }, length: item.length, label: item.label, line: item.line)
        }
    }
}

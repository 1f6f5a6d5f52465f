public import MartletData

/// A value beside what was forecast of it one step before.
public struct JudgedValue: Sendable, Equatable {
    /// The time.
    public var time: CalendarTime
    /// The value.
    public var value: Double
    /// The median of its forecast.
    public var expected: Double
    /// The lower edge of the band.
    public var low: Double
    /// The upper edge of the band.
    public var high: Double
    /// How far the value is from the median, the band's edge on that side being 1.
    public var score: Double
    /// Whether the score is above the threshold.
    public var isAnomalous: Bool
}

/// Finds values that a forecaster did not expect, one step ahead.
///
/// The threshold is chosen on clean data that the model has not learned from: the score that a value of such data exceeds
/// with the probability asked for (a conformal bound: with n clean values, the ⌈(1 − rate)(n + 1)⌉-th of their scores). A value
/// above it is reported, and its forecast is read in its place, so that it does not make the values after it look strange. That
/// ends with the third in a row: what stays is a new level, which is read as it is and followed.
public struct AnomalyDetection: Sendable {
    /// The forecaster.
    public let forecaster: TrainedForecaster
    /// Scores above it are anomalous.
    public let threshold: Double

    /// The band that is 1 wide on each side.
    private static let levels = [0.1, 0.9]
    /// How many values in a row may be anomalous before they are read as they are.
    private static let longestRow = 2

    /// A detection with a known threshold.
    public init(_ forecaster: TrainedForecaster, threshold: Double) {
        self.forecaster = forecaster
        self.threshold = threshold
    }

    /// A detection whose threshold clean data give.
    ///
    /// - Parameters:
    ///   - clean: series without anomalies, best such as the model has not learned from.
    ///   - skipped: of each series, steps that are read, but not judged.
    ///   - rate: the share of clean values that may be reported.
    /// - Throws: ``ForecastError`` if there are fewer than 1 / rate clean values, or a series is unknown.
    public init(
        _ forecaster: TrainedForecaster, clean: SeriesTable, skipping skipped: Int, rate: Double
    ) throws(ForecastError) {
        precondition(rate > 0 && rate < 1, "a rate of false alarms of \(rate)")
        self.forecaster = forecaster
        let open = AnomalyDetection(forecaster, threshold: .infinity)
        var scores: [Double] = []
        for series in clean.series {
            scores += try open.judged(series, skipping: skipped).map(\.score)
        }
        scores.sort()
        let place = Int(((1 - rate) * Double(scores.count + 1)).rounded(.up))
        guard place >= 1, place <= scores.count else {
            throw ForecastError(
                "\(clean.source) has \(scores.count) values to judge: a rate of false alarms of \(rate) needs at least \(Int((1 / rate).rounded(.up))); give more clean data, or a higher --rate"
            )
        }
        threshold = scores[place - 1]
    }

    /// Every value of a series that is there, judged in order.
    ///
    /// - Parameter skipped: the steps at the begin that are read, but not judged: at least 1.
    /// - Throws: ``ForecastError`` for a series that the model does not know.
    public func judged(
        _ series: TimeSeries, skipping skipped: Int
    ) throws(ForecastError) -> [JudgedValue] {
        let first = max(skipped, 1)
        guard series.count > first else { return [] }
        var session = try forecaster.session(of: series.name)
        session.read(series.slice(0..<first))
        var result: [JudgedValue] = []
        var inRow = 0
        for step in first..<series.count {
            var row = series.slice(step..<step + 1)
            if !row.target[0].isNaN {
                let found = try session.forecast(
                    1, times: row.times, known: row.known, levels: Self.levels)
                let value = judged(row, found)
                inRow = value.isAnomalous ? inRow + 1 : 0
                if (1...Self.longestRow).contains(inRow) { row.target[0] = value.expected }
                result.append(value)
            }
            session.read(row)
        }
        return result
    }

    private func judged(_ row: TimeSeries, _ forecast: ForecastSteps) -> JudgedValue {
        let (value, median) = (row.target[0], forecast.median[0])
        let (low, high) = (forecast.quantiles[0][0], forecast.quantiles[0][1])
        let edge = value >= median ? high - median : median - low
        // A band without width on this side makes every distance infinite, and no distance 0.
        let score = value == median ? 0 : abs(value - median) / max(edge, 0)
        return JudgedValue(
            time: row.times[0], value: value, expected: median, low: low, high: high, score: score,
            isAnomalous: score > threshold)
    }
}

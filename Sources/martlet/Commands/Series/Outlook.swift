import MartletData
import MartletModels
import MartletTraining

/// Forecasts of series as `martlet forecast` prints them.
struct Outlook {
    /// The forecast of one series.
    struct Forecast: Encodable {
        var series: String
        /// The last time that was read.
        var origin: String
        var steps: [Step]

        /// One step to come.
        struct Step: Encodable {
            var time: String
            var median: Double
            var quantiles: [Double]
        }
    }

    let forecaster: TrainedForecaster
    /// The steps; nil: those that the model was trained for.
    let horizon: Int?
    let levels: [Double]
    /// The first time that must not be read; nil: none.
    let from: CalendarTime?
    let paths: Int
    let seed: UInt64

    private var steps: Int { horizon ?? forecaster.model.configuration.horizon }

    /// Reads a series of a file to its last value, or to the time given, and forecasts what comes then.
    func forecast(
        _ series: TimeSeries, of source: String
    ) throws -> (ForecastSession, Forecast) {
        var session = try forecaster.session(of: series.name)
        let end = count(series)
        guard end > 0 else {
            throw DataError(
                source,
                "series \"\(series.name)\" has no value\(from.map { " before \($0)" } ?? ""): a forecast needs at least one"
            )
        }
        session.read(series.slice(0..<end))
        let future = series.slice(end..<series.count)
        return (session, try forecast(from: session, named: series.name, future: future))
    }

    /// The steps of a series that are read.
    private func count(_ series: TimeSeries) -> Int {
        guard let from else { return series.observedCount }
        return min(series.observedCount, series.times.firstIndex { $0 >= from } ?? series.count)
    }

    /// Forecasts what comes after the steps that a session has read.
    ///
    /// - Parameter future: steps of the file beyond them, for their times and known covariates.
    func forecast(
        from session: ForecastSession, named name: String, future: TimeSeries? = nil
    ) throws -> Forecast {
        // Times of the file where it has them all: an exchange's closed days are in no calendar.
        let listed = future.flatMap { $0.count >= steps ? Array($0.times.prefix(steps)) : nil }
        let known = future.map { $0.known } ?? []
        let found = try session.forecast(
            steps, times: listed, known: known, levels: levels, paths: paths, seed: seed)
        return Forecast(
            series: name, origin: session.time?.description ?? "",
            steps: found.times.indices.map {
                Forecast.Step(
                    time: found.times[$0].description, median: found.median[$0],
                    quantiles: found.quantiles[$0])
            })
    }

    /// The lines of a CSV file.
    func csv(_ forecasts: [Forecast]) -> [String] {
        let name = forecaster.columns.series
        let head =
            (name.map { [$0.csvField] } ?? []) + [forecaster.columns.time.csvField, "median"]
            + levels.map { "q\($0)" }
        return [head.joined(separator: ",")]
            + forecasts.flatMap { forecast in
                forecast.steps.map { step in
                    let cells =
                        (name == nil ? [] : [forecast.series.csvField]) + [step.time]
                        + ([step.median] + step.quantiles).map { "\($0)" }
                    return cells.joined(separator: ",")
                }
            }
    }

    /// A picture of a forecast, with what came before and, where the file has it, what came then.
    func picture(_ forecast: Forecast, of series: TimeSeries) -> String {
        let end = count(series)
        let start = max(0, end - max(3 * forecast.steps.count, 24))
        let after = (0..<forecast.steps.count).map { step -> Double in
            end + step < series.count ? series.target[end + step] : .nan
        }
        return ForecastPicture(
            title: "Forecast of \(series.name.isEmpty ? forecaster.columns.target : series.name)",
            times: series.times[start..<end].map(\.description) + forecast.steps.map(\.time),
            truth: (series.target[start..<end] + after).map { $0.isNaN ? nil : $0 },
            before: end - start, median: forecast.steps.map(\.median),
            low: forecast.steps.map { $0.quantiles.min() ?? $0.median },
            high: forecast.steps.map { $0.quantiles.max() ?? $0.median }
        ).svg
    }
}

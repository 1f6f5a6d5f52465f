public import MartletData
import MartletModels
import MartletTensor

/// A trained forecaster among the methods of a back-test.
///
/// It is never fitted: what it learned, it learned before. So the origins have to lie in the span that its training kept for the
/// test; ``span(_:of:model:)`` sees to it.
public struct ForecasterMethod: SeriesForecaster {
    /// `model`.
    public var name: String { "model" }
    /// What it does.
    public let summary: String
    private let forecaster: TrainedForecaster
    /// What was read of the series under way.
    private var session: (series: String, session: ForecastSession)?

    /// A method of the forecaster of a run folder.
    public init(_ forecaster: TrainedForecaster, folder: String) {
        self.forecaster = forecaster
        let sizes = forecaster.model.configuration
        summary = "the trained forecaster \(Markup.lastPart(of: folder)), \(sizes.cell.rawValue)"
    }

    /// Forgets what was read.
    public mutating func fit(_ history: TimeSeries) {}

    /// Reads what the history has more than the one before, and forecasts from there.
    ///
    /// - Throws: ``ForecastError`` for a series that it does not know, or a horizon that it does not reach.
    public mutating func forecast(
        _ context: ForecastContext, levels: [Double]
    ) throws -> SeriesForecast {
        let history = context.history
        if session?.series != history.name || session!.session.count > history.count {
            session = (history.name, try forecaster.session(of: history.name))
        }
        var reading = session!.session
        reading.read(history.slice(reading.count..<history.count))
        session = (history.name, reading)
        let found = try reading.forecast(
            context.horizon, times: context.times, known: context.known, levels: levels)
        return SeriesForecast(point: found.median, quantiles: found.quantiles)
    }

    /// The last steps of each series that a back-test may judge the model on.
    ///
    /// - Parameters:
    ///   - wanted: the steps that were asked for; nil: those that the training kept for the test.
    ///   - folder: the model's run folder.
    /// - Returns: `wanted`, or where that is nil the steps of the test; nil for data that the model did not learn from.
    /// - Throws: ``TrainingError/doesNotFit(_:)`` if the model learned from some of them, or was chosen by them.
    public static func span(
        _ wanted: Int?, of table: SeriesTable, model folder: String
    ) throws -> Int? {
        guard let record = ForecasterRecord.read(from: folder),
            record.data.sha256 == table.sha256
        else { return wanted }
        let kept = record.options.test
        guard let wanted = wanted ?? (kept > 0 ? kept : nil), wanted <= kept else {
            throw TrainingError.doesNotFit(
                "\(table.source): the model in \(folder) learned from these data, or was chosen by them, and kept the last \(kept) steps for the test: give --span of at most that, or train with a larger --test"
            )
        }
        return wanted
    }
}

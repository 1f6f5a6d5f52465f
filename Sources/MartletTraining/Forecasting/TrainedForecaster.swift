public import MartletData
public import MartletModels

/// Why a forecast cannot be made: what, where, found against expected, and what to do.
public struct ForecastError: Error, Equatable, CustomStringConvertible {
    /// The whole sentence.
    public let description: String

    /// An error of that text.
    public init(_ description: String) { self.description = description }
}

/// A forecaster of a run folder, ready to read series.
public struct TrainedForecaster: Sendable {
    /// The network, laid out for short runs.
    public let model: Forecaster
    /// The span of a step.
    public let step: SeriesStep
    /// Whether rows are steps however far apart, as the training data had it.
    public let gaps: SeriesRules.Gaps

    /// Loads the model of a run folder.
    ///
    /// - Throws: `ModelError` or `StoreError`: which file, what is wrong with it, what was expected.
    public init(contentsOf folder: String) throws {
        try self.init(
            ModelFolder.load(Forecaster.self, from: folder),
            gaps: ForecasterRecord.read(from: folder)?.data.rules.gaps ?? .refuse, folder: folder)
    }

    /// A forecaster of a model in memory.
    init(_ model: Forecaster, gaps: SeriesRules.Gaps, folder: String) throws {
        self.model = model.prepared
        self.gaps = gaps
        guard let step = SeriesStep(code: model.configuration.step) else {
            throw ModelError(
                "\(folder)/config.json: step is \"\(model.configuration.step)\": expected a span such as 30min, 1h, 1d, 1month"
            )
        }
        self.step = step
        let calendar = StepNumbers.calendar(of: model.configuration)
        guard model.configuration.calendar == calendar.names else {
            throw ModelError(
                "\(folder)/config.json: calendar is \(model.configuration.calendar): this version's features of \(step.code) steps are \(calendar.names)"
            )
        }
    }

    /// The columns that the model was trained with.
    public var columns: SeriesColumns {
        let sizes = model.configuration
        return SeriesColumns(
            time: sizes.timeColumn, target: sizes.targetColumn, series: sizes.seriesColumn,
            covariates: sizes.covariates.map(\.name), known: sizes.known.map(\.name))
    }

    /// How a file for this model is read: with the model's step.
    public var rules: SeriesRules { SeriesRules(gaps: gaps, step: step) }

    /// Whether values are fed back to reach steps beyond the next.
    public var isRecursive: Bool { model.configuration.canFeedBack }

    /// A session of a series that the model knows; it has read nothing yet.
    ///
    /// - Throws: ``ForecastError`` for a name that was not among those in training.
    public func session(of series: String) throws(ForecastError) -> ForecastSession {
        let known = model.configuration.series.map(\.name)
        guard let place = known.firstIndex(of: series) else {
            throw ForecastError(
                "series \"\(series)\" was not among those that the model learned from: \(known.prefix(5).map { "\"\($0)\"" }.joined(separator: ", "))\(known.count > 5 ? " … (\(known.count))" : ""); train with it"
            )
        }
        return ForecastSession(self, place: place)
    }
}

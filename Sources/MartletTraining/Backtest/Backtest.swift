public import MartletData

/// Sets methods side by side on forecasts from origins that roll through the end of each series.
///
/// Each method sees what is known at an origin and no more: `ForecastContext` and the history to learn from are copies that end
/// there. What comes later cannot reach a forecast.
public struct Backtest: Sendable {
    /// The options.
    public var options: BacktestOptions
    /// The methods beside the simple ones: trained models.
    public var models: [any SeriesForecaster]

    /// A back-test.
    public init(options: BacktestOptions, models: [any SeriesForecaster] = []) {
        self.options = options
        self.models = models
    }

    /// One forecast and what came.
    public struct Trial: Sendable {
        /// The place of the series in the table.
        public var series: Int
        /// The steps before the forecast.
        public var origin: Int
        /// What was said.
        public var forecast: SeriesForecast
        /// What came; NaN where it is missing.
        public var truth: [Double]
        /// The scale of the series' errors; nil where it has none.
        public var scale: Double?
    }

    /// The figures, and the forecasts of each method, in the order of the figures' methods.
    public struct Outcome: Sendable {
        /// The figures.
        public var result: BacktestResult
        /// The forecasts, `[method][forecast]`.
        public var trials: [[Trial]]
    }

    /// Makes and judges all forecasts.
    ///
    /// - Parameters:
    ///   - table: the series.
    ///   - report: told the name of a method, and how many of its forecasts are made.
    /// - Throws: ``TrainingError/tooLittleData(_:)`` if a series is too short, or what a method throws.
    public func run(
        _ table: SeriesTable,
        report: (_ method: String, _ done: Int, _ of: Int) -> Void = { _, _, _ in }
    ) throws -> Outcome {
        let origins = try table.series.map { try self.origins(of: $0, in: table) }
        let (seasons, wasFound) = self.seasons(of: table, origins)
        let season = seasons.first ?? 1
        var simple: [any SeriesForecaster] = [NaiveForecaster()]
        if season > 1 { simple.append(SeasonalNaiveForecaster(season: season)) }
        simple += [
            DriftForecaster(), LinearAutoregression(order: options.order, seasons: seasons),
        ]
        let scales = zip(table.series, origins).map { series, origins in
            ForecastMetrics.scale(Array(series.target[..<origins[0]]), season: season)
        }
        let count = origins.reduce(0) { $0 + $1.count }
        var trials: [[Trial]] = []
        var seconds: [Double] = []
        for method in simple + models {
            let clock = ContinuousClock()
            let start = clock.now
            var own: [Trial] = []
            for (place, series) in table.series.enumerated() {
                var method = method
                for (turn, origin) in origins[place].enumerated() {
                    let context = ForecastContext(series, origin: origin, horizon: options.horizon)
                    if turn == 0 || options.refit > 0 && turn % options.refit == 0 {
                        try method.fit(context.history)
                    }
                    let forecast = try method.forecast(context, levels: options.levels)
                    own.append(
                        Trial(
                            series: place, origin: origin, forecast: forecast,
                            truth: Array(series.target[origin..<origin + options.horizon]),
                            scale: scales[place]))
                    report(method.name, own.count, count)
                }
            }
            trials.append(own)
            seconds.append((clock.now - start) / .seconds(1))
        }
        let methods = (simple + models).enumerated().map { place, method in
            BacktestResult.Method(
                name: method.name, summary: method.summary, isSimple: place < simple.count,
                total: figures(trials[place], options.horizon),
                steps: (0..<options.horizon).map { step in
                    figures(trials[place].map { $0.only(step) }, 1)
                },
                besideNaive: place == 0 ? nil : difference(trials[place], trials[0]),
                seconds: seconds[place])
        }
        let result = BacktestResult(
            data: table.source, sha256: table.sha256, target: table.columns.target,
            step: "\(table.step)", series: table.series.count, options: options, season: season,
            seasonWasFound: wasFound, forecasts: count, methods: methods)
        return Outcome(result: result, trials: trials)
    }

    /// The origins in one series.
    private func origins(of series: TimeSeries, in table: SeriesTable) throws -> [Int] {
        let count = series.observedCount
        let origins = options.origins(of: count)
        guard !origins.isEmpty else {
            let name = series.name.isEmpty ? "the series" : "series \"\(series.name)\""
            let wanted = (options.span ?? options.horizon) + 1
            throw TrainingError.tooLittleData(
                "\(table.source): \(name) has \(count) \(count == 1 ? "value" : "values") in \(table.columns.target): a horizon of \(options.horizon)\(options.span.map { " judged on the last \($0)" } ?? "") needs at least \(wanted); give more rows, or a shorter --horizon or --span"
            )
        }
        return origins
    }

    /// The seasons: those that were given, or those found before the first origin of the longest series.
    private func seasons(of table: SeriesTable, _ origins: [[Int]]) -> ([Int], wasFound: Bool) {
        if !options.seasons.isEmpty { return (options.seasons, false) }
        let longest = origins.indices.max { origins[$0][0] < origins[$1][0] } ?? 0
        let known = Array(table.series[longest].target[..<origins[longest][0]])
        return (
            Seasonality.periods(of: known, expected: table.step.seasons.map(\.length)), true
        )
    }

    /// The figures of forecasts of so many steps.
    private func figures(_ trials: [Trial], _ steps: Int) -> BacktestResult.Figures {
        let truth = trials.flatMap(\.truth)
        let point = trials.flatMap(\.forecast.point)
        let quantiles = trials.flatMap(\.forecast.quantiles)
        let levels = options.levels
        // Errors of a series without a scale have no scaled size; the others keep theirs.
        let scaled = trials.flatMap { trial in
            trial.truth.map { y in trial.scale.map { y / $0 } ?? .nan }
        }
        let scaledPoint = trials.flatMap { trial in
            trial.forecast.point.map { $0 / (trial.scale ?? 1) }
        }
        let pinball = levels.indices.map { level in
            ForecastMetrics.pinball(truth, quantiles.map { $0[level] }, level: levels[level])
        }
        let known = pinball.compactMap { $0 }
        let loss = known.isEmpty ? nil : known.reduce(0, +) / Double(levels.count)
        return BacktestResult.Figures(
            count: truth.count { !$0.isNaN }, mase: ForecastMetrics.mae(scaled, scaledPoint),
            smape: ForecastMetrics.smape(truth, point), rmse: ForecastMetrics.rmse(truth, point),
            mae: ForecastMetrics.mae(truth, point), pinball: loss,
            // The same sum as RankedProbabilityScore.quantiles of each step.
            crps: loss.map { 2 * $0 },
            coverage: levels.count < 2
                ? nil
                : ForecastMetrics.coverage(
                    truth, lower: quantiles.map { $0[0] },
                    upper: quantiles.map { $0[levels.count - 1] }))
    }

    /// How the errors of a method differ from another's, forecast by forecast: scaled, as MASE is, of the series that have a
    /// scale; where none has one, as they are.
    private func difference(_ own: [Trial], _ other: [Trial]) -> BacktestResult.Difference? {
        let isScaled = own.contains { $0.scale != nil }
        func error(_ trial: Trial) -> Double? {
            ForecastMetrics.mase(
                trial.truth, trial.forecast.point, scale: isScaled ? trial.scale : 1)
        }
        let values = zip(own, other).compactMap { first, second -> Double? in
            guard let mine = error(first), let its = error(second) else { return nil }
            return mine - its
        }
        guard !values.isEmpty else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        guard values.count > 1 else { return .init(mean: mean, standardError: nil) }
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return .init(mean: mean, standardError: (variance / count).squareRoot())
    }
}

extension Backtest.Trial {
    /// One step of it.
    fileprivate func only(_ step: Int) -> Self {
        var result = self
        result.truth = [truth[step]]
        result.forecast = SeriesForecast(
            point: [forecast.point[step]], quantiles: [forecast.quantiles[step]])
        return result
    }
}

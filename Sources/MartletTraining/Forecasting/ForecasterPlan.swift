import MartletData
import MartletModels

/// What follows from the options and the series: the sizes of the network, and which steps are for what.
struct ForecasterPlan {
    let table: SeriesTable
    let options: ForecasterOptions
    let configuration: Forecaster.Configuration
    /// Steps that are read before a forecast is learned.
    let context: Int
    /// The steps of a forecast.
    let horizon: Int
    /// Of each series: the end of the steps to learn from, of those to choose by, and of those to judge by.
    let ends: [(training: Int, validation: Int, test: Int)]
    /// Whether steps are kept back to choose the epoch by.
    var choosesEpoch: Bool { ends.contains { $0.validation > $0.training } }

    init(_ table: SeriesTable, _ options: ForecasterOptions) throws {
        self.table = table
        self.options = options
        let seasons = table.step.seasons
        horizon = options.horizon ?? seasons.first?.length ?? 1
        ends = try Self.ends(table, options, horizon)
        let shortest = ends.map(\.training).min() ?? 0
        // Recursive forecasts learn the next step only.
        let learned = options.mode == .recursive ? 1 : horizon
        guard shortest >= learned + 2 else {
            throw TrainingError.tooLittleData(
                "\(table.source): \(shortest) steps\(Self.name(table, ends, shortest)) are left to learn from: a horizon of \(horizon) needs at least \(learned + 2); give a longer history, or a smaller --horizon, --validation or --test"
            )
        }
        let usual = max(
            2 * horizon, seasons.map(\.length).filter { $0 <= 200 }.max() ?? 24, 16)
        let longest = (shortest - learned) / 2
        if let context = options.context, context > longest {
            throw TrainingError.tooLittleData(
                "\(table.source): --context is \(context), and twice that and the horizon must fit into the \(shortest) steps to learn from\(Self.name(table, ends, shortest)): expected at most \(longest)"
            )
        }
        context = options.context ?? max(1, min(usual, longest))
        let lags = try Self.lags(options, seasons.map(\.length), learned, shortest, table)
        let scales = try Self.scales(table, ends, options.usedHead)
        configuration = Forecaster.Configuration(
            cell: options.cell, hiddenSize: options.hidden, layers: options.layers,
            headSize: options.headSize,
            embeddingSize: table.series.count == 1
                ? 0 : options.embedding ?? min(16, table.series.count),
            horizon: learned, head: options.usedHead, levels: options.quantiles,
            dropout: options.dropout, lags: lags,
            calendar: CalendarFeatures(
                step: table.step, hasYear: Self.hasYears(table, ends)
            ).names, series: scales,
            covariates: Self.columns(table, ends, table.columns.covariates) { $0.covariates },
            known: Self.columns(table, ends, table.columns.known) { $0.known },
            step: table.step.code, timeColumn: table.columns.time,
            targetColumn: table.columns.target, seriesColumn: table.columns.series)
        if let problem = configuration.problem { throw TrainingError.doesNotFit(problem) }
        if options.mode == .recursive, let name = table.columns.covariates.first {
            throw TrainingError.doesNotFit(
                "--covariates \(name) is not known of the future, and a recursive forecast reads each step before the next: give it with --known if it is known, leave it out, or take --mode direct"
            )
        }
    }

    /// ` of series "north"`, for the one with so few steps.
    private static func name(
        _ table: SeriesTable, _ ends: [(training: Int, validation: Int, test: Int)], _ count: Int
    ) -> String {
        guard table.series.count > 1, let place = ends.firstIndex(where: { $0.training == count })
        else { return "" }
        return " of series \"\(table.series[place].name)\""
    }

    // MARK: Spans

    private static func ends(
        _ table: SeriesTable, _ options: ForecasterOptions, _ horizon: Int
    ) throws -> [(training: Int, validation: Int, test: Int)] {
        let learned = options.mode == .recursive ? 1 : horizon
        for (flag, count) in [("--validation", options.validation), ("--test", options.test)] {
            if let count, count > 0, count < learned {
                throw TrainingError.doesNotFit(
                    "\(flag) is \(count): expected at least the \(learned) steps of a forecast")
            }
        }
        return table.series.map { series in
            // Rows beyond the last value are the future: there is nothing to learn from them.
            let count = series.observedCount
            let judged = max(0, count - options.test)
            let chosen =
                options.validation ?? max(learned, judged / 10)
            return (max(0, judged - chosen), judged, count)
        }
    }

    /// Whether what is learned from spans a year and a half at least, so that the season can be told from the date.
    private static func hasYears(
        _ table: SeriesTable, _ ends: [(training: Int, validation: Int, test: Int)]
    ) -> Bool {
        zip(table.series, ends).contains { series, end in
            end.training > 0
                && series.times[end.training - 1].seconds - series.times[0].seconds
                    > 548 * CalendarTime.day
        }
    }

    // MARK: Lags

    private static func lags(
        _ options: ForecasterOptions, _ seasons: [Int], _ learned: Int, _ shortest: Int,
        _ table: SeriesTable
    ) throws -> [Int] {
        if let lags = options.lags {
            if let lag = lags.first(where: { $0 < learned || $0 >= shortest }) {
                throw TrainingError.doesNotFit(
                    "--lags has \(lag): expected at least the horizon, \(learned), as the value must be known, and less than the \(shortest) steps to learn from"
                )
            }
            return Set(lags).sorted()
        }
        // The season that all steps of a forecast can look back to; of the shortest one also that before. What is further
        // back costs history, and says less.
        let wanted = seasons.enumerated().flatMap { place, season -> [Int] in
            let first = season * ((learned + season - 1) / season)
            return place == 0 ? [first, first + season] : [first]
        }
        return Set(wanted.filter { $0 <= shortest / 3 }).sorted()
    }

    // MARK: Scales

    private static func scales(
        _ table: SeriesTable, _ ends: [(training: Int, validation: Int, test: Int)],
        _ head: ForecastHead
    ) throws -> [ColumnScale] {
        try zip(table.series, ends).map { series, end in
            let of = series.name.isEmpty ? "" : " of series \"\(series.name)\""
            let values = series.target[..<end.training].filter { !$0.isNaN }
            guard let first = values.first else {
                throw TrainingError.tooLittleData(
                    "\(table.source): column \"\(table.columns.target)\"\(of) has no value in the \(end.training) steps to learn from"
                )
            }
            guard values.contains(where: { $0 != first }) else {
                throw TrainingError.tooLittleData(
                    "\(table.source): column \"\(table.columns.target)\"\(of) is \(first) in every step to learn from: a constant series has nothing to forecast"
                )
            }
            guard head == .negativeBinomial else { return scale(series.name, values) }
            for (place, value) in series.target.enumerated()
            where !value.isNaN && (value < 0 || value != value.rounded()) {
                let line = series.lines[place].map { ":\($0)" } ?? ""
                throw TrainingError.doesNotFit(
                    "\(table.source)\(line): column \"\(table.columns.target)\": \(value) is no count: --head negative-binomial needs whole numbers of at least 0; take gaussian, student-t or quantile"
                )
            }
            let mean = values.reduce(0, +) / Double(values.count)
            return ColumnScale(name: series.name, mean: 0, deviation: max(mean, 1e-3))
        }
    }

    private static func columns(
        _ table: SeriesTable, _ ends: [(training: Int, validation: Int, test: Int)],
        _ names: [String], _ columns: (TimeSeries) -> [[Double]]
    ) -> [ColumnScale] {
        names.enumerated().map { place, name in
            let values = zip(table.series, ends).flatMap { series, end in
                columns(series)[place][..<end.training].filter { !$0.isNaN }
            }
            return scale(name, values)
        }
    }

    /// The mean and the deviation of some values; 1 where they do not deviate.
    private static func scale(_ name: String, _ values: [Double]) -> ColumnScale {
        let mean = values.reduce(0, +) / Double(max(values.count, 1))
        let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (square / Double(max(values.count, 1))).squareRoot()
        return ColumnScale(name: name, mean: mean, deviation: deviation > 0 ? deviation : 1)
    }
}

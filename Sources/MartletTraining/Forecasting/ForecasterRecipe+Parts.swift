import MartletData
import MartletModels
import MartletStore
import MartletTensor

extension ForecasterRecipe {
    func dataRecord(_ table: SeriesTable, _ plan: ForecasterPlan) -> ForecasterRecord.DataRecord {
        ForecasterRecord.DataRecord(
            path: data, columns: columns, rules: rules, sha256: table.sha256, step: table.step,
            series: table.series.count, steps: table.valueCount,
            missing: zip(table.series, plan.ends).reduce(0) { sum, pair in
                sum + pair.0.target[..<pair.1.test].count { $0.isNaN }
            },
            training: plan.ends.reduce(0) { $0 + $1.training },
            validation: plan.ends.reduce(0) { $0 + $1.validation - $1.training },
            test: plan.ends.reduce(0) { $0 + $1.test - $1.validation })
    }

    func newRecord(
        _ data: ForecasterRecord.DataRecord, _ plan: ForecasterPlan, parameters: Int
    ) -> ForecasterRecord {
        ForecasterRecord(
            version: version, options: options, data: data, horizon: plan.horizon,
            context: plan.context, lags: plan.configuration.lags, parameters: parameters,
            machine: .current)
    }

    // MARK: Judging

    /// Forecasts of the validation span, or of the last tenth to learn from where nothing is kept back to choose by: some two
    /// hundred over all series, spread evenly.
    func validation(
        _ model: Forecaster, _ series: [SeriesNumbers], _ plan: ForecasterPlan
    ) -> ForecastScores {
        let spans = plan.ends.map { end in
            let kept = max(plan.configuration.horizon, end.validation / 10)
            return plan.choosesEpoch
                ? end.training..<end.validation : max(0, end.validation - kept)..<end.validation
        }
        let total = spans.reduce(0) { $0 + max(0, $1.count - plan.configuration.horizon + 1) }
        return ForecastJudge(model, series).scores(spans, stride: max(1, total / 200))
    }

    /// Forecasts of the test span, from one origin a horizon, as they would be made day by day.
    func test(
        _ model: Forecaster, _ series: [SeriesNumbers], _ plan: ForecasterPlan
    ) -> ForecastScores? {
        guard options.test > 0 else { return nil }
        return ForecastJudge(model, series).scores(
            plan.ends.map { $0.validation..<$0.test }, stride: plan.configuration.horizon)
    }

    /// The last forecasts that can be compared with what came: of the first series up to three.
    static func examples(
        _ model: Forecaster, _ series: [SeriesNumbers], _ table: SeriesTable, _ plan: ForecasterPlan
    ) -> [ForecasterRecord.Example] {
        let ahead = plan.configuration.horizon
        let judge = ForecastJudge(model, series)
        return zip(series, plan.ends).enumerated().prefix(3).compactMap { place, pair in
            let (numbers, end) = pair
            let origin = end.test - 1 - ahead
            guard origin >= 0 else { return nil }
            let start = max(0, origin + 1 - max(3 * ahead, 24))
            let quantiles = judge.quantiles(
                numbers, origins: [origin], levels: [judge.band.low, 0.5, judge.band.high])[0]
            return ForecasterRecord.Example(
                series: table.series[place].name,
                times: table.series[place].times[start...origin + ahead].map(\.description),
                truth: numbers.values[start...origin + ahead].map { $0.isNaN ? nil : $0 },
                before: origin + 1 - start, median: quantiles.map { $0[1] },
                low: quantiles.map { $0[0] }, high: quantiles.map { $0[2] })
        }
    }

    // MARK: Files

    /// Writes the checkpoint, and after the best epoch so far also the model, so that it can be used at once.
    func save(
        _ snapshot: Snapshot<Forecaster, AdamW>, _ record: ForecasterRecord, _ table: SeriesTable
    ) throws {
        let progress = snapshot.progress
        if progress.step == 0, progress.bestEpoch == progress.epoch {
            try CheckpointFolder.write(to: folder, files: try Self.files(snapshot.best, record))
        }
        let header = Header(
            options: options, dataPath: data, columns: columns, rules: rules,
            dataSHA256: table.sha256, progress: progress)
        try RunCheckpoint.save(snapshot, header: header, run: folder)
    }

    /// The files of a run folder.
    static func files(
        _ model: Forecaster, _ record: ForecasterRecord
    ) throws -> [(name: String, contents: FileContents)] {
        try ModelFolder.files(of: model) + [
            ("training.json", .bytes(try record.jsonData)),
            ("report.html", .text(ForecasterPage.html(record))),
        ]
    }
}

import Foundation
import MartletData
import MartletModels
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletTraining

@Suite struct ForecastSessionTests {
    /// A forecaster that was trained for a moment, and its series.
    private static func trained(
        _ change: (inout ForecasterOptions) -> Void = { _ in }
    ) throws -> (TrainedForecaster, TimeSeries) {
        try withTemporaryFolder { folder in
            var options = TinySeries.options
            options.epochs = 1
            change(&options)
            try TinySeries.train(
                TinySeries.lines(missing: [200]), in: folder, options: options)
            let forecaster = try TrainedForecaster(contentsOf: folder + "/run")
            let table = try SeriesTable.read(
                folder + "/data.csv", columns: forecaster.columns, rules: forecaster.rules)
            return (forecaster, table.series[0])
        }
    }

    private static let levels = [0.1, 0.9]

    @Test(arguments: [ForecastMode.direct, .recursive])
    func whatIsReadInPiecesGivesTheForecastsOfTheWhole(mode: ForecastMode) throws {
        let (forecaster, series) = try Self.trained {
            $0.mode = mode
            $0.cell = mode == .direct ? .gru : .lstm
        }
        var whole = try forecaster.session(of: "")
        whole.read(series)
        let expected = try whole.forecast(9, levels: Self.levels, seed: 4)
        for cuts in [[250, 251, 400], Array(1..<series.count)] {
            var session = try forecaster.session(of: "")
            var start = 0
            for end in cuts + [series.count] {
                session.read(series.slice(start..<end))
                start = end
            }
            #expect(try session.forecast(9, levels: Self.levels, seed: 4) == expected)
            #expect(session.count == 500 && session.time == series.times.last)
        }
        #expect(expected.median.allSatisfy(\.isFinite) && expected.quantiles.count == 9)
        #expect(zip(expected.quantiles, expected.median).allSatisfy { $0[0] <= $1 && $1 <= $0[1] })
    }

    /// What came after an origin changes no forecast from there, bit for bit.
    @Test(arguments: [ForecastMode.direct, .recursive])
    func theFutureChangesNoForecast(mode: ForecastMode) throws {
        let (forecaster, series) = try Self.trained { $0.mode = mode }
        var other = series
        for step in 300..<500 { other.target[step] = step % 3 == 0 ? .nan : -1e9 }
        func forecast(_ series: TimeSeries) throws -> ForecastSteps {
            var session = try forecaster.session(of: "")
            session.read(series.slice(0..<300))
            return try session.forecast(12, levels: Self.levels, seed: 1)
        }
        #expect(try forecast(series) == forecast(other))
        // The same of many forecasts at once, as validation and tests make them.
        let judge = ForecastJudge(
            forecaster.model, [SeriesNumbers(series, forecaster.model.configuration, place: 0)])
        let changed = SeriesNumbers(other, forecaster.model.configuration, place: 0)
        let origins = [150, 200, 299]
        #expect(
            judge.quantiles(judge.series[0], origins: origins, levels: Self.levels)
                == judge.quantiles(changed, origins: origins, levels: Self.levels))
        other.target[299] += 1
        #expect(try forecast(series) != forecast(other))
    }

    /// The forecasts that tests judge are those that a session makes.
    @Test func judgedForecastsAreThoseOfASession() throws {
        let (forecaster, series) = try Self.trained()
        let numbers = SeriesNumbers(series, forecaster.model.configuration, place: 0)
        let judge = ForecastJudge(forecaster.model, [numbers])
        let found = judge.quantiles(numbers, origins: [210, 299], levels: Self.levels)
        for (origin, quantiles) in zip([210, 299], found) {
            var session = try forecaster.session(of: "")
            session.read(series.slice(0..<origin + 1))
            #expect(try session.forecast(12, levels: Self.levels).quantiles == quantiles)
        }
    }

    @Test func knownCovariatesAreTheOnlyFutureThatCounts() throws {
        try withTemporaryFolder { folder in
            var columns = TinySeries.columns
            columns.known = ["plan"]
            let lines = TinySeries.lines().enumerated().map {
                $1 + ($0 == 0 ? ",plan" : ",\($0 % 5)")
            }
            try TinySeries.train(lines, in: folder, columns: columns)
            let forecaster = try TrainedForecaster(contentsOf: folder + "/run")
            let table = try SeriesTable.read(
                folder + "/data.csv", columns: forecaster.columns, rules: forecaster.rules)
            var session = try forecaster.session(of: "")
            session.read(table.series[0])
            let plan = (0..<12).map(Double.init)
            let one = try session.forecast(12, known: [plan], levels: Self.levels)
            let two = try session.forecast(12, known: [plan.reversed()], levels: Self.levels)
            #expect(one.times == two.times && one.median != two.median)
            #expect(
                errorText { _ = try session.forecast(12, known: [[1, 2]], levels: Self.levels) }
                    .contains(
                        "needs the known covariates [\"plan\"] of all 12 steps to come: there are 2"
                    ))
        }
    }

    @Test func whatCannotBeForecastIsSaid() throws {
        let (forecaster, series) = try Self.trained()
        var session = try forecaster.session(of: "")
        #expect(
            errorText { _ = try session.forecast(3, levels: [0.5]) }.contains("nothing was read"))
        session.read(series.slice(0..<20))
        #expect(
            errorText { _ = try session.forecast(13, levels: [0.5]) }.contains(
                "the model forecasts 12 steps at once: 13 were asked for"))
        #expect(session.problem(with: series.times[20]) == nil)
        #expect(session.problem(with: series.times[19])?.contains("no whole number") == true)
        #expect(session.problem(with: series.times[22])?.contains("2 steps between") == true)
        // Early in a series nothing is known at the lags; the forecast is there all the same.
        #expect(
            try session.forecast(12, levels: [0.5]).median.allSatisfy(\.isFinite))
    }

    @Test func drawnPathsFollowTheirSeed() throws {
        let (forecaster, series) = try Self.trained { $0.mode = .recursive }
        var session = try forecaster.session(of: "")
        session.read(series)
        let one = try session.forecast(30, levels: Self.levels, paths: 50, seed: 1)
        #expect(try session.forecast(30, levels: Self.levels, paths: 50, seed: 1) == one)
        #expect(try session.forecast(30, levels: Self.levels, paths: 50, seed: 2) != one)
        // The further ahead, the less is known.
        let widths = one.quantiles.map { $0[1] - $0[0] }
        #expect(widths[0] > 0 && widths.count == 30)
    }

    @Test func aValueMissingAtALagIsThatOfAnother() {
        let sizes = Forecaster.Configuration(
            cell: .gru, hiddenSize: 2, headSize: 2, horizon: 1, head: .gaussian, levels: [0.5],
            lags: [2, 4], calendar: CalendarFeatures(step: .day, hasYear: false).names,
            series: [ColumnScale(name: "", mean: 0, deviation: 1)], step: "1d",
            timeColumn: "time", targetColumn: "load")
        var numbers = StepNumbers(sizes, series: 0)
        let rows = [1, .nan, 3, 4, 5, .nan, 7, 8].enumerated().map { step, value in
            numbers.append(
                time: CalendarTime(seconds: step * 86_400), target: value, covariates: [], known: []
            )
        }
        #expect(rows.allSatisfy { $0.count == sizes.stepSize } && rows[7] == numbers.lastStep)
        // The values at both lags, then whether they are missing.
        let seen = rows.map { Array($0[sizes.lagPlace...]) }
        #expect(seen[0] == [0, 0, 1, 1] && seen[3] == [0, 0, 1, 1])
        #expect(seen[2] == [1, 1, 0, 1] && seen[5] == [4, 4, 0, 1])
        #expect(seen[4] == [3, 1, 0, 0] && seen[7] == [4, 4, 1, 0])
    }

    @Test func quantilesBetweenLevelsLieBetween() {
        let head = ForecastHead.quantile
        let levels = [0.1, 0.5, 0.9]
        #expect(head.quantile(0.5, of: [1, 2, 4], levels: levels) == 2)
        #expect(head.quantile(0.7, of: [1, 2, 4], levels: levels) == 3)
        #expect(head.quantile(0.01, of: [1, 2, 4], levels: levels) == 1)
        #expect(head.quantile(0.99, of: [1, 2, 4], levels: levels) == 4)
    }
}

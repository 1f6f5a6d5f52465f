import Foundation
import MartletData
import MartletTensor
import MartletTestSupport
import MartletTraining
import Testing

/// Back-tests from rolling origins.
@Suite struct BacktestTests {
    /// An hourly series with a day in it, and some noise.
    private func hours(_ count: Int, seed: UInt64 = 3, name: String = "") -> TimeSeries {
        var random = RandomGenerator(seed: seed)
        return TimeSeries(
            name: name, times: (0..<count).map { CalendarTime(seconds: $0 * 3600) },
            target: (0..<count).map {
                50 + 10 * sin(2 * Double.pi * Double($0) / 24) + random.fraction()
            })
    }

    private func table(_ series: [TimeSeries]) -> SeriesTable {
        SeriesTable(
            source: "load.csv", columns: SeriesColumns(time: "time", target: "load"), step: .hour,
            series: series)
    }

    private func options(_ change: (inout BacktestOptions) -> Void = { _ in }) -> BacktestOptions {
        var options = BacktestOptions()
        options.horizon = 6
        options.span = 48
        change(&options)
        return options
    }

    @Test func everyMethodForecastsFromEveryOrigin() throws {
        let outcome = try Backtest(options: options()).run(table([hours(300)]))
        let result = outcome.result
        #expect(result.methods.map(\.name) == ["naive", "seasonal naive", "drift", "linear"])
        #expect(result.season == 24 && result.seasonWasFound)
        #expect(result.forecasts == 8 && outcome.trials.allSatisfy { $0.count == 8 })
        #expect(outcome.trials[0].map(\.origin) == Array(stride(from: 252, through: 294, by: 6)))
        for method in result.methods {
            #expect(method.total.count == 48 && method.steps.map(\.count) == [8, 8, 8, 8, 8, 8])
            let mean = method.steps.reduce(0) { $0 + $1.mae! } / 6
            #expect(abs(mean - method.total.mae!) < 1e-12)
            #expect(abs(method.total.crps! - 2 * method.total.pinball!) < 1e-15)
        }
        // MASE is the error over the seasonal naive one within the first 252 steps.
        let series = hours(300).target
        var sum = 0.0
        for step in 24..<252 { sum += abs(series[step] - series[step - 24]) }
        let scale = sum / 228
        #expect(abs(result.methods[0].total.mase! - result.methods[0].total.mae! / scale) < 1e-12)
        #expect(result.ranking[0].name != "naive")
        #expect(result.verdict.contains("is best"))
    }

    /// Changing what comes after an origin changes no forecast from it, by a single bit.
    @Test func theFutureCannotReachAForecast() throws {
        let whole = hours(300)
        let before = try Backtest(options: options()).run(table([whole]))
        for origin in [252, 270, 294] {
            var target = whole.target
            for step in origin..<300 { target[step] = step % 2 == 0 ? 1e6 : .nan }
            target[299] = 0
            let changed = TimeSeries(name: "", times: whole.times, target: target)
            let after = try Backtest(options: options()).run(table([changed]))
            var compared = 0
            for (old, new) in zip(before.trials, after.trials) {
                for (first, second) in zip(old, new) where first.origin <= origin {
                    #expect(first.origin == second.origin)
                    #expect(first.forecast == second.forecast, "\(origin)")
                    compared += 1
                }
            }
            #expect(compared == 4 * ((origin - 252) / 6 + 1))
            // The change is there for those that come later, and for the truth.
            #expect(before.trials[0].last!.truth != after.trials[0].last!.truth)
        }
    }

    /// A method that tells what it was given.
    private struct Witness: SeriesForecaster {
        let name = "witness"
        let summary = "what it was given"
        var fitted = 0

        mutating func fit(_ history: TimeSeries) { fitted = history.count }

        func forecast(_ context: ForecastContext, levels: [Double]) -> SeriesForecast {
            SeriesForecast(
                point: context.times.map { _ in Double(fitted) },
                quantiles: context.times.map { _ in
                    [Double(context.history.count), context.known.first?.first ?? 0, 0]
                })
        }
    }

    @Test(arguments: [0, 1, 3])
    func methodsLearnAnewAsOftenAsAsked(refit: Int) throws {
        let backtest = Backtest(options: options { $0.refit = refit }, models: [Witness()])
        let trials = try backtest.run(table([hours(300)])).trials.last!
        for (turn, trial) in trials.enumerated() {
            let last = refit == 0 ? 0 : turn / refit * refit
            #expect(trial.forecast.point[0] == Double(252 + 6 * last))
            #expect(trial.forecast.quantiles[0][0] == Double(trial.origin))
        }
    }

    @Test func knownCovariatesOfTheStepsToComeAreSeenAndNoOthers() throws {
        let plain = hours(100)
        let series = TimeSeries(
            name: "", times: plain.times, target: plain.target,
            covariates: [plain.target], known: [(0..<100).map(Double.init)])
        let context = ForecastContext(series, origin: 60, horizon: 5)
        #expect(
            context.known == [[60, 61, 62, 63, 64]] && context.times == Array(plain.times[60..<65]))
        #expect(context.history.count == 60 && context.history.covariates[0].count == 60)
        #expect(context.history.known[0].count == 60)
    }

    @Test func whereNothingBeatsNaiveItIsSaid() throws {
        var random = RandomGenerator(seed: 12)
        var level = 100.0
        let walk = (0..<1500).map { _ in
            level += random.fraction() - 0.5
            return level
        }
        let series = TimeSeries(
            name: "", times: walk.indices.map { CalendarTime(seconds: $0 * CalendarTime.day) },
            target: walk)
        let result = try Backtest(options: options { $0.span = 300 }).run(table([series])).result
        #expect(result.season == 1 && result.methods.map(\.name) == ["naive", "drift", "linear"])
        #expect(result.verdict.hasPrefix("Nothing beats the naive forecast"), "\(result.verdict)")
        // A band of 80 % has about that much of a random walk.
        #expect(abs(result.methods[0].total.coverage! - 0.8) < 0.1)
    }

    @Test func aConstantSeriesHasNoScaleAndStillItsFigures() throws {
        let series = TimeSeries(
            name: "", times: hours(100).times, target: [Double](repeating: 5, count: 100))
        let result = try Backtest(options: options()).run(table([series])).result
        #expect(result.season == 1)
        for method in result.methods {
            #expect(method.total.mase == nil && method.total.mae == 0)
            #expect(method.total.coverage == 1 && method.total.crps == 0)
        }
        #expect(result.verdict.contains("mean absolute error"))
    }

    @Test func missingTruthIsLeftOutAndCounted() throws {
        var target = hours(300).target
        for step in 280..<290 { target[step] = .nan }
        let series = TimeSeries(name: "", times: hours(300).times, target: target)
        let result = try Backtest(options: options()).run(table([series])).result
        #expect(result.methods.allSatisfy { $0.total.count == 38 && $0.total.mae!.isFinite })
    }

    @Test func seriesOfDifferentLengthsAreJudgedTogether() throws {
        let result = try Backtest(options: options()).run(
            table([hours(300, name: "north"), hours(200, seed: 9, name: "south")])
        ).result
        #expect(result.series == 2 && result.forecasts == 16)
    }

    /// A series that is constant before the first origin has no scale: its errors, in its own unit, are not added to scaled ones.
    @Test func errorsWithoutAScaleAreNotComparedWithScaledOnes() throws {
        let plain = hours(300, name: "plain")
        let target = (0..<200).map { $0 < 152 ? 5 : 1e6 * Double($0 % 7) }
        let jump = TimeSeries(name: "jump", times: Array(plain.times[..<200]), target: target)
        let backtest = Backtest(options: options { $0.seasons = [24] })
        let alone = try backtest.run(table([plain])).result
        let both = try backtest.run(table([plain, jump])).result
        for (one, two) in zip(alone.methods, both.methods) {
            #expect(one.besideNaive == two.besideNaive, "\(one.name)")
            #expect(one.total.mase == two.total.mase && one.total.mae! < two.total.mae!)
        }
        #expect(both.methods[1].besideNaive != nil)
    }

    @Test func whereNoMethodHasNumbersItIsSaid() throws {
        var target = hours(300).target
        for step in 0..<255 { target[step] = .nan }
        let series = TimeSeries(name: "", times: hours(300).times, target: target)
        let result = try Backtest(options: options()).run(table([series])).result
        #expect(result.ranking.isEmpty && result.methods.allSatisfy { $0.total.count == 45 })
        #expect(result.verdict.contains("no method has a number for every forecast"))
    }

    /// A forecast of one step is as wide as a step: a line and a band of no width cannot be seen.
    @Test func forecastsOfASingleStepAreDrawn() throws {
        let all = table([hours(100)])
        let page = BacktestPage.html(
            try Backtest(options: options { $0.horizon = 1 }).run(all), all)
        expectWellFormed(page)
        let bands = page.split(separator: "<polygon ").dropFirst().map { part in
            let points = part.split(separator: "\"")[1].split(separator: " ")
            return Set(points.map { $0.split(separator: ",")[0] }).count
        }
        #expect(!bands.isEmpty && bands.allSatisfy { $0 == 2 }, "\(bands)")
    }

    @Test func aHorizonLongerThanTheHistoryIsRefused() throws {
        func complaint(_ count: Int, _ change: (inout BacktestOptions) -> Void = { _ in }) -> String
        {
            do {
                _ = try Backtest(options: options(change)).run(table([hours(count, name: "north")]))
                return "it ran"
            } catch { return "\(error)" }
        }
        #expect(
            complaint(1).contains("load.csv: series \"north\" has 1 value in load: a horizon of 6"))
        #expect(complaint(48).contains("needs at least 49"))
        #expect(complaint(49) == "it ran")
        #expect(
            complaint(40) { ($0.horizon, $0.span) = (40, nil) }.contains(
                "a horizon of 40 needs at least 41"))
    }

    @Test func optionsAreChecked() {
        func problem(_ change: (inout BacktestOptions) -> Void) -> String {
            options(change).problem ?? "none"
        }
        #expect(problem { _ in } == "none")
        #expect(problem { $0.horizon = 0 }.hasPrefix("--horizon is 0"))
        #expect(problem { $0.span = 5 }.hasPrefix("--span is 5: expected at least the horizon, 6"))
        #expect(problem { $0.levels = [0.5, 0.1] }.hasPrefix("--quantiles are 0.5,0.1"))
        #expect(problem { $0.levels = [] }.hasPrefix("--quantiles"))
        #expect(problem { $0.seasons = [-1] }.hasPrefix("--season is -1"))
    }

    @Test func thePageIsWellFormedAndHasEveryMethod() throws {
        var target = hours(300, name: "<north>").target
        target[297] = .nan
        let series = TimeSeries(name: "<north>", times: hours(300).times, target: target)
        let all = table([series])
        let page = BacktestPage.html(try Backtest(options: options()).run(all), all)
        expectWellFormed(page)
        for part in ["seasonal naive", "drift", "linear", "CRPS", "&lt;north&gt;", "polygon"] {
            #expect(page.contains(part), "\(part)")
        }
    }
}

import MartletData
import MartletTensor
import MartletTestSupport
import Testing

/// The simple methods that every forecast is set beside.
@Suite struct ForecasterTests {
    private static let levels = [0.1, 0.5, 0.9]

    /// A daily series.
    private func series(_ values: [Double]) -> TimeSeries {
        TimeSeries(
            name: "",
            times: values.indices.map { CalendarTime(seconds: $0 * CalendarTime.day) },
            target: values)
    }

    /// A fitted method's forecast of the steps after some values.
    private func forecast(
        _ method: some SeriesForecaster, _ values: [Double], _ horizon: Int
    ) throws -> SeriesForecast {
        let whole = series(values + [Double](repeating: .nan, count: horizon))
        let context = ForecastContext(whole, origin: values.count, horizon: horizon)
        var method = method
        try method.fit(context.history)
        return try method.forecast(context, levels: Self.levels)
    }

    @Test func naiveIsTheLastValue() throws {
        let found = try forecast(NaiveForecaster(), [1, 3, 2, 4], 3)
        #expect(found.point == [4, 4, 4])
        // Steps of 2, −1, 2: a deviation of √3, and √(3 h) after h steps.
        let z = NormalQuantile.value(0.9)
        for step in 0..<3 {
            let width = z * (3 * Double(step + 1)).squareRoot()
            #expect(abs(found.quantiles[step][2] - (4 + width)) < 1e-12)
            #expect(abs(found.quantiles[step][0] - (4 - width)) < 1e-12)
            #expect(found.quantiles[step][1] == 4)
        }
    }

    @Test func missingValuesAtTheEndMakeNaiveLessSure() throws {
        let found = try forecast(NaiveForecaster(), [1, 3, 2, 4, .nan, .nan], 1)
        let z = NormalQuantile.value(0.9)
        #expect(found.point == [4] && abs(found.quantiles[0][2] - (4 + z * 3)) < 1e-12)
    }

    @Test func seasonalNaiveIsTheValueASeasonAgo() throws {
        let method = SeasonalNaiveForecaster(season: 3)
        #expect(try forecast(method, [1, 2, 3, 4, 5, 6], 7).point == [4, 5, 6, 4, 5, 6, 4])
        // A missing value is taken from the season before.
        #expect(try forecast(method, [1, 2, 3, 4, .nan, 6], 3).point == [4, 2, 6])
        // A season longer than the history leaves the last value.
        #expect(try forecast(SeasonalNaiveForecaster(season: 5), [7, 8], 2).point == [8, 8])
        // Differences of 1, 2, 3 a season apart; twice the variance after two seasons.
        let found = try forecast(method, [1, 2, 3, 2, 4, 6], 4)
        let deviation = (14.0 / 3).squareRoot()
        let z = NormalQuantile.value(0.9)
        #expect(abs(found.quantiles[0][2] - (2 + z * deviation)) < 1e-12)
        #expect(abs(found.quantiles[3][2] - (2 + z * deviation * 2.squareRoot())) < 1e-12)
    }

    @Test func driftGoesOnAlongTheLine() throws {
        let found = try forecast(DriftForecaster(), [1, 2, 5, 7], 2)
        #expect(found.point == [9, 11])
        // Steps of 1, 3, 2 around a slope of 2.
        let deviation = (2.0 / 3 * (2 * (1 + 2.0 / 3))).squareRoot()
        #expect(abs(found.quantiles[1][2] - (11 + NormalQuantile.value(0.9) * deviation)) < 1e-12)
        #expect(try forecast(DriftForecaster(), [5], 2).point == [5, 5])
    }

    @Test func theAutoregressionIsThatOfTheReference() throws {
        let item = try golden("series")["autoregression"]
        let method = LinearAutoregression(
            order: item["order"].integer, seasons: [item["season"].integer],
            ridge: item["ridge"].number)
        #expect(method.lags == [1, 2, 3, 6, 7, 8])
        let (point, deviations) = (item["point"].numbers, item["deviations"].numbers)
        let found = try forecast(method, item["history"].numbers, point.count)
        let z = NormalQuantile.value(0.9)
        for step in point.indices {
            #expect(abs(found.point[step] - point[step]) < 1e-7)
            let deviation = (found.quantiles[step][2] - found.point[step]) / z
            #expect(abs(deviation - deviations[step]) < 1e-7)
        }
    }

    @Test func theAutoregressionFindsAnExactRule() throws {
        // y_t = 1.5 y_{t−1} − 0.9 y_{t−2} + 1, from a start off its rest.
        var values = [3.0, 1.0]
        for step in 2..<80 { values.append(1.5 * values[step - 1] - 0.9 * values[step - 2] + 1) }
        let found = try forecast(
            LinearAutoregression(order: 2, ridge: 0), Array(values[..<60]), 20)
        for step in 0..<20 { #expect(abs(found.point[step] - values[60 + step]) < 1e-6) }
    }

    @Test func aConstantSeriesGoesOnConstant() throws {
        let values = [Double](repeating: 7, count: 50)
        let methods: [any SeriesForecaster] = [
            NaiveForecaster(), SeasonalNaiveForecaster(season: 4), DriftForecaster(),
            LinearAutoregression(),
        ]
        for method in methods {
            let found = try forecast(method, values, 3)
            #expect(found.point == [7, 7, 7], "\(method.name)")
            #expect(found.quantiles.allSatisfy { $0 == [7, 7, 7] }, "\(method.name)")
        }
        #expect(Seasonality.period(of: values) == nil)
    }

    @Test func aShortHistoryLeavesTheLastValue() throws {
        #expect(try forecast(LinearAutoregression(order: 12), [1, 2, 4], 2).point == [4, 4])
        #expect(try forecast(NaiveForecaster(), [3], 2).point == [3, 3])
    }

    @Test func rowsWithMissingValuesAreLeftOutOfTheFit() throws {
        var values = [3.0, 1.0]
        for step in 2..<90 { values.append(1.5 * values[step - 1] - 0.9 * values[step - 2] + 1) }
        var holed = Array(values[..<70])
        for place in [10, 30, 31, 55] { holed[place] = .nan }
        let found = try forecast(LinearAutoregression(order: 2, ridge: 0), holed, 10)
        for step in 0..<10 { #expect(abs(found.point[step] - values[70 + step]) < 1e-6) }
        let unknown = try forecast(LinearAutoregression(), [.nan, .nan], 2)
        #expect(unknown.point.allSatisfy { $0.isNaN })
    }

    @Test func aSeasonIsFoundAndARandomWalkHasNone() {
        var random = RandomGenerator(seed: 7)
        let noise = { (random.fraction() - 0.5) * 0.4 }
        let shape: [Double] = [0, 1, 3, 6, 7, 6, 3, 1]
        let daily = (0..<24 * 30).map { (hour: Int) -> Double in
            let level = 10 + shape[hour % 24 / 3]
            return level + Double(hour) * 0.01 + noise()
        }
        #expect(Seasonality.period(of: daily) == 24)
        #expect(Seasonality.periods(of: daily, expected: [24, 168]).prefix(2).contains(24))
        var walk = [100.0]
        for _ in 0..<2000 { walk.append(walk[walk.count - 1] + random.fraction() - 0.5) }
        #expect(Seasonality.period(of: walk) == nil)
        #expect(Seasonality.periods(of: walk, expected: [5]).isEmpty)
        #expect(Seasonality.period(of: [1, 2]) == nil)
    }
}

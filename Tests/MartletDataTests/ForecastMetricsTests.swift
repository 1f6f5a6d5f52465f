import Foundation
import MartletData
import MartletTestSupport
import Testing

/// The figures of forecasts, against utilsforecast and scoringrules.
@Suite struct ForecastMetricsTests {
    private func isNear(_ found: Double?, _ expected: Double) -> Bool {
        found.map { abs($0 - expected) <= 1e-10 * max(1, abs(expected)) } ?? false
    }

    @Test func errorsAreThoseOfTheReference() throws {
        for item in try golden("series")["metrics"].list {
            let (truth, point) = (item["truth"].numbers, item["point"].numbers)
            #expect(isNear(ForecastMetrics.mae(truth, point), item["mae"].number))
            #expect(isNear(ForecastMetrics.rmse(truth, point), item["rmse"].number))
            #expect(isNear(ForecastMetrics.smape(truth, point), item["smape"].number))
            let scale = ForecastMetrics.scale(
                item["history"].numbers, season: item["season"].integer)
            #expect(
                isNear(ForecastMetrics.mase(truth, point, scale: scale), item["mase"].number))
            for level in [0.1, 0.5, 0.9] {
                let expected = item["pinball"]["\(level)"].number
                #expect(isNear(ForecastMetrics.pinball(truth, point, level: level), expected))
            }
            let coverage = ForecastMetrics.coverage(
                truth, lower: item["lower"].numbers, upper: item["upper"].numbers)
            #expect(isNear(coverage, item["coverage"].number))
        }
    }

    @Test func scoresAreThoseOfTheReference() throws {
        for item in try golden("series")["scores"].list {
            let truth = item["truth"].number
            #expect(
                isNear(
                    RankedProbabilityScore.gaussian(
                        truth, mean: item["mean"].number, deviation: item["deviation"].number),
                    item["gaussian"].number))
            #expect(
                isNear(
                    RankedProbabilityScore.samples(truth, item["samples"].numbers),
                    item["of_samples"].number))
            #expect(
                isNear(
                    RankedProbabilityScore.quantiles(
                        truth, item["quantiles"].numbers, levels: item["levels"].numbers),
                    item["of_quantiles"].number))
        }
    }

    @Test func denseQuantilesGoToTheScoreItself() {
        let levels = (0..<2000).map { (2 * Double($0) + 1) / 4000 }
        let values = levels.map { 1 + 2 * NormalQuantile.value($0) }
        for truth in [-3.0, 0, 1, 4.5] {
            let exact = RankedProbabilityScore.gaussian(truth, mean: 1, deviation: 2)
            let found = RankedProbabilityScore.quantiles(truth, values, levels: levels)
            #expect(abs(found - exact) < 1e-3 * exact)
        }
    }

    @Test func aPointIsItsAbsoluteError() {
        #expect(RankedProbabilityScore.gaussian(3, mean: 1, deviation: 0) == 2)
        #expect(RankedProbabilityScore.samples(3, [1]) == 2)
        #expect(RankedProbabilityScore.quantiles(3, [1], levels: [0.5]) == 2)
    }

    @Test func stepsWithoutTruthAreLeftOut() {
        let truth = [1, .nan, 3]
        #expect(ForecastMetrics.mae(truth, [2, 100, 3]) == 0.5)
        #expect(ForecastMetrics.rmse(truth, [3, 100, 3]) == 2.squareRoot())
        #expect(ForecastMetrics.smape([0, .nan], [0, 5]) == 0)
        #expect(ForecastMetrics.pinball(truth, [2, 0, 2], level: 0.5) == 0.5)
        #expect(ForecastMetrics.coverage(truth, lower: [0, 0, 4], upper: [1, 0, 5]) == 0.5)
        #expect(ForecastMetrics.mae([.nan], [1]) == nil)
        #expect(ForecastMetrics.mae([], []) == nil)
    }

    @Test func aForecastThatIsNoNumberIsNotLeftOut() {
        #expect(ForecastMetrics.mae([1, 2], [1, .nan])?.isNaN == true)
        #expect(ForecastMetrics.pinball([1, 2], [1, .nan], level: 0.9)?.isNaN == true)
        #expect(ForecastMetrics.coverage([1], lower: [.nan], upper: [2])?.isNaN == true)
    }

    @Test func aConstantHistoryHasNoScale() {
        #expect(ForecastMetrics.scale([4, 4, 4, 4], season: 1) == nil)
        #expect(ForecastMetrics.scale([4], season: 1) == nil)
        #expect(ForecastMetrics.scale([1, 2, 1, 2], season: 2) == nil)
        #expect(ForecastMetrics.scale([1, .nan, 4, 6], season: 1) == 2)
        #expect(ForecastMetrics.mase([1], [2], scale: nil) == nil)
    }

    /// scipy.stats.norm.ppf knows these to all digits: Φ⁻¹ is checked against erfc instead.
    @Test(arguments: [1e-12, 0.001, 0.1, 0.3, 0.5, 0.77, 0.9, 0.999])
    func normalQuantilesAreWhereTheDistributionReachesTheLevel(level: Double) {
        let z = NormalQuantile.value(level)
        #expect(abs(erfc(-z / 2.squareRoot()) / 2 - level) < 1e-14 * max(level, 0.01))
        #expect(abs(NormalQuantile.value(1 - level) + z) < 1e-9 * max(1, abs(z)) || level < 1e-6)
    }
}

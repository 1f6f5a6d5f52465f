import MartletTestSupport
import Testing

@testable import MartletText

@Suite struct BootstrapTests {
    /// The scores of corpora drawn as given.
    private func scores(
        _ metric: some TextMetric, _ statistics: SegmentStatistics, _ draws: [[Int]]
    ) -> [Double] {
        draws.map { draw in
            var times = [UInt32](repeating: 0, count: statistics.count)
            for index in draw { times[index] += 1 }
            return metric.score(statistics.sum(times: times)).value
        }
    }

    /// On the corpora that sacreBLEU draws.
    @Test func intervalsAndTestsAreThoseOfSacreBLEU() throws {
        let cases = try golden("scores/significance")["cases"].list
        #expect(cases.count == 8)
        for wanted in cases {
            let isBLEU = wanted["metric"].text == "BLEU"
            let tokenization = try #require(BLEUTokenization(rawValue: wanted["tokenize"].text))
            let metric: any TextMetric =
                isBLEU ? BLEU(tokenization: tokenization) : ChrF.plusPlus
            let corpus = try ScoringCorpus(of: wanted)
            let baseline = metric.statistics(of: try corpus.texts("a"))
            let system = metric.statistics(of: try corpus.texts("b"))
            let draws = wanted["draws"].list.map(\.integers)
            let result = PairedComparison(
                baseline: metric.score(baseline.sum).value, system: metric.score(system.sum).value,
                baselineScores: scores(metric, baseline, draws),
                systemScores: scores(metric, system, draws))
            #expect(isClose(result.baseline, wanted["baseline"].number))
            #expect(isClose(result.baselineInterval.mean, wanted["baseline_mean"].number))
            #expect(isClose(result.baselineInterval.halfWidth, wanted["baseline_ci"].number))
            #expect(isClose(result.system, wanted["system"].number))
            #expect(isClose(result.systemInterval.mean, wanted["system_mean"].number))
            #expect(isClose(result.systemInterval.halfWidth, wanted["system_ci"].number))
            // What it says itself has the digits of float32.
            let mean = wanted["system_mean_float32"].number
            let width = wanted["system_ci_float32"].number
            #expect(abs(result.systemInterval.mean - mean) < 1e-5)
            #expect(abs(result.systemInterval.halfWidth - width) < 1e-5)
            #expect(isClose(result.pValue, wanted["p_value"].number))
            let signature = metric.signature(
                for: try corpus.texts("a"), bootstrap: Bootstrap(resamples: draws.count))
            #expect(signature == wanted["signature"].text)
        }
    }

    private let metrics: [any TextMetric] = [
        BLEU(), ChrF(), ROUGE(.nGram(1)), ROUGE(.longestCommonSubsequence), ExactMatch(),
        ErrorRate(.word), ErrorRate(.character),
    ]

    @Test func theSameSeedGivesTheSameAndTheIntervalHoldsTheScore() throws {
        let texts = try ScoringCorpus("english").texts("a")
        for metric in metrics {
            let statistics = metric.statistics(of: texts)
            let value = metric.score(statistics.sum).value
            let interval = Bootstrap(resamples: 200).interval(of: metric, statistics)
            #expect(interval == Bootstrap(resamples: 200).interval(of: metric, statistics))
            #expect(
                interval != Bootstrap(resamples: 200, seed: 6).interval(of: metric, statistics))
            #expect(interval.lower <= value && value <= interval.upper, "\(metric.name)")
            #expect(interval.lower <= interval.mean && interval.mean <= interval.upper)
        }
    }

    @Test func aSystemAgainstItselfIsNotBetter() throws {
        let texts = try ScoringCorpus("english").texts("a")
        for metric in metrics {
            let statistics = metric.statistics(of: texts)
            let result = try Bootstrap(resamples: 100).compare(
                metric, baseline: statistics, system: statistics)
            #expect(result.difference == 0 && result.differenceInterval.upper == 0)
            #expect(result.baselineInterval == result.systemInterval)
            #expect(result.pValue == 1)
        }
    }

    @Test func aMuchBetterSystemIsToldAndChanceIsNot() throws {
        let lines = (0..<300).map { "line \($0) has some words of its own \($0 * 7)" }
        let metric = ErrorRate(.word)
        func statistics(_ change: (Int) -> Bool) throws -> SegmentStatistics {
            metric.statistics(
                of: try ParallelTexts(
                    hypotheses: lines.enumerated().map { change($0) ? $1 + " more" : $1 },
                    references: lines.map { [$0] }))
        }
        let bad = try statistics { $0 % 2 == 0 }
        let good = try statistics { $0 % 5 == 0 }
        let likeGood = try statistics { $0 % 5 == 1 || $0 == 2 }
        let told = try Bootstrap().compare(metric, baseline: bad, system: good)
        #expect(told.pValue < 0.01 && told.difference < 0 && told.differenceInterval.upper < 0)
        let chance = try Bootstrap().compare(metric, baseline: good, system: likeGood)
        #expect(chance.pValue > 0.2 && chance.differenceInterval.lower < 0)
    }

    @Test func systemsMustHaveAnsweredTheSameLines() throws {
        var (one, two) = (SegmentStatistics(width: 2), SegmentStatistics(width: 2))
        one.append([1, 1])
        two.append([1, 1])
        two.append([0, 1])
        let error = #expect(throws: ScoringError.self) {
            try Bootstrap().compare(ExactMatch(), baseline: one, system: two)
        }
        #expect(error == .unequalSystems(baseline: 1, system: 2))
        #expect(
            "\(error!)"
                == "the baseline has 1 segments and the system 2; both must answer the same lines")
    }

    @Test func oneSegmentIsAlwaysDrawn() {
        var one = SegmentStatistics(width: 2)
        one.append([1, 1])
        let interval = Bootstrap(resamples: 3).interval(of: ExactMatch(), one)
        #expect(interval.lower == 100 && interval.upper == 100 && interval.mean == 100)
    }

    /// From the first numbers that its authors' program gives for the seed 1234567.
    @Test func theGeneratorIsSplitMix() {
        var random = SplitMix64(seed: 1_234_567)
        #expect(
            (0..<3).map { _ in random.next() } == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ])
        for count in [1, 2, 1000] {
            #expect((0..<1000).allSatisfy { _ in random.index(below: count) < count })
        }
    }
}

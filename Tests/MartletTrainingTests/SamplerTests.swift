import Foundation
import MartletTensor
import MartletTraining
import Testing

@Suite struct SamplerTests {
    private static let scores: [Float] = [1.5, -0.5, 3, 0.25, 2, -1, 2.5, 0]

    /// How often each of some scores is chosen.
    private func counts(
        _ sampler: Sampler, _ scores: [Float], draws: Int = 40_000, seed: UInt64 = 1
    ) -> [Int] {
        var random = RandomGenerator(seed: seed)
        var counts = [Int](repeating: 0, count: scores.count)
        for _ in 0..<draws { counts[sampler.choose(scores, using: &random)] += 1 }
        return counts
    }

    /// The exact probabilities of `kept` scores.
    private func probabilities(
        _ scores: [Float], temperature: Double, kept: Set<Int>
    ) -> [Double] {
        let weights = scores.indices.map {
            kept.contains($0) ? exp(Double(scores[$0]) / temperature) : 0
        }
        return weights.map { $0 / weights.reduce(0, +) }
    }

    /// Every count within five standard deviations of its mean, and none of an impossible one.
    private func check(_ counts: [Int], _ probabilities: [Double], _ what: String) {
        let draws = Double(counts.reduce(0, +))
        for (place, (count, p)) in zip(counts, probabilities).enumerated() {
            let deviation = (draws * p * (1 - p)).squareRoot()
            #expect(
                abs(Double(count) - draws * p) <= 5 * deviation,
                "\(what): \(count) times \(place), expected \(draws * p)")
        }
    }

    @Test(arguments: [0.5, 1, 1.7])
    func drawsFollowTheProbabilities(temperature: Double) {
        let exact = probabilities(
            Self.scores, temperature: temperature, kept: Set(Self.scores.indices))
        check(counts(Sampler(temperature: temperature), Self.scores), exact, "\(temperature)")
    }

    @Test(arguments: [1, 2, 3, 7, 8, 100])
    func topKChoosesAmongTheLikeliest(k: Int) {
        let order = Self.scores.indices.sorted { Self.scores[$0] > Self.scores[$1] }
        let exact = probabilities(Self.scores, temperature: 1, kept: Set(order.prefix(k)))
        check(counts(Sampler(topK: k), Self.scores), exact, "top \(k)")
    }

    @Test(arguments: [0.01, 0.4, 0.5, 0.75, 0.9, 0.999, 1], [0.7, 1])
    func topPChoosesAmongTheFewestThatSumToIt(share: Double, temperature: Double) {
        let all = probabilities(
            Self.scores, temperature: temperature, kept: Set(Self.scores.indices))
        var kept: Set<Int> = []
        var sum = 0.0
        for place in all.indices.sorted(by: { all[$0] > all[$1] }) where sum < share {
            kept.insert(place)
            sum += all[place]
        }
        let exact = probabilities(Self.scores, temperature: temperature, kept: kept)
        check(
            counts(Sampler(temperature: temperature, topP: share), Self.scores), exact,
            "top \(share)")
    }

    @Test func topPOfTheWholeTextAppliesWithinTopK() {
        // 0.4, 0.3, 0.2, 0.1: the three likeliest, and of those the two that reach 0.6 of everything.
        let scores: [Float] = [0.1, 0.2, 0.3, 0.4].map { log($0) }
        let exact = [0, 0, 0.3 / 0.7, 0.4 / 0.7]
        check(counts(Sampler(topK: 3, topP: 0.6), scores), exact, "both")
        check(counts(Sampler(topK: 2, topP: 0.95), scores), exact, "top-k is the smaller")
    }

    @Test func ofEqualScoresTheEarlierAreKept() {
        let equal: [Float] = [2, 2, 2, 2]
        check(counts(Sampler(topK: 2), equal), [0.5, 0.5, 0, 0], "top-k")
        check(counts(Sampler(topP: 0.5), equal), [0.5, 0.5, 0, 0], "top-p")
        check(counts(Sampler(topP: 0.51), equal), [1 / 3, 1 / 3, 1 / 3, 0], "top-p")
        check(counts(Sampler(topK: 2), [0, 5, 1, 5, 5]), [0, 0.5, 0, 0.5, 0], "top-k at the edge")
        check(counts(Sampler(topK: 1), [0, 5, 1, 5, 5]), [0, 1, 0, 0, 0], "the first of the best")
    }

    @Test func atTemperatureZeroTheHighestScoreIsChosen() {
        for sampler in [
            Sampler(temperature: 0), Sampler(temperature: 0, topK: 3),
            Sampler(temperature: 0, topP: 0.1),
        ] {
            #expect(counts(sampler, Self.scores, draws: 100)[2] == 100)
            #expect(counts(sampler, [1, 4, 4, 2], draws: 100)[1] == 100)
        }
        // Near zero it is nearly so, without numbers that overflow.
        #expect(counts(Sampler(temperature: 1e-6), [900, -900, 901], draws: 100)[2] == 100)
    }

    @Test func minusInfinityIsNeverChosen() {
        let scores: [Float] = [-.infinity, 0, -.infinity, -50, 0, -.infinity]
        for sampler in [
            Sampler(), Sampler(temperature: 100), Sampler(topK: 5), Sampler(topP: 0.9999),
            Sampler(temperature: 0),
        ] {
            let found = counts(sampler, scores, draws: 5_000)
            #expect(found[0] == 0 && found[2] == 0 && found[5] == 0, "\(sampler): \(found)")
        }
        #expect(counts(Sampler(), [-.infinity, -80, -.infinity], draws: 100)[1] == 100)
    }

    @Test func theSeedDecides() {
        func draws(_ seed: UInt64) -> [Int] {
            var random = RandomGenerator(seed: seed)
            return (0..<50).map { _ in Sampler().choose(Self.scores, using: &random) }
        }
        #expect(draws(3) == draws(3))
        #expect(draws(3) != draws(4))
    }

    @Test func oneScoreIsAlwaysChosen() {
        for sampler in [Sampler(), Sampler(temperature: 0), Sampler(topK: 1, topP: 0.5)] {
            #expect(counts(sampler, [-3], draws: 10) == [10])
        }
    }

    @Test func valuesThatMeanNothingAreNamed() {
        let cases: [(Sampler, String?)] = [
            (Sampler(), nil), (Sampler(temperature: 0, topK: 1, topP: 0.1), nil),
            (Sampler(temperature: -0.5), "--temperature is -0.5"),
            (Sampler(temperature: .nan), "--temperature is nan"),
            (Sampler(temperature: .infinity), "--temperature is inf"),
            (Sampler(topK: 0), "--top-k is 0"), (Sampler(topP: 0), "--top-p is 0.0"),
            (Sampler(topP: 1.1), "--top-p is 1.1"), (Sampler(topP: .nan), "--top-p is nan"),
        ]
        for (sampler, expected) in cases {
            guard let expected else {
                #expect(sampler.problem == nil)
                continue
            }
            #expect(sampler.problem?.hasPrefix(expected) == true, "\(sampler.problem ?? "none")")
        }
    }
}

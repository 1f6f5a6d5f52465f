import MartletData
import MartletTensor
import MartletTestSupport
import Testing

/// Dynamic time warping and the nearest neighbour by it.
@Suite struct TimeWarpingTests {
    private func series(_ values: [Double], channels: Int) -> SeriesCase {
        SeriesCase(values: values, length: values.count / channels, label: 0)
    }

    @Test func distancesAreThoseOfAeon() throws {
        for item in try golden("series")["warping"].list {
            let channels = item["channels"].integer
            let a = series(item["a"].numbers, channels: channels)
            let b = series(item["b"].numbers, channels: channels)
            let expected = item["distance"].number
            for found in [TimeWarping.distance(a, b), TimeWarping.distance(b, a)] {
                #expect(abs(found - expected) <= 1e-11 * expected, "\(found) \(expected)")
            }
            // A limit above the distance changes nothing; at the distance and below there is none.
            #expect(TimeWarping.distance(a, b, limit: expected * 1.001) < expected * 1.0001)
            #expect(TimeWarping.distance(a, b, limit: expected * 0.999) == .infinity)
        }
    }

    @Test func aSlowerSeriesIsAsNear() {
        let a = series([0, 1, 2, 1, 0], channels: 1)
        let slow = series([0, 0, 1, 1, 1, 2, 2, 1, 0, 0, 0], channels: 1)
        #expect(TimeWarping.distance(a, slow) == 0)
        #expect(TimeWarping.distance(a, series([0, 1, 3, 1, 0], channels: 1)) == 1)
    }

    /// Series of random lengths and channels that walk.
    private func walks(_ count: Int, channels: Int, seed: UInt64) -> [SeriesCase] {
        var random = RandomGenerator(seed: seed)
        return (0..<count).map { place in
            let length = 1 + random.integer(below: 25)
            var level = [Double](repeating: 0, count: channels)
            let values = (0..<length).flatMap { _ in
                for channel in 0..<channels { level[channel] += random.fraction() - 0.5 }
                return level
            }
            return SeriesCase(values: values, length: length, label: place)
        }
    }

    @Test(arguments: [1, 3])
    func passingOverCasesChangesNoAnswer(channels: Int) {
        let known = walks(40, channels: channels, seed: 1)
        let neighbour = NearestNeighbour(known)
        for item in walks(60, channels: channels, seed: 2) {
            let distances = known.map { TimeWarping.distance(item, $0) }
            let best = distances.min()!
            let found = neighbour.nearest(to: item)
            #expect(found.distance == best)
            #expect(found.place == distances.firstIndex(of: best))
        }
    }

    @Test func ofEquallyNearCasesTheFirstAnswers() {
        let twins = [3, 1, 2].map { SeriesCase(values: [1, 2], length: 2, label: $0) }
        #expect(
            NearestNeighbour(twins).predict(SeriesCase(values: [5, 5], length: 2, label: 0)) == 3)
    }
}

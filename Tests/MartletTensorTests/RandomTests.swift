import CMartletKernels
import Foundation
import MartletTestSupport
import Testing

@testable import MartletTensor

@Suite struct RandomTests {
    /// Known answers of Philox4x32-10, published with Random123 (kat_vectors: key and counter 0).
    @Test func philoxKnownAnswer() {
        var words = [UInt32](repeating: 0, count: 4)
        mk_random_block(0, 0, &words)
        #expect(words == [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8])
    }

    /// Φ(quantile(p)) = p, with the C library's erfc, far into both tails.
    @Test func normalQuantileInvertsTheDistribution() {
        for step in -320...320 {
            let z = Double(step) / 40
            let p = 0.5 * erfc(-z / 2.0.squareRoot())
            guard p < 1 else { continue }
            let back = 0.5 * erfc(-mk_normal_quantile(p) / 2.0.squareRoot())
            #expect(abs(back - p) <= 1e-13 * p, "at \(z)")
        }
    }

    /// The same bits on every machine type: a fingerprint of 10,000 numbers of each kind.
    @Test func fingerprint() {
        func hash(_ tensor: Tensor) -> UInt64 {
            tensor.withUnsafeBytes {
                $0.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
            }
        }
        var random = RandomGenerator(seed: 2024)
        #expect(hash(random.uniform([10_000])) == 0x7764_5d34_d42d_9125)
        #expect(hash(random.normal([10_000])) == 0x9567_c68f_661b_6104)
        #expect(hash(random.normal([10_000], dtype: .float64)) == 0xfd70_57fb_4f69_5bfe)
        #expect(hash(random.bernoulli([10_000], probability: 0.3)) == 0x1950_8aec_ba63_15fa)
    }

    @Test func moments() {
        var random = RandomGenerator(seed: 5)
        let count = 100_000
        let uniform = random.uniform([count])
        #expect(abs(uniform.mean().item - 0.5) < 5 * (1.0 / 12 / Double(count)).squareRoot())
        #expect(uniform.min(axis: 0).item >= 0 && uniform.max(axis: 0).item < 1)
        let normal = random.normal([count], mean: 2, standardDeviation: 3)
        #expect(abs(normal.mean().item - 2) < 5 * 3 / Double(count).squareRoot())
        #expect(abs(normal.variance(axis: 0).item - 9) < 5 * 9 * (2 / Double(count)).squareRoot())
        let heads = random.bernoulli([count], probability: 0.3).cast(to: .float32).mean().item
        #expect(abs(heads - 0.3) < 5 * (0.21 / Double(count)).squareRoot())
        let dice = random.integers([count], in: -2..<4).scalars(as: Int64.self)
        for face in Int64(-2)..<4 {
            let share = Double(dice.count { $0 == face }) / Double(count)
            #expect(abs(share - 1.0 / 6) < 5 * (5.0 / 36 / Double(count)).squareRoot())
        }
        #expect(Set(dice) == Set(-2..<4))
    }

    @Test(arguments: [0, 1, 2, 3, 4, 5, 255, 256, 257, 1000])
    func aLongerDrawBeginsLikeAShorterOne(count: Int) {
        var (long, short) = (RandomGenerator(seed: 9), RandomGenerator(seed: 9))
        #expect(
            long.normal([2000]).slice(axis: 0, 0..<count).scalars(as: Float.self)
                == short.normal([count]).scalars(as: Float.self))
    }

    @Test func permutationsAreEvenlySpread() {
        var random = RandomGenerator(seed: 6)
        var counts: [[Int]: Int] = [:]
        for _ in 0..<6000 { counts[random.permutation(3), default: 0] += 1 }
        #expect(counts.count == 6)
        for count in counts.values { #expect(abs(count - 1000) < 150) }
        #expect(random.permutation(0) == [] && random.permutation(1) == [0])
    }

    @Test func aStoredGeneratorGoesOn() throws {
        var random = RandomGenerator(seed: 7)
        _ = random.normal([13])
        var again = try JSONDecoder().decode(
            RandomGenerator.self, from: JSONEncoder().encode(random))
        #expect(random == again)
        #expect(random.next() == again.next())
        var child = random.split()
        #expect(child.next() != random.next())
    }
}

@Suite struct SingleRandomNumberTests {
    @Test func integersFillTheirRangeEvenly() {
        var random = RandomGenerator(seed: 9)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<7000 { counts[random.integer(below: 7)] += 1 }
        #expect(counts.allSatisfy { (850...1150).contains($0) }, "\(counts)")
        #expect((0..<100).allSatisfy { _ in random.integer(below: 1) == 0 })
    }

    @Test func fractionsAreEvenAndBelowOne() {
        var random = RandomGenerator(seed: 9)
        let values = (0..<10_000).map { _ in random.fraction() }
        #expect(values.allSatisfy { (0..<1).contains($0) })
        #expect(abs(values.reduce(0, +) / 10_000 - 0.5) < 0.02)
        var same = RandomGenerator(seed: 9)
        #expect(same.fraction() == values[0])
    }
}

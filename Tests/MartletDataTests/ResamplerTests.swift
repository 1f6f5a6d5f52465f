import Foundation
import MartletData
import Testing

/// What the resampler keeps, what it takes away, and that parts do not matter.
@Suite struct ResamplerTests {
    private static let rates = [
        8000, 11_025, 16_000, 22_050, 32_000, 44_100, 48_000, 96_000, 44_123,
    ]

    private func sine(_ frequency: Double, _ rate: Int, seconds: Double = 0.5) -> [Float] {
        (0..<Int(seconds * Double(rate))).map {
            Float(sin(2 * .pi * frequency * Double($0) / Double(rate)))
        }
    }

    private func resampled(_ samples: [Float], from rate: Int, to: Int = 16_000) -> [Float] {
        var resampler = Resampler(from: rate, to: to)
        let first = resampler.add(samples)
        return first + resampler.finish()
    }

    /// The largest distance from the exact wave, away from the ends.
    private func error(_ found: [Float], _ frequency: Double) -> Float {
        let margin = 700
        let exact = sine(frequency, 16_000)
        return (margin..<min(found.count, exact.count) - margin).map { abs(found[$0] - exact[$0]) }
            .max()!
    }

    @Test(arguments: rates, [0.0125, 0.3, 0.7, 0.9])
    func tonesBelowAreKept(rate: Int, part: Double) {
        let half = Double(min(rate, 16_000)) / 2
        let found = resampled(sine(part * half, rate), from: rate)
        // The same amplitude and the same time: 0.01 dB are 0.00115.
        #expect(error(found, part * half) < 0.00115)
    }

    @Test(arguments: rates.filter { $0 > 16_000 }, [8000.0, 8600, 9700])
    func tonesAboveAreTakenAway(rate: Int, frequency: Double) {
        // Of 22,050 Hz, 9,700 Hz is below the half rate as well.
        let found = resampled(sine(frequency, rate), from: rate)[700..<7300]
        let loudest = found.map(abs).max()!
        #expect(20 * log10(loudest) < -90, "\(20 * log10(loudest)) dB")
    }

    @Test(arguments: rates.filter { $0 < 16_000 })
    func noMirrorImagesAppear(rate: Int) {
        // A tone below leaves nothing else: the distance from the exact wave is small, mirror image included.
        #expect(error(resampled(sine(1000, rate), from: rate), 1000) < 5e-5)
    }

    @Test(arguments: rates)
    func lengthIsThatOfTheTime(rate: Int) {
        for count in [0, 1, 2, 100, 12_345] {
            let found = resampled([Float](repeating: 0.5, count: count), from: rate)
            #expect(found.count == (count * 16_000 + rate - 1) / rate)
            // A constant stays that constant.
            if count > 10_000 { #expect(abs(found[found.count / 2] - 0.5) < 1e-6) }
        }
    }

    @Test(arguments: rates, [1, 37, 160, 4096])
    func partsGiveTheSameBits(rate: Int, size: Int) {
        let samples = sine(700, rate, seconds: 0.2)
        var resampler = Resampler(from: rate, to: 16_000)
        var found: [Float] = []
        for start in stride(from: 0, to: samples.count, by: size) {
            found += resampler.add(Array(samples[start..<min(start + size, samples.count)]))
        }
        #expect(found + resampler.finish() == resampled(samples, from: rate))
    }

    @Test func theSameRateChangesNothing() {
        let samples = sine(5000, 16_000)
        #expect(resampled(samples, from: 16_000) == samples)
    }

    @Test func aResamplerBeginsAnewAfterItsEnd() {
        var resampler = Resampler(from: 44_100, to: 16_000)
        let samples = sine(500, 44_100, seconds: 0.1)
        let first = resampler.add(samples) + resampler.finish()
        #expect(first == resampler.add(samples) + resampler.finish())
    }
}

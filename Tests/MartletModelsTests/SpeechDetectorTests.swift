import MartletModels
import MartletTestSupport
import Testing

/// Segments against the package's own function, and when they come.
@Suite struct SpeechDetectorTests {
    private func options(_ value: GoldenValue) -> SpeechDetector.Options {
        var options = SpeechDetector.Options()
        options.threshold = value["threshold"].number
        options.minimumSpeech = value["minimum_speech"].number
        options.minimumSilence = value["minimum_silence"].number
        options.padding = value["padding"].number
        options.maximumSpeech = value[optional: "maximum_speech"]?.number
        return options
    }

    @Test func segmentsAreThoseOfThePackage() throws {
        var count = 0
        for example in try golden("silero_segments")["cases"].list {
            var detector = SpeechDetector(options(example["options"]))
            var left = example["length"].integer
            var found: [SpeechSegment] = []
            for probability in example["probabilities"].numbers {
                found += detector.add(Float(probability), sampleCount: min(512, left))
                left -= min(512, left)
            }
            found += detector.finish()
            #expect(found.map(\.start) == example["starts"].integers)
            #expect(found.map(\.end) == example["ends"].integers)
            count += found.count
        }
        #expect(count > 100)
    }

    /// When each segment came: after how many chunks.
    private func arrivals(_ probabilities: [Float], _ detector: SpeechDetector = .init()) -> [(
        chunks: Int, segment: SpeechSegment
    )] {
        var detector = detector
        return probabilities.enumerated().flatMap { index, probability in
            detector.add(probability).map { (index + 1, $0) }
        } + detector.finish().map { (probabilities.count + 1, $0) }
    }

    private func pattern(_ parts: (Float, Int)...) -> [Float] {
        parts.flatMap { Array(repeating: $0.0, count: $0.1) }
    }

    @Test func aSegmentComesWhenItsSilenceIsLongEnough() {
        // Speech from chunk 10 to 20; 100 ms of silence are over at chunk 24, the first with 4 chunks before it.
        let found = arrivals(pattern((0, 10), (0.9, 5), (0.7, 5), (0.1, 30)))
        #expect(found.count == 1)
        #expect(found[0].chunks == 25)
        #expect(found[0].segment.start == 10 * 512 - 480)
        #expect(found[0].segment.end == 20 * 512 + 480)
        #expect(abs(found[0].segment.probability - 0.8) < 1e-6)
    }

    @Test func aSegmentWaitsForItsPadding() {
        var options = SpeechDetector.Options()
        options.padding = 500
        options.minimumSilence = 0
        // 1 s of silence is 31.25 chunks.
        let alone = arrivals(pattern((0.9, 20), (0, 100)), SpeechDetector(options))
        #expect(alone.map(\.chunks) == [20 + 32])
        #expect(alone[0].segment.end == 20 * 512 + 8000)
        // Sooner than that there may be another segment, which shares the silence.
        let two = arrivals(
            pattern((0.9, 20), (0, 20), (0.9, 20), (0, 100)), SpeechDetector(options))
        #expect(two.map(\.segment.end) == [30 * 512, 60 * 512 + 8000])
        #expect(two.map(\.segment.start) == [0, 30 * 512])
        #expect(two[0].chunks == 61)
    }

    @Test func whatWavesBetweenTheThresholdsGoesOn() {
        let found = arrivals(pattern((0.9, 10), (0.4, 50), (0.9, 10), (0.3, 20)))
        #expect(found.map(\.segment.end) == [70 * 512 + 480])
        var options = SpeechDetector.Options()
        options.negativeThreshold = 0.45
        let cut = arrivals(pattern((0.9, 10), (0.4, 50), (0.9, 10), (0.3, 20)), .init(options))
        #expect(cut.map(\.segment.end) == [10 * 512 + 480, 70 * 512 + 480])
    }

    @Test func wrongOptionsHaveAProblem() {
        #expect(SpeechDetector.Options().problem == nil)
        let changes: [(String, (inout SpeechDetector.Options) -> Void)] = [
            ("the threshold is 1.5: expected 0 … 1", { $0.threshold = 1.5 }),
            ("the threshold is nan", { $0.threshold = .nan }),
            ("expected at most the threshold, 0.5", { $0.negativeThreshold = 0.6 }),
            ("the minimum speech is -1.0 ms", { $0.minimumSpeech = -1 }),
            ("the padding is inf ms", { $0.padding = .infinity }),
            ("the maximum speech is 0.05 s: expected more than", { $0.maximumSpeech = 0.05 }),
        ]
        for (expected, change) in changes {
            var options = SpeechDetector.Options()
            change(&options)
            #expect(options.problem?.contains(expected) == true, "\(options.problem ?? "none")")
        }
    }
}

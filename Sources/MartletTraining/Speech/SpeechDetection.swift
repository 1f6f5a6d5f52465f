import MartletData
public import MartletModels

/// From a recording to its stretches of speech, part by part: mix down, resample, judge, cut.
///
/// Memory does not grow with the recording.
public struct SpeechDetection: Sendable {
    private var resampler: Resampler
    private var stream: SpeechStream
    private var detector: SpeechDetector

    /// A detection at the start of a recording of that many samples a second.
    public init(
        _ model: SileroVAD, options: SpeechDetector.Options = .init(),
        rate: Int = SileroVAD.sampleRate
    ) {
        resampler = Resampler(from: rate, to: SileroVAD.sampleRate)
        stream = SpeechStream(model)
        detector = SpeechDetector(options)
    }

    /// Takes the next samples, in −1 … 1, and hands out the segments that are final now.
    ///
    /// - Parameter hear: told of every 32 ms.
    public mutating func add(
        _ samples: [Float], hear: (SpeechChunk) -> Void = { _ in }
    ) -> [SpeechSegment] {
        judge(stream.add(resampler.add(samples)), hear)
    }

    /// Ends the recording, and hands out the last segments.
    public mutating func finish(hear: (SpeechChunk) -> Void = { _ in }) -> [SpeechSegment] {
        judge(stream.add(resampler.finish()), hear) + judge(stream.finish(), hear)
            + detector.finish()
    }

    private mutating func judge(_ chunks: [SpeechChunk], _ hear: (SpeechChunk) -> Void)
        -> [SpeechSegment]
    {
        chunks.flatMap { chunk in
            hear(chunk)
            return detector.add(chunk.probability, sampleCount: chunk.sampleCount)
        }
    }
}

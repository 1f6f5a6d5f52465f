/// 32 ms of audio and how probable speech is in it.
public struct SpeechChunk: Sendable, Equatable {
    /// The probability of speech, 0 … 1.
    public var probability: Float
    /// The lowest and the highest sample of each of its four quarters.
    public var ranges: [ClosedRange<Float>]
    /// The real samples: 512, but for the last chunk of a recording.
    public var sampleCount: Int
}

/// Samples at 16 kHz in, as many at a time as there are, and a probability out for every 512 of them.
///
/// However a recording is cut into parts, its probabilities have the same bits.
public struct SpeechStream: Sendable {
    private let steps: SileroVAD.Steps
    private var waiting: [Float] = []
    /// Where the stream is, after the last whole chunk.
    public private(set) var state: SileroVAD.State

    /// A stream from a state, that of the first sample without one.
    public init(_ model: SileroVAD, state: SileroVAD.State = .init()) {
        steps = SileroVAD.Steps(model)
        self.state = state
    }

    /// The chunks that are whole now.
    public mutating func add(_ samples: [Float]) -> [SpeechChunk] {
        waiting += samples
        let size = SileroVAD.chunkSize
        let count = waiting.count / size
        // Some at a time, so that memory does not grow with the part.
        let chunks = stride(from: 0, to: count, by: 64).flatMap { first in
            run(Array(waiting[first * size..<min(first + 64, count) * size]))
        }
        waiting.removeFirst(count * size)
        return chunks
    }

    /// The last chunk, if one has begun, filled up with zeros.
    public mutating func finish() -> [SpeechChunk] {
        guard !waiting.isEmpty else { return [] }
        let count = waiting.count
        let missing = SileroVAD.chunkSize - count
        var last = run(waiting + [Float](repeating: 0, count: missing))[0]
        last.sampleCount = count
        waiting = []
        return [last]
    }

    private mutating func run(_ samples: [Float]) -> [SpeechChunk] {
        let size = SileroVAD.chunkSize
        let quarter = size / 4
        return steps(samples, state: &state).enumerated().map { index, probability in
            let ranges = (0..<4).map { part in
                let start = index * size + part * quarter
                var (low, high) = (samples[start], samples[start])
                for sample in samples[start..<start + quarter] {
                    low = min(low, sample)
                    high = max(high, sample)
                }
                return low...high
            }
            return SpeechChunk(probability: probability, ranges: ranges, sampleCount: size)
        }
    }
}

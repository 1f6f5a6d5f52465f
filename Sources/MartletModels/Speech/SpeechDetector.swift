/// A stretch of speech.
public struct SpeechSegment: Sendable, Equatable {
    /// The first sample, at 16 kHz, padding included.
    public var start: Int
    /// The sample after the last one.
    public var end: Int
    /// The mean probability of its chunks, without the padding.
    public var probability: Double

    /// A segment of these values.
    public init(start: Int, end: Int, probability: Double) {
        self.start = start
        self.end = end
        self.probability = probability
    }
}

/// From probabilities to segments, one chunk after another: a segment is given out as soon as nothing can change it.
///
/// Speech begins where a probability reaches the threshold, and ends where it falls below a lower one and stays there
/// for the minimum silence. Segments of speech that is too long are cut at their longest pause, or, without one, where
/// the time is over. Each segment is then widened by the padding; where two would meet, they share the silence. The
/// segments are those of the package's `get_speech_timestamps` (silero-vad 6.2.3).
public struct SpeechDetector: Sendable {
    /// When a probability is speech.
    public struct Options: Sendable, Equatable {
        /// The probability from which on speech begins.
        public var threshold = 0.5
        /// The probability below which speech ends; nil: 0.15 below the threshold, at least 0.01.
        public var negativeThreshold: Double?
        /// The milliseconds that a segment has to be longer than.
        public var minimumSpeech = 250.0
        /// The milliseconds of silence that end a segment.
        public var minimumSilence = 100.0
        /// The milliseconds added on both sides.
        public var padding = 30.0
        /// The seconds after which a segment is cut; nil: never.
        public var maximumSpeech: Double?

        /// The defaults of the reference.
        public init() {}

        /// What is wrong with the values, in words; nil if nothing is.
        public var problem: String? {
            for (name, value) in [
                ("threshold", threshold), ("negative threshold", negativeThreshold ?? 0),
            ] where !(value >= 0 && value <= 1) {
                return "the \(name) is \(value): expected 0 … 1"
            }
            for (name, value) in [
                ("minimum speech", minimumSpeech), ("minimum silence", minimumSilence),
                ("padding", padding),
            ] where !(value >= 0 && value <= 1e9) {
                return "the \(name) is \(value) ms: expected 0 … 1000000000"
            }
            if let negativeThreshold, negativeThreshold > threshold {
                return
                    "the negative threshold is \(negativeThreshold): expected at most the threshold, \(threshold)"
            }
            let shortest = 0.032 + 2 * padding / 1000
            if let maximumSpeech, !(maximumSpeech > shortest) {
                return
                    "the maximum speech is \(maximumSpeech) s: expected more than a chunk and the padding, \(shortest) s"
            }
            return nil
        }
    }

    /// A chunk's first sample, and the sum of the probabilities before it.
    private struct Mark {
        var chunk: Int
        var sum: Double
        var sample: Int { chunk * SileroVAD.chunkSize }
    }

    private let threshold: Double
    private let negativeThreshold: Double
    // In samples.
    private let minimumSpeech: Double
    private let minimumSilence: Double
    private let padding: Double
    private let maximumSpeech: Double
    /// A pause has to be longer, 98 ms, for a cut.
    private static let shortestPause = 1568

    private var here = Mark(chunk: 0, sum: 0)
    private var received = 0
    /// Where the speech that goes on began.
    private var begin: Mark?
    /// Since when it has been below the lower threshold.
    private var quiet: Mark?
    /// Its longest pause.
    private var pause: (end: Mark, resume: Mark)?
    /// What is over, with its first sample final; its end is that without padding.
    private var waiting: SpeechSegment?

    /// A detector at the start of a recording.
    public init(_ options: Options = Options()) {
        precondition(options.problem == nil, "speech detector: \(options.problem!)")
        let rate = Double(SileroVAD.sampleRate)
        threshold = options.threshold
        negativeThreshold = options.negativeThreshold ?? max(options.threshold - 0.15, 0.01)
        minimumSpeech = rate * options.minimumSpeech / 1000
        minimumSilence = rate * options.minimumSilence / 1000
        padding = rate * options.padding / 1000
        maximumSpeech =
            rate * (options.maximumSpeech ?? .infinity) - Double(SileroVAD.chunkSize) - 2 * padding
    }

    /// Takes the next chunk's probability.
    ///
    /// - Parameter sampleCount: the chunk's real samples: 512, but for the last one of a recording.
    /// - Returns: the segments that are final now.
    public mutating func add(
        _ probability: Float, sampleCount: Int = SileroVAD.chunkSize
    ) -> [SpeechSegment] {
        var done: [SpeechSegment] = []
        follow(Double(probability), &done)
        here.chunk += 1
        here.sum += Double(probability)
        received += sampleCount
        if let segment = waiting {
            // No later segment begins before `begin`, or, without one, before what has not come yet.
            let next = begin?.sample ?? received
            if Double(next - segment.end) >= 2 * padding { done.append(release(segment)) }
        }
        return done
    }

    /// Ends the recording: what goes on ends here.
    public mutating func finish() -> [SpeechSegment] {
        var done: [SpeechSegment] = []
        if let begin, Double(received - begin.sample) > minimumSpeech {
            close(begin, at: here, end: received, &done)
        }
        begin = nil
        if let segment = waiting { done.append(release(segment)) }
        return done
    }

    private mutating func follow(_ probability: Double, _ done: inout [SpeechSegment]) {
        if probability >= threshold, let end = quiet {
            let length = here.sample - end.sample
            let longest = pause.map { $0.resume.sample - $0.end.sample } ?? Self.shortestPause
            if length > longest { pause = (end, here) }
            quiet = nil
        }
        guard let first = begin else {
            if probability >= threshold { begin = here }
            return
        }
        if Double(here.sample - first.sample) > maximumSpeech {
            let cut = pause
            close(first, at: cut?.end ?? here, &done)
            forget()
            guard let cut else { return }
            begin = cut.resume
        }
        if probability < negativeThreshold, let first = begin {
            let end = quiet ?? here
            quiet = end
            if Double(here.sample - end.sample) < minimumSilence { return }
            if Double(end.sample - first.sample) > minimumSpeech { close(first, at: end, &done) }
            forget()
        }
    }

    private mutating func forget() {
        begin = nil
        quiet = nil
        pause = nil
    }

    /// Ends a segment, which then waits until its padding is certain; the one before it is final now.
    private mutating func close(
        _ first: Mark, at last: Mark, end: Int? = nil, _ done: inout [SpeechSegment]
    ) {
        var start = max(0, Int(Double(first.sample) - padding))
        if var before = waiting {
            let silence = first.sample - before.end
            if Double(silence) < 2 * padding {
                before.end += silence / 2
                start = max(0, first.sample - silence / 2)
                done.append(before)
            } else {
                done.append(release(before))
            }
        }
        waiting = SpeechSegment(
            start: start, end: end ?? last.sample,
            probability: (last.sum - first.sum) / Double(last.chunk - first.chunk))
    }

    /// The segment with padding behind it.
    private mutating func release(_ segment: SpeechSegment) -> SpeechSegment {
        waiting = nil
        var padded = segment
        padded.end = Int(min(Double(received), Double(segment.end) + padding))
        return padded
    }
}

/// The samples of a recording, mixed down to one channel, as they come.
///
/// Files are RIFF WAVE or RF64: PCM of up to 32 bits, float of 32 and 64 bits, plain or WAVE_FORMAT_EXTENSIBLE, with any
/// other chunks. A file that is shorter than it says is read as far as it goes, with a warning.
public struct AudioReader: ~Copyable {
    /// Samples a second.
    public let rate: Int
    /// The channels that are mixed down.
    public let channels: Int
    /// How the samples lie in bytes.
    public let format: SampleFormat
    /// Whether a header says all this.
    public let isWave: Bool
    /// What the recording has that it should not have, in words; complete after the last sample.
    public private(set) var warnings: [String] = []
    private var reader: ByteReader
    /// The bytes still to come; nil: to the end.
    private var left: Int?
    private var frames = 0

    /// Reads a WAV file up to its first sample.
    ///
    /// - Throws: ``DataError``.
    public init(path: String) throws(DataError) {
        self.init(try WaveHeader.opened(ByteReader(path: path)))
    }

    /// Reads standard input, which is raw samples of one channel, or a WAV file, if it begins as one.
    ///
    /// - Parameters:
    ///   - rate: samples a second, where there is no header.
    ///   - format: how they lie in bytes, where there is no header.
    ///   - isStopped: whether to act as if the input had ended.
    /// - Throws: ``DataError``.
    public init(
        standardInputAt rate: Int, _ format: SampleFormat,
        until isStopped: @escaping @Sendable () -> Bool = { false }
    ) throws(DataError) {
        var reader = ByteReader(standardInputUntil: isStopped)
        let head = try reader.peek(4)
        if head.elementsEqual("RIFF".utf8) || head.elementsEqual("RF64".utf8) {
            self.init(try WaveHeader.opened(reader))
            return
        }
        self.init(raw: reader, rate, format)
    }

    private init(raw reader: consuming ByteReader, _ rate: Int, _ format: SampleFormat) {
        self.rate = rate
        self.format = format
        channels = 1
        isWave = false
        self.reader = reader
    }

    private init(_ opened: consuming WaveHeader.Opened) {
        rate = opened.header.rate
        channels = opened.header.channels
        format = opened.header.format
        left = opened.header.byteCount
        isWave = true
        reader = opened.reader
    }

    /// The next samples, as soon as there are some, in −1 … 1; nil after the last one.
    ///
    /// - Throws: ``DataError``, also for a sample that is not a number, infinite, or far outside of −1 … 1.
    public mutating func next() throws(DataError) -> [Float]? {
        let size = channels * format.byteCount
        let most = min(left.map { $0 / size } ?? .max, (1 << 16) / size + 1)
        let bytes = most == 0 ? [] : try reader.takeUnits(of: size, atMost: most)
        guard !bytes.isEmpty else {
            try finish(size)
            return nil
        }
        left = left.map { $0 - bytes.count }
        do throws(BadSample) {
            let samples = try bytes.withUnsafeBytes {
                format.mono($0, channels: channels, firstFrame: frames, rate: rate)
            }.get()
            frames += samples.count
            return samples
        } catch {
            throw DataError(reader.name, error.description)
        }
    }

    /// Looks whether the recording ended where it should.
    private mutating func finish(_ size: Int) throws(DataError) {
        if let left, left >= size {
            let expected = frames * size + left
            warnings.append(
                "\(reader.name): has \(frames * size + reader.remainder) of the \(expected) bytes of samples that its header promises: the recording is cut short; what is there was read"
            )
        } else if let left, left > 0 {
            warnings.append(
                "\(reader.name): the size of its samples is no multiple of a frame's \(size) bytes; the last \(left) were left out"
            )
        } else if left == nil, reader.remainder > 0 {
            warnings.append(
                "\(reader.name): ends in the middle of a frame of \(size) bytes; the last \(reader.remainder) were left out"
            )
        }
        if isWave, frames == 0 {
            throw DataError(
                reader.name, "has no samples: it ends after its header; record it again")
        }
    }
}

extension WaveHeader {
    /// A reader at the first sample, with its header.
    struct Opened: ~Copyable {
        var header: WaveHeader
        var reader: ByteReader
    }

    static func opened(_ reader: consuming ByteReader) throws(DataError) -> Opened {
        var reader = reader
        let header = try WaveHeader(from: &reader)
        return Opened(header: header, reader: reader)
    }
}

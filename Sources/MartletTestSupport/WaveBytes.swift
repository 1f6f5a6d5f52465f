/// The bytes of WAV files for tests, right and wrong ones.
public struct WaveBytes {
    /// What each frame's samples are, channel by channel, −1 … 1.
    public var channels: [[Float]]
    /// Frames a second.
    public var rate = 16_000
    /// 1 is PCM, 3 is float.
    public var codec = 1
    /// The bits of a sample.
    public var bits = 16
    /// Whether `fmt ` is the long one.
    public var isExtensible = false
    /// Chunks before the samples.
    public var chunksBefore: [(name: String, bytes: [UInt8])] = []
    /// Chunks after the samples.
    public var chunksAfter: [(name: String, bytes: [UInt8])] = []
    /// What the header says instead of the truth.
    public var claimedDataSize: Int?
    /// What the header says instead of the truth.
    public var claimedRIFFSize: Int?
    /// What the header says instead of the truth.
    public var claimedAlign: Int?

    /// A file of one channel.
    public init(_ samples: [Float]) {
        channels = [samples]
    }

    /// A file of several channels.
    public init(channels: [[Float]]) {
        self.channels = channels
    }

    private func number(_ value: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func sample(_ value: Float) -> [UInt8] {
        if codec == 3 {
            return bits == 64
                ? number(Int(bitPattern: UInt(Double(value).bitPattern)), 8)
                : number(Int(value.bitPattern), 4)
        }
        let size = (bits + 7) / 8
        let limit = Double(1 << (8 * size - 1))
        let whole = Int(min(max((Double(value) * limit).rounded(), -limit), limit - 1))
        return number(size == 1 ? whole + 128 : whole, size)
    }

    /// The samples as bytes.
    public var data: [UInt8] {
        (0..<channels[0].count).flatMap { frame in channels.flatMap { sample($0[frame]) } }
    }

    private func chunk(_ name: String, _ bytes: [UInt8], size: Int? = nil) -> [UInt8] {
        Array(name.utf8) + number(size ?? bytes.count, 4) + bytes
            + (bytes.count % 2 == 1 ? [0] : [])
    }

    /// The whole file.
    public var bytes: [UInt8] {
        let align = claimedAlign ?? channels.count * ((bits + 7) / 8)
        var format =
            number(isExtensible ? 0xFFFE : codec, 2) + number(channels.count, 2) + number(rate, 4)
        format += number(rate * align, 4) + number(align, 2) + number(bits, 2)
        if isExtensible {
            format += number(22, 2) + number(bits, 2) + number(0, 4) + number(codec, 2)
            format += [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71]
        }
        var body = Array("WAVE".utf8) + chunk("fmt ", format)
        for (name, bytes) in chunksBefore { body += chunk(name, bytes) }
        body += chunk("data", data, size: claimedDataSize)
        for (name, bytes) in chunksAfter { body += chunk(name, bytes) }
        return Array("RIFF".utf8) + number(claimedRIFFSize ?? body.count, 4) + body
    }
}

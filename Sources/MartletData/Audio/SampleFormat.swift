/// How the numbers of audio lie in bytes, little-endian; frames of channels side by side.
public enum SampleFormat: Sendable, Equatable {
    /// Whole numbers of that many bits in the fewest bytes; up to 8 bits without a sign, above with one.
    case integer(bits: Int)
    /// IEEE numbers of 32 or 64 bits, −1 … 1.
    case float(bits: Int)

    /// The bytes of one sample.
    public var byteCount: Int {
        switch self {
        case .integer(let bits), .float(let bits): (bits + 7) / 8
        }
    }

    /// What is no audio any more: beyond it, squares would not fit the network's numbers.
    private static let largest: Float = 1e6

    /// The mean over the channels of each frame, as numbers in −1 … 1.
    ///
    /// - Parameters:
    ///   - bytes: whole frames.
    ///   - firstFrame: the first one's number in the recording.
    /// - Returns: a number a frame, or the first sample that is no audio.
    func mono(
        _ bytes: UnsafeRawBufferPointer, channels: Int, firstFrame: Int, rate: Int
    ) -> Result<[Float], BadSample> {
        let size = byteCount
        let count = bytes.count / (size * channels)
        var result = [Float](repeating: 0, count: count)
        let share = 1 / Float(channels)
        for frame in 0..<count {
            var sum: Float = 0
            for channel in 0..<channels {
                let value = sample(bytes, (frame * channels + channel) * size)
                guard abs(value) <= Self.largest else {
                    return .failure(
                        BadSample(
                            frame: firstFrame + frame, channel: channel + 1, value: value,
                            rate: rate))
                }
                sum += value
            }
            result[frame] = channels == 1 ? sum : sum * share
        }
        return .success(result)
    }

    @inline(__always)
    private func sample(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Float {
        switch self {
        case .integer(let bits) where bits <= 8: (Float(bytes[place]) - 128) / 0x1p7
        case .integer(let bits) where bits <= 16:
            Float(load(bytes, place, as: Int16.self)) / 0x1p15
        case .integer(let bits) where bits <= 24:
            Float(
                Int32(bytes[place]) | Int32(bytes[place + 1]) << 8
                    | Int32(Int8(bitPattern: bytes[place + 2])) << 16) / 0x1p23
        case .integer: Float(load(bytes, place, as: Int32.self)) / 0x1p31
        case .float(32): Float(bitPattern: load(bytes, place, as: UInt32.self))
        case .float: Float(Double(bitPattern: load(bytes, place, as: UInt64.self)))
        }
    }

    @inline(__always)
    private func load<Value: FixedWidthInteger & BitwiseCopyable>(
        _ bytes: UnsafeRawBufferPointer, _ place: Int, as type: Value.Type
    ) -> Value {
        Value(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: type))
    }
}

/// A sample that is no audio: not a number, infinite, or far from −1 … 1.
struct BadSample: Error, CustomStringConvertible {
    var frame: Int
    var channel: Int
    var value: Float
    var rate: Int

    var description: String {
        let seconds = (Double(frame) / Double(rate) * 1000).rounded() / 1000
        return
            "sample \(frame) (counted from 0, at \(seconds) s) of channel \(channel) is \(value): expected a number in -1 … 1; repair the recording or cut this part out"
    }
}

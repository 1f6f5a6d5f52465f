/// GPT-2's visible alphabet: one character for each byte (Radford et al. 2019).
///
/// A byte that prints in Latin-1 stands for itself; the others, in order, are U+0100 and what follows.
enum ByteAlphabet {
    /// The character of each byte.
    static let scalars: [UInt32] = {
        var result: [UInt32] = []
        var next: UInt32 = 256
        for byte in UInt32(0)..<256 {
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: result.append(byte)
            default:
                result.append(next)
                next += 1
            }
        }
        return result
    }()

    /// The byte of each character below 324; -1 where it is none.
    static let bytes: [Int16] = {
        var result = [Int16](repeating: -1, count: 324)
        for (byte, scalar) in scalars.enumerated() { result[Int(scalar)] = Int16(byte) }
        return result
    }()

    /// Appends the bytes that visible `text` stands for; false, with nothing appended, where a character is not of the alphabet.
    static func decode(
        _ text: UnsafeBufferPointer<UInt8>, into result: inout [UInt8]
    ) -> Bool {
        guard let base = text.baseAddress else { return true }
        let start = result.count
        var place = 0
        while place < text.count {
            let (value, length) = scalar(base, place)
            guard value < 324, bytes[Int(value)] >= 0 else {
                result.removeSubrange(start...)
                return false
            }
            result.append(UInt8(bytes[Int(value)]))
            place += length
        }
        return true
    }

    /// The space, as it is visible.
    static let space: UInt32 = 0x120
}

/// Base 64 (RFC 4648), read and written.
enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The value of each byte of the alphabet; 255 for others.
    private static let values: [UInt8] = {
        var result = [UInt8](repeating: 255, count: 256)
        for (value, byte) in alphabet.enumerated() { result[Int(byte)] = UInt8(value) }
        return result
    }()

    /// Calls `body` with each byte that `text` stands for; false where it is no base 64.
    @discardableResult
    static func decode(_ text: UnsafeBufferPointer<UInt8>, _ body: (UInt8) -> Void) -> Bool {
        var bits: UInt32 = 0
        var count: UInt32 = 0
        var ended = 0
        for byte in text {
            if byte == 0x3D {
                ended += 1
                continue
            }
            let value = values[Int(byte)]
            guard value < 64, ended == 0 else { return false }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                body(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return ended <= 2 && count < 6
    }

    /// `bytes` in base 64.
    static func encode(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            var bits: UInt32 = 0
            for index in 0..<3 {
                let byte = start + index < bytes.count ? bytes[start + index] : 0
                bits = bits << 8 | UInt32(byte)
            }
            for index in 0..<4 {
                let value = Int(bits >> (18 - 6 * UInt32(index)) & 63)
                result.append(index <= group.count ? alphabet[value] : 0x3D)
            }
        }
        return result
    }
}

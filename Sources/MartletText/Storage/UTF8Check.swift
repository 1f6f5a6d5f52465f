/// The first byte that is not part of valid UTF-8; nil where all are.
package func firstInvalidUTF8(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var place = 0
    while place < bytes.count {
        let first = bytes[place]
        if first < 0x80 {
            place += 1
            continue
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first), place + length <= bytes.count else { return place }
        // The second byte is what tells overlong forms, surrogates and values beyond Unicode.
        let second = bytes[place + 1]
        let allowed: ClosedRange<UInt8> =
            switch first {
            case 0xE0: 0xA0...0xBF
            case 0xED: 0x80...0x9F
            case 0xF0: 0x90...0xBF
            case 0xF4: 0x80...0x8F
            default: 0x80...0xBF
            }
        guard allowed.contains(second) else { return place }
        for next in place + 2..<place + length where bytes[next] & 0xC0 != 0x80 { return place }
        place += length
    }
    return nil
}

/// Numbers in the generated tables: seven bits a byte, low ones first, written in base 64.
enum PackedNumbers {
    /// All numbers of a table.
    static func unpack(_ text: StaticString) -> [UInt32] {
        var result: [UInt32] = []
        var number: UInt32 = 0
        var shift: UInt32 = 0
        Base64.decode(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)) {
            number |= UInt32($0 & 0x7F) << shift
            shift += 7
            if $0 & 0x80 == 0 {
                result.append(number)
                number = 0
                shift = 0
            }
        }
        return result
    }
}

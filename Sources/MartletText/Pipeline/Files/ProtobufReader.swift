/// Reads the fields of a protocol-buffer message one by one.
struct ProtobufReader {
    /// What a field holds.
    enum Value {
        case number(UInt64)
        case bits32(UInt32)
        case bits64(UInt64)
        /// Bytes, by their range in the file.
        case bytes(Range<Int>)
    }

    private let bytes: [UInt8]
    private let end: Int
    private let path: String
    /// The next byte to read.
    private(set) var place: Int

    /// A reader of the message that lies at `range` of `bytes`; `path` is for messages.
    init(_ bytes: [UInt8], _ range: Range<Int>, path: String) {
        self.bytes = bytes
        self.path = path
        place = range.lowerBound
        end = range.upperBound
    }

    private func failure(_ reason: String) -> PipelineError {
        .damaged(path: path, reason: reason, offset: place)
    }

    private mutating func number() throws(PipelineError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while place < end, shift < 64 {
            let byte = bytes[place]
            place += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw failure(shift < 64 ? "ends within a number" : "a number of more than ten bytes")
    }

    private mutating func bits(_ count: Int) throws(PipelineError) -> UInt64 {
        guard place + count <= end else { throw failure("ends within a number") }
        var value: UInt64 = 0
        for index in 0..<count { value |= UInt64(bytes[place + index]) << UInt64(8 * index) }
        place += count
        return value
    }

    /// The next field and its number; nil at the end.
    ///
    /// Throws ``PipelineError/damaged(path:reason:offset:)`` where the message is cut off, or is none.
    mutating func next() throws(PipelineError) -> (field: Int, value: Value)? {
        guard place < end else { return nil }
        let key = try number()
        let field = Int(key >> 3)
        guard field > 0, key >> 3 < 1 << 29 else { throw failure("no protocol buffer") }
        switch key & 7 {
        case 0: return (field, .number(try number()))
        case 1: return (field, .bits64(try bits(8)))
        case 2:
            let length = try number()
            guard length <= UInt64(end - place) else {
                throw failure("a field of \(length) bytes where \(end - place) are left")
            }
            let range = place..<place + Int(length)
            place = range.upperBound
            return (field, .bytes(range))
        case 5: return (field, .bits32(UInt32(try bits(4))))
        default: throw failure("a field of the type \(key & 7), which is none")
        }
    }
}

/// The JSON that the header of a safetensors file may hold: objects, arrays, strings, whole numbers.
///
/// The reader trusts nothing: it limits the depth, refuses a key that comes twice, text that is not
/// UTF-8, numbers that overflow, and anything after the end but spaces.
indirect enum HeaderJSON {
    case object([(key: String, value: HeaderJSON)])
    case array([HeaderJSON])
    case string(String)
    case number(Int)

    /// What is wrong, and at which byte.
    struct Problem: Error {
        var offset: Int
        var message: String
    }

    /// Objects in an object in an object: one level more than a header needs.
    static let maximumDepth = 4

    init(parsing bytes: UnsafeRawBufferPointer) throws(Problem) {
        var reader = Reader(bytes: bytes)
        self = try reader.value(depth: 0)
        reader.skipSpaces()
        if reader.position < bytes.count {
            throw reader.problem("expected only spaces after the end of the header")
        }
    }

    /// What the value is, for messages.
    var kind: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a string"
        case .number: "a number"
        }
    }
}

private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var position = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    func problem(_ message: String) -> HeaderJSON.Problem {
        HeaderJSON.Problem(offset: position, message: message)
    }

    mutating func skipSpaces() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard current == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func expect(_ character: Unicode.Scalar) throws(HeaderJSON.Problem) {
        if !take(character) { throw problem("expected \"\(character)\", found \(found)") }
    }

    var found: String {
        guard let byte = current else { return "the end" }
        return byte > 0x20 && byte < 0x7F
            ? "\"\(Unicode.Scalar(byte))\"" : "the byte 0x\(String(byte, radix: 16))"
    }

    mutating func value(depth: Int) throws(HeaderJSON.Problem) -> HeaderJSON {
        guard depth < HeaderJSON.maximumDepth else {
            throw problem("more than \(HeaderJSON.maximumDepth) levels of brackets")
        }
        skipSpaces()
        switch current {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case (UInt8(ascii: "0")...UInt8(ascii: "9"))?: return .number(try number())
        default: throw problem("expected {, [, a string or a whole number, found \(found)")
        }
    }

    mutating func object(depth: Int) throws(HeaderJSON.Problem) -> HeaderJSON {
        position += 1
        var members: [(key: String, value: HeaderJSON)] = []
        var keys = Set<String>()
        skipSpaces()
        if take("}") { return .object([]) }
        while true {
            skipSpaces()
            let start = position
            guard current == UInt8(ascii: "\"") else {
                throw problem("expected a key, found \(found)")
            }
            let key = try string()
            guard keys.insert(key).inserted else {
                throw HeaderJSON.Problem(offset: start, message: "the key \"\(key)\" comes twice")
            }
            skipSpaces()
            try expect(":")
            members.append((key, try value(depth: depth + 1)))
            skipSpaces()
            if take("}") { return .object(members) }
            try expect(",")
        }
    }

    mutating func array(depth: Int) throws(HeaderJSON.Problem) -> HeaderJSON {
        position += 1
        var elements: [HeaderJSON] = []
        skipSpaces()
        if take("]") { return .array([]) }
        while true {
            elements.append(try value(depth: depth + 1))
            skipSpaces()
            if take("]") { return .array(elements) }
            try expect(",")
        }
    }

    mutating func number() throws(HeaderJSON.Problem) -> Int {
        let start = position
        var number = 0
        while let byte = current, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            let (tens, overflowTens) = number.multipliedReportingOverflow(by: 10)
            let (sum, overflowSum) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            if overflowTens || overflowSum { throw problem("a number greater than \(Int.max)") }
            number = sum
            position += 1
        }
        if position - start > 1, bytes[start] == UInt8(ascii: "0") {
            throw problem("a number that begins with 0")
        }
        if let byte = current, [".", "e", "E"].contains(Unicode.Scalar(byte)) {
            throw problem("expected a whole number, found \(found) in it")
        }
        return number
    }

    mutating func string() throws(HeaderJSON.Problem) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let string = String(validating: text, as: UTF8.self) else {
                    throw problem("a string that is not UTF-8")
                }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: Array(String(Character(try escape())).utf8))
            case 0..<0x20:
                throw problem("a control character in a string")
            default:
                text.append(byte)
            }
        }
        throw problem("a string without an end")
    }

    mutating func escape() throws(HeaderJSON.Problem) -> Unicode.Scalar {
        guard let byte = current else { throw problem("a string without an end") }
        position += 1
        switch Unicode.Scalar(byte) {
        case "\"": return "\""
        case "\\": return "\\"
        case "/": return "/"
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u":
            let unit = try hexadecimalUnit()
            if let scalar = Unicode.Scalar(unit) { return scalar }
            guard unit < 0xDC00, take("\\"), take("u") else { break }
            let second = try hexadecimalUnit()
            guard second >= 0xDC00, second < 0xE000 else { break }
            let code = 0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)
            if let scalar = Unicode.Scalar(code) { return scalar }
        default: throw problem("an unknown escape in a string")
        }
        throw problem("half a surrogate pair in a string")
    }

    mutating func hexadecimalUnit() throws(HeaderJSON.Problem) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else {
                throw problem("expected four hexadecimal digits, found \(found)")
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}

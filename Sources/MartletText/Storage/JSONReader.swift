/// What is wrong with a JSON text, and at which byte.
package struct JSONReaderError: Error, Equatable {
    /// What was expected, or what is not allowed.
    package var reason: String
    /// The byte, from 0.
    package var offset: Int
}

/// Reads JSON (RFC 8259) from bytes in one pass, without building a tree.
///
/// The caller says what it expects next. It is made for large flat files: tens of thousands of
/// strings take a millisecond or two.
package struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    /// The next byte to read.
    package private(set) var offset = 0

    /// A reader of `bytes`, which must outlive it.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// An error at the current byte.
    package func failure(_ reason: String) -> JSONReaderError {
        JSONReaderError(reason: reason, offset: offset)
    }

    /// The next byte that is not white space; nil at the end.
    package mutating func peek() -> UInt8? {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return bytes[offset]
            }
        }
        return nil
    }

    /// Reads `character`.
    package mutating func expect(_ character: Unicode.Scalar) throws(JSONReaderError) {
        guard peek() == UInt8(character.value) else { throw failure("expected '\(character)'") }
        offset += 1
    }

    /// Makes sure that nothing follows.
    package mutating func expectEnd() throws(JSONReaderError) {
        guard peek() == nil else { throw failure("expected the end") }
    }

    /// Reads an object; `body` gets each key and must read its value.
    package mutating func object(
        _ body: (String, inout JSONReader) throws(JSONReaderError) -> Void
    ) throws(JSONReaderError) {
        try list("{", "}") { (reader) throws(JSONReaderError) in
            let key = try reader.string()
            try reader.expect(":")
            try body(key, &reader)
        }
    }

    /// Reads an array; `body` must read each element.
    package mutating func array(
        _ body: (inout JSONReader) throws(JSONReaderError) -> Void
    ) throws(JSONReaderError) {
        try list("[", "]", body)
    }

    private mutating func list(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar,
        _ body: (inout JSONReader) throws(JSONReaderError) -> Void
    ) throws(JSONReaderError) {
        try expect(open)
        if peek() == UInt8(close.value) {
            offset += 1
            return
        }
        while true {
            try body(&self)
            if peek() == 0x2C {
                offset += 1
            } else {
                try expect(close)
                return
            }
        }
    }

    /// Reads an integer.
    package mutating func integer() throws(JSONReaderError) -> Int {
        let start = offset
        let text = try number()
        guard let value = Int(text) else {
            throw JSONReaderError(reason: "expected an integer, found \(text)", offset: start)
        }
        return value
    }

    /// Reads a number, as its text.
    package mutating func number() throws(JSONReaderError) -> String {
        _ = peek()
        let start = offset
        while offset < bytes.count, Self.isNumeric(bytes[offset]) { offset += 1 }
        guard Self.isNumber(bytes[start..<offset]) else {
            offset = start
            throw failure("expected a number")
        }
        return String(decoding: bytes[start..<offset], as: UTF8.self)
    }

    /// Whether `text` is a number by the grammar: no leading zero, digits on both sides of a point.
    private static func isNumber(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        var rest = text
        func skip(_ characters: UInt8...) -> Bool {
            guard let first = rest.first, characters.contains(first) else { return false }
            rest.removeFirst()
            return true
        }
        func digits() -> Int {
            let after = rest.drop { (0x30...0x39).contains($0) }
            defer { rest = after }
            return rest.count - after.count
        }
        _ = skip(0x2D)
        let isZeroFirst = rest.first == 0x30
        let whole = digits()
        guard whole == 1 || whole > 1 && !isZeroFirst else { return false }
        if skip(0x2E), digits() == 0 { return false }
        if skip(0x45, 0x65) {
            _ = skip(0x2B, 0x2D)
            if digits() == 0 { return false }
        }
        return rest.isEmpty
    }

    private static func isNumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x2B, 0x2D, 0x2E, 0x45, 0x65: true
        default: false
        }
    }

    /// Reads a string.
    package mutating func string() throws(JSONReaderError) -> String {
        var result: String?
        try string { result = String(decoding: $0, as: UTF8.self) }
        return result!
    }

    /// Reads a string and hands its UTF-8 to `body`.
    package mutating func string(
        _ body: (UnsafeBufferPointer<UInt8>) -> Void
    ) throws(JSONReaderError) {
        guard peek() == 0x22 else { throw failure("expected a string") }
        offset += 1
        let start = offset
        while offset < bytes.count, bytes[offset] != 0x22, bytes[offset] != 0x5C,
            bytes[offset] >= 0x20
        {
            offset += 1
        }
        if offset < bytes.count, bytes[offset] == 0x22 {
            body(UnsafeBufferPointer(rebasing: bytes[start..<offset]))
            offset += 1
            return
        }
        var unescaped = Array(bytes[start..<offset])
        try unescapeRest(into: &unescaped)
        unescaped.withUnsafeBufferPointer(body)
    }

    private mutating func unescapeRest(into result: inout [UInt8]) throws(JSONReaderError) {
        while offset < bytes.count {
            let byte = bytes[offset]
            if byte == 0x22 {
                offset += 1
                return
            }
            if byte < 0x20 { throw failure("a control character in a string") }
            offset += 1
            guard byte == 0x5C else {
                result.append(byte)
                continue
            }
            guard offset < bytes.count else { break }
            let escape = bytes[offset]
            offset += 1
            switch escape {
            case 0x22, 0x5C, 0x2F: result.append(escape)
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x74: result.append(0x09)
            case 0x75: result.append(contentsOf: UTF8.encode(try escapedScalar())!)
            default: throw failure("an unknown escape")
            }
        }
        throw failure("a string without an end")
    }

    /// The scalar after `\u`: one unit, or a pair of surrogates.
    private mutating func escapedScalar() throws(JSONReaderError) -> Unicode.Scalar {
        let unit = try hexadecimal()
        if let scalar = Unicode.Scalar(unit) { return scalar }
        if (0xD800...0xDBFF).contains(unit), offset + 1 < bytes.count, bytes[offset] == 0x5C,
            bytes[offset + 1] == 0x75
        {
            offset += 2
            let low = try hexadecimal()
            if (0xDC00...0xDFFF).contains(low) {
                return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))!
            }
        }
        throw failure("half a surrogate pair")
    }

    private mutating func hexadecimal() throws(JSONReaderError) -> UInt32 {
        let digits = bytes[offset..<min(offset + 4, bytes.count)]
        var value: UInt32 = 0
        for digit in digits {
            guard let number = Character(Unicode.Scalar(digit)).hexDigitValue else { break }
            value = value << 4 | UInt32(number)
            offset += 1
        }
        guard offset == digits.endIndex, digits.count == 4 else {
            throw failure("expected four hexadecimal digits")
        }
        return value
    }

    /// Reads past any value; nesting deeper than `depth` is an error.
    package mutating func skipValue(depth: Int = 64) throws(JSONReaderError) {
        guard depth > 0 else { throw failure("nested too deeply") }
        switch peek() {
        case 0x7B:
            try object { (_, reader) throws(JSONReaderError) in
                try reader.skipValue(depth: depth - 1)
            }
        case 0x5B:
            try array { (reader) throws(JSONReaderError) in
                try reader.skipValue(depth: depth - 1)
            }
        case 0x22: try string { _ in }
        case 0x74: try word("true")
        case 0x66: try word("false")
        case 0x6E: try word("null")
        default: _ = try number()
        }
    }

    /// Reads `text`, such as `true`.
    package mutating func word(_ text: StaticString) throws(JSONReaderError) {
        _ = peek()
        let end = offset + text.utf8CodeUnitCount
        guard end <= bytes.count,
            bytes[offset..<end].elementsEqual(
                UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
        else { throw failure("expected \(text)") }
        offset = end
    }
}

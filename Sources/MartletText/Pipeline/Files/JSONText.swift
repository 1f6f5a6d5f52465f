/// JSON as it is written: bytes in the order of the calls.
struct JSONText {
    private(set) var bytes: [UInt8] = []

    /// Appends `text` as it is.
    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a text in quotation marks.
    mutating func string(_ text: String) {
        var text = text
        text.withUTF8 { string($0) }
    }

    /// Appends bytes of UTF-8 in quotation marks.
    mutating func string(_ text: UnsafeBufferPointer<UInt8>) {
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                raw("\\u\(digits.count == 1 ? "000" : "00")\(digits)")
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }

    /// Appends an object of small members.
    mutating func object(_ members: [(String, Value)]) {
        raw("{")
        for (index, (key, value)) in members.enumerated() {
            if index > 0 { raw(", ") }
            string(key)
            raw(": ")
            self.value(value)
        }
        raw("}")
    }

    /// A small value.
    indirect enum Value {
        case object([(String, Value)])
        case list([Value])
        case text(String)
        case number(Int)
        case real(Double)
        case flag(Bool)
        case null

        /// A text, or null.
        static func optional(_ text: String?) -> Value { text.map(Value.text) ?? .null }
    }

    /// Appends a small value.
    mutating func value(_ value: Value) {
        switch value {
        case .object(let members): object(members)
        case .list(let elements):
            raw("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { raw(", ") }
                self.value(element)
            }
            raw("]")
        case .text(let text): string(text)
        case .number(let number): raw(String(number))
        case .real(let number): raw("\(number)")
        case .flag(let flag): raw(flag ? "true" : "false")
        case .null: raw("null")
        }
    }
}

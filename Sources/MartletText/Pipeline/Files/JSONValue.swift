/// A small JSON value as a tree, built by ``JSONReader``: for the parts of a file whose members come in any order.
indirect enum JSONValue {
    case object([String: JSONValue])
    case array([JSONValue])
    case string(String)
    case number(String)
    case flag(Bool)
    case null

    /// Reads a value; nesting deeper than `depth` is an error.
    static func read(
        _ reader: inout JSONReader, depth: Int = 64
    ) throws(JSONReaderError) -> JSONValue {
        guard depth > 0 else { throw reader.failure("nested too deeply") }
        switch reader.peek() {
        case 0x7B:
            var members: [String: JSONValue] = [:]
            try reader.object { (key, reader) throws(JSONReaderError) in
                members[key] = try read(&reader, depth: depth - 1)
            }
            return .object(members)
        case 0x5B:
            var elements: [JSONValue] = []
            try reader.array { (reader) throws(JSONReaderError) in
                elements.append(try read(&reader, depth: depth - 1))
            }
            return .array(elements)
        case 0x22: return .string(try reader.string())
        case 0x74:
            try reader.word("true")
            return .flag(true)
        case 0x66:
            try reader.word("false")
            return .flag(false)
        case 0x6E:
            try reader.word("null")
            return .null
        default: return .number(try reader.number())
        }
    }
}

/// A JSON value and its name in the file.
struct JSONPart {
    let value: JSONValue
    let name: String

    private func wrong(_ expected: String) -> PipelineError {
        let found =
            switch value {
            case .object: "an object"
            case .array: "a list"
            case .string(let text): "\"\(text.prefix(64))\""
            case .number(let text): text
            case .flag(let flag): "\(flag)"
            case .null: "null"
            }
        return .invalid(part: name, reason: "expected \(expected), found \(found)")
    }

    var isNull: Bool { if case .null = value { true } else { false } }

    /// The member `key`; nil where there is none, or it is null.
    subscript(key: String) -> JSONPart? {
        guard case .object(let members) = value, let member = members[key] else { return nil }
        let part = JSONPart(value: member, name: name.isEmpty ? key : "\(name).\(key)")
        return part.isNull ? nil : part
    }

    /// The member `key`.
    func required(_ key: String) throws -> JSONPart {
        guard case .object = value else { throw wrong("an object") }
        guard let member = self[key] else {
            throw PipelineError.invalid(part: name, reason: "\"\(key)\" is missing")
        }
        return member
    }

    func text() throws -> String {
        guard case .string(let text) = value else { throw wrong("a text") }
        return text
    }

    func flag() throws -> Bool {
        guard case .flag(let flag) = value else { throw wrong("true or false") }
        return flag
    }

    func integer() throws -> Int {
        guard case .number(let text) = value, let number = Int(text) else {
            throw wrong("a whole number")
        }
        return number
    }

    /// A whole number from 0 on that fits a token's number.
    func id() throws -> Int32 {
        guard let id = Int32(exactly: try integer()), id >= 0 else {
            throw wrong("a number from 0 to \(Int32.max)")
        }
        return id
    }

    /// A whole number from 0 on.
    func count() throws -> Int {
        let number = try integer()
        guard (0...Int(Int32.max)).contains(number) else {
            throw wrong("a number from 0 to \(Int32.max)")
        }
        return number
    }

    func double() throws -> Double {
        guard case .number(let text) = value, let number = Double(text) else {
            throw wrong("a number")
        }
        return number
    }

    func scalar() throws -> Unicode.Scalar {
        let scalars = try text().unicodeScalars
        guard scalars.count == 1 else { throw wrong("one character") }
        return scalars.first!
    }

    func list() throws -> [JSONPart] {
        guard case .array(let elements) = value else { throw wrong("a list") }
        return elements.enumerated().map { JSONPart(value: $1, name: "\(name)[\($0)]") }
    }

    /// The members with their keys, by rising key.
    func members() throws -> [(key: String, part: JSONPart)] {
        guard case .object(let members) = value else { throw wrong("an object") }
        return members.sorted { $0.key < $1.key }
            .map { ($0.key, JSONPart(value: $0.value, name: "\(name).\($0.key)")) }
    }

    /// One of the values of an enumeration of texts.
    func choice<Choice: RawRepresentable & CaseIterable>() throws -> Choice
    where Choice.RawValue == String {
        let names = Choice.allCases.map(\.rawValue)
        guard let choice = Choice(rawValue: try text()) else {
            throw wrong("one of \(names.joined(separator: ", "))")
        }
        return choice
    }
}

import Testing

@testable import MartletText

@Suite struct JSONReaderTests {
    private func read<Value>(
        _ text: String, _ body: (inout JSONReader) throws(JSONReaderError) -> Value
    ) throws(JSONReaderError) -> Value {
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer)
            return Result { () throws(JSONReaderError) in
                let value = try body(&reader)
                try reader.expectEnd()
                return value
            }
        }
        return try result.get()
    }

    private func string(_ text: String) throws(JSONReaderError) -> String {
        try read(text) { (reader) throws(JSONReaderError) in try reader.string() }
    }

    private func number(_ text: String) throws(JSONReaderError) -> String {
        try read(text) { (reader) throws(JSONReaderError) in try reader.number() }
    }

    private func integer(_ text: String) throws(JSONReaderError) -> Int {
        try read(text) { (reader) throws(JSONReaderError) in try reader.integer() }
    }

    private func skip(_ text: String) throws(JSONReaderError) {
        try read(text) { (reader) throws(JSONReaderError) in try reader.skipValue() }
    }

    @Test(arguments: [
        (#""""#, ""), (#" "好 a" "#, "好 a"), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
        (#""\u0041\u00e9\u00E9\u597d""#, "Aéé好"), (#""\u0000""#, "\u{0}"),
        (#""a\ud83d\ude00b""#, "a😀b"), (#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (#""\uffff""#, "\u{FFFF}"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
    ])
    func stringsAreUnescaped(json: String, expected: String) throws {
        let text = try string(json)
        #expect(Array(text.utf8) == Array(expected.utf8))
    }

    private static let brokenStrings: [(json: String, reason: String, offset: Int)] = [
        (#""\ud83d""#, "half a surrogate pair", 7), (#""\ude00""#, "half a surrogate pair", 7),
        (#""\ud83dx""#, "half a surrogate pair", 7), (#""\ud83d\n""#, "half a surrogate pair", 7),
        (#""\ud83d\u0041""#, "half a surrogate pair", 13),
        (#""\ude00\ud83d""#, "half a surrogate pair", 7), (#""\x""#, "an unknown escape", 3),
        (#""\u12""#, "expected four hexadecimal digits", 5),
        (#""\u12g4""#, "expected four hexadecimal digits", 5),
        (#""\u+123""#, "expected four hexadecimal digits", 3),
        (#""\u12"#, "expected four hexadecimal digits", 5),
        (#""abc"#, "a string without an end", 4), (#""abc\"#, "a string without an end", 5),
        ("\"a\nb\"", "a control character in a string", 2), ("abc", "expected a string", 0),
        ("", "expected a string", 0), (#""a"b"#, "expected the end", 3),
    ]

    @Test func brokenStringsAreErrorsWithTheirPlace() {
        for (json, reason, offset) in Self.brokenStrings {
            #expect(throws: JSONReaderError(reason: reason, offset: offset), "\(json)") {
                try string(json)
            }
        }
    }

    @Test(arguments: [
        "0", "-0", "7", "-12", "1.5", "0.25", "1e5", "1E+5", "1e-05", "-1.5E3", "1e999", "120",
    ])
    func numbersOfTheGrammarAreRead(json: String) throws {
        #expect(try number(json) == json)
    }

    @Test(arguments: [
        "", "-", "+1", "01", "-01", "00", ".5", "-.5", "1.", "1.e5", "1e", "1e+", "1-2", "1.2.3",
        "--1", "e5", "0x10", "NaN", "nan", "inf", "Infinity", "1e5.5", "٣",
    ])
    func whatTheGrammarDoesNotKnowIsNoNumber(json: String) {
        #expect(throws: JSONReaderError.self) { try number(json) }
    }

    @Test func integersHaveSixtyFourBits() throws {
        #expect(try integer(" 42 ") == 42)
        #expect(try integer("-9223372036854775808") == .min)
        #expect(try integer("9223372036854775807") == .max)
        for text in ["9223372036854775808", "1e3", "1.0", "\"1\"", "true", "[]"] {
            #expect(throws: JSONReaderError.self, "\(text)") { try integer(text) }
        }
    }

    @Test func objectsAndArraysGiveTheirPartsInOrder() throws {
        var parts: [String] = []
        try read(" { \"a\" : [ 1 , 2 ] ,\r\n\t\"b\":{}, \"a\":[] } ") {
            (reader) throws(JSONReaderError) in
            try reader.object { (key, reader) throws(JSONReaderError) in
                parts.append(key)
                if key == "b" { return try reader.skipValue() }
                try reader.array { (reader) throws(JSONReaderError) in
                    parts.append(try reader.number())
                }
            }
        }
        #expect(parts == ["a", "1", "2", "b", "a"])
    }

    @Test(arguments: [
        "null", "true", "false", "\"\"", "{}", "[]", "[[],{},[null]]",
        " {\"a\":{\"b\":[1,\"x\"]}} ",
    ])
    func anyValueIsSkipped(json: String) {
        #expect(throws: Never.self) { try skip(json) }
    }

    @Test(arguments: [
        "", "nul", "True", "nulll", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{a:1}",
        "{\"a\":1,}", "{\"a\":1", "[", "{", "]", "[}", "{]", "[1}", "'a'", "1 1", "\u{FEFF}1",
        "// x\n1",
    ])
    func brokenValuesAreErrors(json: String) {
        #expect(throws: JSONReaderError.self) { try skip(json) }
    }

    @Test func nestingDeeperThanSixtyFourIsAnError() throws {
        func nested(_ depth: Int, _ open: String, _ close: String, _ inner: String) -> String {
            String(repeating: open, count: depth) + inner + String(repeating: close, count: depth)
        }
        try skip(nested(63, "[", "]", "0"))
        try skip(nested(63, "{\"a\":", "}", "0"))
        #expect(throws: JSONReaderError(reason: "nested too deeply", offset: 64)) {
            try skip(nested(64, "[", "]", "0"))
        }
        for open in ["[", "{\"a\":"] {
            #expect(throws: JSONReaderError.self) { try skip(nested(200_000, open, "", "")) }
        }
    }
}

import Testing

@testable import MartletText

@Suite struct ExpressionTests {
    /// The pieces of `text` that `pattern` matches.
    private func matches(_ pattern: String, _ text: String) throws -> [String] {
        let compiled = CompiledPattern.expression(
            try ExpressionProgram(pattern, part: "test"), part: "test")
        return try pieces(compiled, text).filter(\.isMatch).map(\.text)
    }

    private func pieces(
        _ pattern: CompiledPattern, _ text: String
    ) throws -> [(text: String, isMatch: Bool)] {
        let traits = UnicodeTraits()
        var memory = ExpressionMemory()
        var found = FlatBuffer<TextMatch>()
        let bytes = Array(text.utf8)
        try bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            try pattern.find(in: base, 0, buffer.count, traits, &memory, into: &found)
        }
        return (0..<found.count).map { index in
            let match = found[index]
            let part = bytes[Int(match.start)..<Int(match.end)]
            return (String(decoding: part, as: UTF8.self), match.isMatch)
        }
    }

    @Test(arguments: [
        ("a|ab", "ab", ["a"]), ("ab|a", "abab", ["ab", "ab"]), ("a*", "baac", ["", "aa", ""]),
        ("a+?", "aaa", ["a", "a", "a"]), ("a{2,3}", "aaaaa", ["aaa", "aa"]),
        ("a{2}", "aaaaa", ["aa", "aa"]),
        ("[^a-c]+", "abxyc", ["xy"]), ("[a-c&&[^b]]+", "abcab", ["a", "ca"]),
        ("[[:digit:]x]+", "a1x2b", ["1x2"]),
        (#"\d+|\s"#, "a12 b", ["12", " "]),
        (#"\p{Lu}\p{Ll}+"#, "Über Straße x", ["Über", "Straße"]),
        (#"\P{L}+"#, "ab12cd", ["12"]), (#"\p{Han}+"#, "a你好b", ["你好"]),
        ("(?i:ab)c", "ABc abC", ["ABc"]),
        ("(?i)STRASSE", "strasse", ["strasse"]), (#"\s+(?!\S)"#, "a  b  ", [" ", "  "]),
        (#"(?<=a)b"#, "abcb", ["b"]), (#"(?<!a)b"#, "abcb", ["b"]),
        (#"\bcat\b"#, "cat concat cat", ["cat", "cat"]),
        ("^a", "ab\nab", ["a", "a"]), ("b$", "ab\nab", ["b", "b"]),
        (#"\Aa|b\z"#, "ab\nab", ["a", "b"]),
        (#"a++b|a"#, "aab a", ["aab", "a"]), (#"a++a|b"#, "aaab", ["b"]),
        (".", "a\nb", ["a", "b"]),
        (#"\u4f60|\x{1F600}"#, "你😀", ["你", "😀"]), (#"\h+"#, "xyzBEEF", ["BEEF"]),
        ("(?:ab){2,}", "ababab ab", ["ababab"]), ("(a|b)*c", "abac", ["abac"]),
        ("x(?#note)y", "xy", ["xy"]),
        ("[]a]+", "]a", ["]a"]), ("a{,2}b", "aaab", ["aab"]), ("a{x}", "a{x}", ["a{x}"]),
        ("", "ab", ["", "", ""]),
    ])
    func matchesAreThoseOfABacktrackingSearch(pattern: String, text: String, expected: [String])
        throws
    {
        #expect(try matches(pattern, text) == expected)
    }

    @Test(arguments: [
        (#"(a)\1"#, "the back reference \\1"), ("(?>a)", "an atomic group"),
        ("(?=ab)", "looking ahead by more"),
        ("(?<=ab|c)", "looking behind by more"), ("(ab)++", "a possessive repetition"),
        (#"\p{Klingon}"#, #"\p{Klingon}"#),
        (#"\X"#, #"\X"#), ("a{1001}", "more than 1000"), ("(?x)a b", "(?x…)"),
        ("(((a{200}){200}){200})", "more than 20000 steps"),
    ])
    func whatIsNotSupportedIsNamed(pattern: String, reason: String) {
        let error = #expect(throws: PipelineError.self) { try matches(pattern, "a") }
        #expect(error?.description.contains(reason) ?? false, "\(String(describing: error))")
    }

    @Test(arguments: [
        "(", ")", "[", "[a", "*a", "a**b(", "[b-a]", #"\"#, #"\p"#, #"\p{L"#, "a{3,2}",
        #"\x{110000}"#,
    ])
    func brokenExpressionsAreErrors(pattern: String) {
        #expect(throws: PipelineError.self) { try matches(pattern, "a") }
    }

    @Test func nestingWithoutEndIsRefused() throws {
        #expect(throws: PipelineError.self) {
            try matches(String(repeating: "(", count: 100_000), "a")
        }
        #expect(throws: PipelineError.self) {
            try matches(String(repeating: "[", count: 100_000), "a")
        }
        #expect(throws: PipelineError.self) {
            try matches(String(repeating: "(?i)", count: 100_000) + "a", "a")
        }
        #expect(throws: PipelineError.self) {
            try matches("a" + String(repeating: "{1}", count: 100_000), "a")
        }
        #expect(try matches(String(repeating: "(?i)", count: 20) + "a{1}{1}", "A") == ["A"])
    }

    /// Expressions that make a backtracking search explode.
    @Test func nothingExplodes() throws {
        let text = String(repeating: "a", count: 20_000)
        #expect(try matches("(a+)+b", text) == [])
        #expect(try matches("(a|a)*b", text) == [])
        #expect(try matches("(a?){30}a{30}", String(text.prefix(40))).count == 1)
        #expect(try matches("(?:){1000}{1000}{1000}{1000}a", "ba") == ["a"])
        // A search that looks at all of the text for every match is refused, not waited for.
        #expect(throws: PipelineError.self) {
            try matches("a.*b|a", String(repeating: "a", count: 200_000))
        }
    }

    /// The scanners of the known expressions, against the same expressions run by the general engine.
    @Test(arguments: [
        KnownExpression.gpt2Text, KnownExpression.llama3Text, KnownExpression.qwen2Text,
        KnownExpression.gpt4oText, KnownExpression.cl100kText,
    ])
    func scannersAreTheirExpressions(text: String) throws {
        let known = CompiledPattern.known(try #require(KnownExpression(text)))
        let general = CompiledPattern.expression(
            try ExpressionProgram(text, part: "test"), part: "test")
        var random = SeededNumbers(seed: 5)
        var texts = try TokenizerFamily.hardTexts()
        for _ in 0..<300 { texts.append(random.text(60)) }
        for _ in 0..<300 {
            let parts = [
                "'s", "'LL", "'\u{17F}", " ", "  ", "\n", "\r\n", "a", "Ab", "É", "ß", "1", "१",
                "!", "/", "中", "\u{301}", "ǅ", "ʰ", "\t", "\u{3000}",
            ]
            texts.append((0..<20).map { _ in parts.randomElement(using: &random)! }.joined())
        }
        for text in texts {
            let expected = try pieces(general, text)
            let found = try pieces(known, text)
            let gaps = expected.count { !$0.isMatch }
            #expect(gaps == 0, "\(text.debugDescription)")
            let (ours, theirs) = (found.map(\.text), expected.map(\.text))
            #expect(ours == theirs, "\(text.debugDescription)")
        }
    }
}

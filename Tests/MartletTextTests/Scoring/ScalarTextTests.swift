import Testing

@testable import MartletText

@Suite struct ScalarTextTests {
    @Test func digitsAreThoseOfPythonsFormat() {
        // The first two are half-way in binary, the third is a little less, the last a little more.
        #expect(fixedDecimals(91.25, 1) == "91.2" && fixedDecimals(0.375, 2) == "0.38")
        #expect(fixedDecimals(1.005, 2) == "1.00" && fixedDecimals(2.675, 2) == "2.67")
        #expect(fixedDecimals(0.35, 1) == "0.3" && fixedDecimals(0.45, 1) == "0.5")
        #expect(fixedDecimals(-0.001, 2) == "0.00" && fixedDecimals(-1.5, 0) == "-2")
        #expect(fixedDecimals(7.0421, 3) == "7.042" && fixedDecimals(100, 2) == "100.00")
    }

    @Test func endsAndWords() {
        let text = ScalarText("\u{3000}\u{1C} a\u{A0}b c\u{85}\n")
        #expect(text.words.map(Array.init) == [[0x61], [0x62], [0x63]])
        #expect(text.trimmed == ScalarText("a\u{A0}b c"))
        #expect(text.trimmedAtEnd == ScalarText("\u{3000}\u{1C} a\u{A0}b c"))
        #expect(text.withoutSpaces == ScalarText("abc"))
        #expect(ScalarText(" \t").isBlank && ScalarText("").isBlank && !text.isBlank)
        // No white space to Unicode, though it has no width.
        #expect(!ScalarText("\u{200B}").isBlank)
    }
}

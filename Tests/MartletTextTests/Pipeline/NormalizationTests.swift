import Testing

@testable import MartletText

@Suite struct NormalizationTests {
    private func normalise(_ text: String, _ normalizer: Normalizer) throws -> String {
        try PipelineWorker().normalise(text, NormalizerStep.steps(normalizer))
    }

    private func scalars(_ text: String) -> [UInt32] { text.unicodeScalars.map(\.value) }

    @Test func formsOfEveryKind() throws {
        let cases: [(Normalizer, String, String)] = [
            (.nfd, "\u{E9}\u{AC01}", "e\u{301}\u{1100}\u{1161}\u{11A8}"),
            (.nfc, "e\u{301}\u{1100}\u{1161}\u{11A8}", "\u{E9}\u{AC01}"),
            (.nfkd, "\u{FB01}\u{BD}", "fi1\u{2044}2"), (.nfkc, "\u{FF21}\u{212B}", "A\u{C5}"),
            (.nfd, "a\u{315}\u{300}", "a\u{300}\u{315}"),
            (.nfc, "\u{1E9B}\u{323}", "\u{1E9B}\u{323}"),
            (.nfkc, "\u{1E9B}\u{323}", "\u{1E69}"), (.nfc, "\u{958}", "\u{915}\u{93C}"),
            (.lowercase, "\u{130}\u{3A3}ABC", "i\u{307}\u{3C3}abc"),
            (.stripAccents, "e\u{301}\u{20DD}x", "ex"),
            (.strip(left: true, right: false), " \u{3000}a ", "a "),
            (.strip(left: false, right: true), " a \n", " a"),
            (.strip(left: true, right: true), "   ", ""),
            (.nmt, "a\u{1}\u{200B}b\tc", "a b c"), (.prepend("\u{2581}"), "a", "\u{2581}a"),
            (.prepend("\u{2581}"), "", ""), (.byteLevel, "a \u{E9}", "a\u{120}\u{C3}\u{A9}"),
            (.replace(.text("ab"), content: "x"), "ababa", "xxa"),
            (.replace(.expression("^"), content: "_"), "ab", "_ab"),
            (.replace(.expression(#"\s+"#), content: " "), "a \n b", "a b"),
            (
                .bert(
                    cleanText: true, handleChineseCharacters: true, stripAccents: nil,
                    lowercase: true),
                "\u{0}H\u{C9}llo\u{A0}\u{4E2D}\u{AD}x", "hello  \u{4E2D} x"
            ),
            (
                .bert(
                    cleanText: false, handleChineseCharacters: false, stripAccents: false,
                    lowercase: false),
                "\u{0}H\u{C9}\u{4E2D}", "\u{0}H\u{C9}\u{4E2D}"
            ),
            (
                .sequence([
                    .bert(
                        cleanText: true, handleChineseCharacters: true, stripAccents: false,
                        lowercase: false),
                    .bert(
                        cleanText: false, handleChineseCharacters: false, stripAccents: true,
                        lowercase: true),
                ]),
                "H\u{C9}\t\u{4E2D}", "he  \u{4E2D} "
            ),
        ]
        for (normalizer, text, expected) in cases {
            let found = try normalise(text, normalizer)
            #expect(scalars(found) == scalars(expected), "\(normalizer): \(text.debugDescription)")
        }
    }

    /// Composing what was decomposed, and decomposing what was composed, changes nothing.
    @Test func formsAreStable() throws {
        var random = SeededNumbers(seed: 3)
        for _ in 0..<300 {
            let text = random.text(40)
            for (first, second) in [(Normalizer.nfd, Normalizer.nfc), (.nfkd, .nfkc)] {
                let decomposed = try normalise(text, first)
                let composed = try normalise(text, second)
                #expect(try scalars(normalise(decomposed, first)) == scalars(decomposed))
                #expect(try scalars(normalise(composed, second)) == scalars(composed))
                #expect(try scalars(normalise(decomposed, second)) == scalars(composed))
                #expect(try scalars(normalise(composed, first)) == scalars(decomposed))
            }
        }
    }

    @Test func scalarsThatStandAloneJoinNothing() {
        var alone = 0
        for value in UInt32(0)...0x10FFFF where NormalizerRunner.standsAlone(value) {
            guard let scalar = Unicode.Scalar(value) else {
                Issue.record("\(value) is no scalar")
                continue
            }
            alone += 1
            #expect("a\(scalar)".count == 2 && "\(scalar)a".count == 2, "\(value)")
        }
        #expect(alone > 20_000)
    }

    /// A character map of one entry, "A" to "b", as SentencePiece lays it out.
    @Test func characterMapsAreWalked() throws {
        // The trie: the root's children begin at unit 1; a unit has its label, a flag for a value, and the step to its children.
        var units = [UInt32](repeating: 0, count: 256)
        units[0] = 1 << 10
        units[1 ^ 0x41] = 0x41 | 1 << 8 | UInt32(128) << 10
        units[(1 ^ 0x41) ^ 128] = 0
        var bytes: [UInt8] = []
        for value in [UInt32(units.count * 4)] + units {
            for shift in stride(from: UInt32(0), to: 32, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: value >> shift))
            }
        }
        bytes += [0x62, 0]
        let map = try PrecompiledCharacterMap(bytes: bytes)
        #expect(try normalise("xAyA", .precompiled(map)) == "xbyb")
        #expect(try normalise("xyz", .precompiled(map)) == "xyz")
        var random = SeededNumbers(seed: 4)
        for _ in 0..<500 {
            var broken = bytes
            for _ in 0..<8 {
                broken[Int.random(in: 4..<broken.count, using: &random)] = .random(
                    in: .min ... .max, using: &random)
            }
            guard let map = try? PrecompiledCharacterMap(bytes: broken) else { continue }
            _ = try normalise("xAyA\u{4E2D}ABC e\u{301}", .precompiled(map))
        }
    }
}

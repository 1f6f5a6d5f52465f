public import MartletTensor

/// Texts that are hard to cut, for tests of anything that reads text.
public enum SampleTexts {
    /// Texts with something awkward in each.
    public static let awkward = [
        "", " ", "\t\r\n\u{3000}\u{85}\u{A0}", "a", "A b\tC\n", "\u{0}\u{7F}\u{AD}\u{FEFF}",
        "👨‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪🇫", "❤️\u{20E3}1️⃣", "e\u{301}\u{327}\u{308}", "\u{301}\u{301}x",
        "İIıſẞßΣς Ǆǅǆ Ⓐ", "한국어 각\u{1112}\u{1161}\u{11AB}", "नमस्ते ٣٤٥ שלום", "𠀀𠮷野家𮯠",
        "〇々ヽーカﾞ、。「」", "\u{10FFFF}\u{E000}\u{FFFE}\u{FFFF}", "don't 'stop' l’été 3.14 a_b",
        "<pad><unk>", "\r\n\r\r\n", "\"quoted\" \\ \u{1}",
    ]

    /// A text of `count` scalars: letters, Han characters, marks to combine, emoji, white space, and any other.
    public static func random(
        _ count: Int, using random: inout RandomGenerator
    ) -> String {
        let pools: [ClosedRange<UInt32>] = [
            0x20...0x7E, 0x00...0x20, 0xC0...0x24F, 0x300...0x36F, 0x391...0x3C9, 0x4E00...0x4E40,
            0x3041...0x30FF, 0xAC00...0xAC40, 0x1F600...0x1F64F, 0x1F1E6...0x1F1FF,
            0x200B...0x200F, 0x2000...0x200A, 0x20000...0x20010, 0x1...0x10FFFF,
        ]
        var text = String.UnicodeScalarView()
        var left = count
        while left > 0 {
            // Runs of one pool, so that words, flags and clusters come about.
            let pool = pools[Int(random.next() % UInt64(pools.count))]
            for _ in 0..<min(left, 1 + Int(random.next() % 4)) {
                let value = pool.lowerBound + UInt32(random.next() % UInt64(pool.count))
                guard let scalar = Unicode.Scalar(value) else { continue }
                text.append(scalar)
                left -= 1
            }
        }
        return String(text)
    }
}

/// Words as numbers of their characters, end to end, for Unigram training.
struct UnigramText {
    /// The characters that become pieces, by their scalar values; character `c` of `symbols` is number `c - 1` here.
    let alphabet: [UInt32]
    /// The characters of all words; 0 follows each word.
    let symbols: [UInt32]
    /// Where each word starts.
    let starts: [Int]
    /// How often each word was seen.
    let counts: [Int]

    /// The words without the characters that are not among the `alphabetLimit` most frequent, or are special tokens.
    ///
    /// What such a character parts becomes two words.
    init(_ words: WordCounts, alphabetLimit: Int?, excluding special: Set<String>) {
        var seen = words.characterCounts()
        for token in special where token.unicodeScalars.count == 1 {
            seen[token.unicodeScalars.first!.value] = nil
        }
        let kept = WordCounts.alphabet(seen, limit: alphabetLimit)
        var numbers: [UInt32: UInt32] = [:]
        for (index, scalar) in kept.enumerated() { numbers[scalar] = UInt32(index + 1) }
        var ascii = [UInt32](repeating: 0, count: 128)
        for scalar in 0..<128 { ascii[scalar] = numbers[UInt32(scalar)] ?? 0 }
        var symbols: [UInt32] = []
        symbols.reserveCapacity(words.byteCount)
        var starts: [Int] = []
        var counts: [Int] = []
        words.forEach { word, count in
            var start = symbols.count
            func close() {
                guard symbols.count > start else { return }
                symbols.append(0)
                starts.append(start)
                counts.append(count)
                start = symbols.count
            }
            forEachScalar(word) { scalar in
                let number = scalar < 128 ? ascii[Int(scalar)] : numbers[scalar] ?? 0
                if number == 0 { close() } else { symbols.append(number) }
            }
            close()
        }
        alphabet = kept
        self.symbols = symbols
        self.starts = starts
        self.counts = counts
    }

    /// The text of `length` characters from `start` on.
    func text(_ start: Int, _ length: Int) -> String {
        var text = ""
        for symbol in symbols[start..<start + length] {
            text.unicodeScalars.append(Unicode.Scalar(alphabet[Int(symbol) - 1])!)
        }
        return text
    }
}

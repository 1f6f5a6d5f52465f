/// Words as numbers of pieces, one character or byte each, end to end.
struct SymbolisedWords {
    /// The pieces of all words.
    var symbols: [UInt32] = []
    /// Where each word starts.
    var starts: [Int] = []
    /// How many pieces each word has.
    var lengths: [Int32] = []
    /// How often each word was seen.
    var counts: [Int] = []

    /// Each byte is a piece; all 256 are added, by the order of the characters that stand for them.
    init(bytesOf words: WordCounts, pieces: inout PieceNumbers) {
        reserve(words.count, symbols: words.byteCount)
        for scalar in BytePieces.scalars.sorted() { pieces.add(String(scalar)) }
        let numbers = BytePieces.scalars.map { UInt32(pieces.add(String($0))) }
        words.forEach { word, count in
            let start = symbols.count
            for byte in word { symbols.append(numbers[Int(byte)]) }
            close(start, count)
        }
    }

    /// Each character of `alphabet` is a piece, and with `prefix` one more where it does not begin a word.
    ///
    /// Other characters are left out of the words, unless a special token is that character. The pieces with a prefix
    /// are numbered by their characters' order.
    init(
        charactersOf words: WordCounts, alphabet: [UInt32], prefix: String?,
        pieces: inout PieceNumbers
    ) {
        reserve(words.count, symbols: words.byteCount / 2)
        for scalar in alphabet { pieces.add(String(Unicode.Scalar(scalar)!)) }
        var first: [UInt32: UInt32] = [:]
        var seen: Set<UInt32> = []
        var inside: Set<UInt32> = []
        words.forEach { word, _ in
            var isFirst = true
            forEachScalar(word) { scalar in
                if isFirst { seen.insert(scalar) } else { inside.insert(scalar) }
                isFirst = false
            }
        }
        for scalar in seen.union(inside) {
            let piece = Array(String(Unicode.Scalar(scalar)!).utf8)
            if let number = pieces.find(piece) { first[scalar] = UInt32(number) }
        }
        var next = first
        if let prefix {
            for scalar in inside.sorted() where first[scalar] != nil {
                next[scalar] = UInt32(pieces.add(prefix + String(Unicode.Scalar(scalar)!)))
            }
        }
        words.forEach { word, count in
            let start = symbols.count
            var isFirst = true
            forEachScalar(word) { scalar in
                if let number = (isFirst ? first : next)[scalar] { symbols.append(number) }
                isFirst = false
            }
            close(start, count)
        }
    }

    private mutating func reserve(_ words: Int, symbols: Int) {
        self.symbols.reserveCapacity(symbols)
        starts.reserveCapacity(words)
        lengths.reserveCapacity(words)
        counts.reserveCapacity(words)
    }

    private mutating func close(_ start: Int, _ count: Int) {
        starts.append(start)
        lengths.append(Int32(symbols.count - start))
        counts.append(count)
    }
}

/// A text in lower case, cut into runs of one class; white space is left out.
struct ScannedText {
    /// A run of scalars of one class, or one mark.
    struct Run {
        /// Where it lies in ``ScannedText/bytes``.
        var bytes: Range<Int>
        /// The class of its scalars.
        var kind: ScalarClass
        /// Whether no white space lies between this run and the one before it.
        var joinsPrevious: Bool
    }

    /// The UTF-8 of the text in lower case.
    private(set) var bytes: [UInt8] = []
    /// The runs in order.
    private(set) var runs: [Run] = []

    /// Scans `text`, in time linear in its length.
    init(_ text: String) {
        bytes.reserveCapacity(text.utf8.count)
        var previous = ScalarClass.space
        for scalar in text.unicodeScalars {
            let kind = ScalarClass(scalar)
            let start = bytes.count
            appendLowercased(scalar)
            if kind == .space {
                // Nothing to note.
            } else if kind == previous, kind != .mark {
                runs[runs.count - 1].bytes = runs[runs.count - 1].bytes.lowerBound..<bytes.count
            } else {
                runs.append(
                    Run(
                        bytes: start..<bytes.count, kind: kind, joinsPrevious: previous != .space))
            }
            previous = kind
        }
    }

    private mutating func appendLowercased(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        if value < 0x80 {
            let byte = UInt8(value)
            bytes.append((0x41...0x5A).contains(byte) ? byte + 0x20 : byte)
        } else if (0x2E80...0xA4CF).contains(value) {
            // East Asian scripts have no case; this spares the look-up.
            bytes.append(contentsOf: UTF8.encode(scalar)!)
        } else {
            bytes.append(contentsOf: scalar.properties.lowercaseMapping.utf8)
        }
    }
}

extension ScannedText {
    /// The runs put together to words: what white space and punctuation leave.
    ///
    /// Letters, digits and CJK side by side are one word, and so is an apostrophe between letters
    /// (`don't`); every other mark is a word of its own.
    func words() -> [Range<Int>] {
        var words: [Range<Int>] = []
        var canExtend = false
        for (index, run) in runs.enumerated() {
            let isApostrophe =
                run.kind == .mark && bytes[run.bytes].elementsEqual([0x27])
                && run.joinsPrevious && canExtend && index + 1 < runs.count
                && runs[index + 1].kind == .letter && runs[index + 1].joinsPrevious
            let isWord = run.kind != .mark || isApostrophe
            if isWord, canExtend, run.joinsPrevious {
                words[words.count - 1] = words[words.count - 1].lowerBound..<run.bytes.upperBound
            } else {
                words.append(run.bytes)
            }
            canExtend = isWord
        }
        return words
    }

    /// The 16-bit units of the CJK run `run`: three bytes each in UTF-8.
    func units(of run: Run) -> [UInt16] {
        var units: [UInt16] = []
        units.reserveCapacity(run.bytes.count / 3)
        var place = run.bytes.lowerBound
        while place < run.bytes.upperBound {
            let first = UInt16(bytes[place] & 0x0F) << 12
            let second = UInt16(bytes[place + 1] & 0x3F) << 6
            units.append(first | second | UInt16(bytes[place + 2] & 0x3F))
            place += 3
        }
        return units
    }
}

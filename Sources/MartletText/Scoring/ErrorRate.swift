/// Error rates: the edits that make the hypotheses of the references, a unit of the references.
///
/// The rate of a corpus is the sum of the edits by the sum of the references' lengths. Of several references of a segment,
/// the one with the lowest rate counts. The hypotheses can be worse than 100 %.
public struct ErrorRate: TextMetric {
    /// What is counted.
    public enum Unit: String, Sendable, Codable, CaseIterable {
        /// WER: what stands between white space of any kind.
        case word
        /// CER: characters, which are Unicode scalars, as in jiwer and most other tools; white space counts too, but not at a
        /// text's ends.
        case character
        /// PER: phonemes, with white space between them.
        case phoneme
    }

    /// What is counted.
    public let unit: Unit
    /// Whether upper and lower case are the same.
    public var lowercase: Bool
    /// Whether white space is no character; words and phonemes never have any.
    public var ignoresWhitespace: Bool

    /// The error rate of a unit.
    public init(_ unit: Unit, lowercase: Bool = false, ignoresWhitespace: Bool = false) {
        self.unit = unit
        self.lowercase = lowercase
        self.ignoresWhitespace = ignoresWhitespace
    }

    /// `WER`, `CER`, `PER`.
    public var name: String {
        switch unit {
        case .word: "WER"
        case .character: "CER"
        case .phoneme: "PER"
        }
    }

    /// Whether case counts, the unit, and whether white space is a character.
    public var settings: String {
        let isCounted = unit == .character && !ignoresWhitespace
        return "case:\(lowercase ? "lc" : "mixed")|unit:\(unit.rawValue)"
            + "|space:\(isCounted ? "yes" : "no")"
    }

    /// A worse text has a higher rate.
    public var isHigherBetter: Bool { false }

    /// Four.
    public var statisticsWidth: Int { 4 }

    /// Substitutions, insertions, deletions, and the length of the reference.
    public func statistics(hypothesis: String, references: [String]) -> [Double] {
        let texts = units([hypothesis] + references)
        let best = texts.dropFirst().map { EditCounts(numbersFrom: $0, to: texts[0]) }
            .min { $0.value < $1.value }
        guard let best else { return [0, 0, 0, 0] }
        return [
            Double(best.substitutions), Double(best.insertions), Double(best.deletions),
            Double(best.referenceLength),
        ]
    }

    private func units(_ texts: [String]) -> [[UInt32]] {
        let texts = texts.map { text in
            let scalars = ScalarText(text)
            return lowercase ? scalars.lowercased : scalars
        }
        return switch unit {
        case .word, .phoneme: wordNumbers(texts.map(\.words))
        case .character:
            texts.map { ignoresWhitespace ? $0.withoutSpaces.scalars : $0.trimmed.scalars }
        }
    }

    /// The rate of a corpus.
    public func score(_ sum: [Double]) -> EditCounts {
        EditCounts(
            substitutions: Int(sum[0]), insertions: Int(sum[1]), deletions: Int(sum[2]),
            referenceLength: Int(sum[3]))
    }
}

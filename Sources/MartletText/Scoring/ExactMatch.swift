/// The share of texts that are just like a reference, scalar by scalar, white space at their ends aside.
public struct ExactMatch: TextMetric {
    /// Whether upper and lower case are the same.
    public var lowercase: Bool

    /// Exact match, in which upper and lower case are the same or not.
    public init(lowercase: Bool = false) {
        self.lowercase = lowercase
    }

    /// `exact match`.
    public var name: String { "exact match" }

    /// Whether case counts.
    public var settings: String { "case:\(lowercase ? "lc" : "mixed")" }

    /// Two.
    public var statisticsWidth: Int { 2 }

    /// 1 if it is like one of the references, and 1 for the segment.
    public func statistics(hypothesis: String, references: [String]) -> [Double] {
        func compared(_ text: String) -> ScalarText {
            let text = ScalarText(text).trimmed
            return lowercase ? text.lowercased : text
        }
        let hypothesis = compared(hypothesis)
        return [references.contains { compared($0) == hypothesis } ? 1 : 0, 1]
    }

    /// The score of a corpus.
    public func score(_ sum: [Double]) -> ExactMatchScore {
        ExactMatchScore(matches: Int(sum[0]), segments: Int(sum[1]))
    }
}

/// How many texts are just like a reference.
public struct ExactMatchScore: TextScore, Codable, Equatable {
    /// How many are.
    public var matches: Int
    /// How many there are.
    public var segments: Int
    /// The share of those that are, 0 … 100.
    public var value: Double { 100 * Double(matches) / Double(max(segments, 1)) }

    /// `42.00 (21 of 50)`.
    public var description: String { "\(fixedDecimals(value, 2)) (\(matches) of \(segments))" }
}

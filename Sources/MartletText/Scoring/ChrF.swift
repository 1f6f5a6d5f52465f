/// chrF (Popović 2015) and chrF++ (Popović 2017) as sacreBLEU 2 computes them.
///
/// F = (1 + β²) P R / (β² P + R), with the mean precision P and the mean recall R of n-grams of 1 … 6 characters, and in
/// chrF++ of 1 and 2 words too. A character is a Unicode scalar. Of several references, the one with the best score counts.
public struct ChrF: TextMetric {
    /// The characters of the longest n-gram.
    public let characterOrder: Int
    /// The words of the longest n-gram; 0: no words count.
    public let wordOrder: Int
    /// How many times as much recall counts as precision.
    public let beta: Int
    /// Whether upper and lower case are the same.
    public var lowercase: Bool
    /// Whether white space counts as a character.
    public var keepsWhitespace: Bool
    /// Whether the score is the mean of each order's F, with a little in place of nothing, as in chrF++.py, NLTK and Moses,
    /// and not the F of the means over the orders for which the texts are long enough.
    public var usesEpsilonSmoothing: Bool

    /// chrF with sacreBLEU's usual options, or others.
    public init(
        characterOrder: Int = 6, wordOrder: Int = 0, beta: Int = 2, lowercase: Bool = false,
        keepsWhitespace: Bool = false, usesEpsilonSmoothing: Bool = false
    ) {
        precondition(
            characterOrder >= 0 && wordOrder >= 0 && characterOrder + wordOrder > 0 && beta > 0,
            "chrF of \(characterOrder) characters and \(wordOrder) words with a β of \(beta)")
        self.characterOrder = characterOrder
        self.wordOrder = wordOrder
        self.beta = beta
        self.lowercase = lowercase
        self.keepsWhitespace = keepsWhitespace
        self.usesEpsilonSmoothing = usesEpsilonSmoothing
    }

    /// chrF++: with n-grams of up to two words.
    public static var plusPlus: ChrF { ChrF(wordOrder: 2) }

    /// `chrF2` for a β of 2, with a plus sign for each order of words.
    public var name: String { "chrF\(beta)" + String(repeating: "+", count: wordOrder) }

    /// The options as sacreBLEU's signature has them.
    public var settings: String {
        "case:\(lowercase ? "lc" : "mixed")|eff:\(usesEpsilonSmoothing ? "no" : "yes")"
            + "|nc:\(characterOrder)|nw:\(wordOrder)|space:\(keepsWhitespace ? "yes" : "no")"
    }

    /// Three numbers an order.
    public var statisticsWidth: Int { 3 * (characterOrder + wordOrder) }

    /// For each order the n-grams of the hypothesis, those of the reference, and those that both have.
    public func statistics(hypothesis: String, references: [String]) -> [Double] {
        precondition(!references.isEmpty, "chrF without a reference")
        let texts = ([hypothesis] + references).map { text in
            let scalars = ScalarText(text)
            return lowercase ? scalars.lowercased : scalars
        }
        // One row for each reference.
        var rows = [[Double]](repeating: [], count: references.count)
        count(
            texts.map { keepsWhitespace ? $0.scalars : $0.withoutSpaces.scalars }, characterOrder,
            into: &rows)
        count(wordOrder > 0 ? wordNumbers(texts.map(Self.words)) : [], wordOrder, into: &rows)
        // Of equally good ones, the first.
        return rows.max { score($0).value < score($1).value } ?? []
    }

    private func count(_ texts: [[UInt32]], _ longest: Int, into rows: inout [[Double]]) {
        guard longest > 0 else { return }
        var nGrams = NGramNumbering(texts)
        for order in 1...longest {
            if order > 1 { nGrams.lengthen() }
            let count = nGrams.texts[0].count
            for index in rows.indices {
                let own = nGrams.texts[index + 1].count
                // Where the reference has no n-gram, those of the hypothesis do not count.
                rows[index] += [
                    Double(own > 0 ? count : 0), Double(own),
                    Double(own > 0 ? nGrams.matches(0, in: nGrams.counts(index + 1)) : 0),
                ]
            }
        }
    }

    /// Words, with a mark of ASCII at the end of one apart, or else one at its beginning.
    private static func words(_ text: ScalarText) -> [ArraySlice<UInt32>] {
        func isMark(_ value: UInt32) -> Bool {
            switch value {
            case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
            default: false
            }
        }
        return text.words.flatMap { word -> [ArraySlice<UInt32>] in
            if word.count == 1 { return [word] }
            if isMark(word[word.endIndex - 1]) { return [word.dropLast(), word.suffix(1)] }
            return isMark(word[word.startIndex]) ? [word.prefix(1), word.dropFirst()] : [word]
        }
    }

    /// The score of a corpus.
    public func score(_ sum: [Double]) -> ChrFScore {
        let epsilon = 1e-16
        let factor = Double(beta * beta)
        let orders = characterOrder + wordOrder
        var (precisions, recalls, used, mean) = (0.0, 0.0, 0.0, 0.0)
        for order in 0..<orders {
            let (hypothesis, reference, match) = (
                sum[3 * order], sum[3 * order + 1], sum[3 * order + 2]
            )
            let precision = hypothesis > 0 ? match / hypothesis : epsilon
            let recall = reference > 0 ? match / reference : epsilon
            let denominator = factor * precision + recall
            mean +=
                denominator > 0 ? (1 + factor) * precision * recall / denominator : epsilon
            if hypothesis > 0, reference > 0 {
                precisions += precision
                recalls += recall
                used += 1
            }
        }
        let precision = used > 0 ? precisions / used : 0
        let recall = used > 0 ? recalls / used : 0
        let together =
            precision + recall > 0
            ? (1 + factor) * precision * recall / (factor * precision + recall) : 0
        return ChrFScore(
            value: 100 * (usesEpsilonSmoothing ? mean / Double(orders) : together),
            precision: 100 * precision, recall: 100 * recall)
    }
}

/// A chrF score and what it is made of.
public struct ChrFScore: TextScore, Codable, Equatable {
    /// The score, 0 … 100.
    public var value: Double
    /// The mean share of the hypotheses' n-grams that the references have, 0 … 100.
    public var precision: Double
    /// The mean share of the references' n-grams that the hypotheses have, 0 … 100.
    public var recall: Double

    private enum CodingKeys: String, CodingKey {
        case value = "score"
        case precision, recall
    }

    /// `58.31 (precision 60.02, recall 57.90)`.
    public var description: String {
        "\(fixedDecimals(value, 2)) "
            + "(precision \(fixedDecimals(precision, 2)), recall \(fixedDecimals(recall, 2)))"
    }
}

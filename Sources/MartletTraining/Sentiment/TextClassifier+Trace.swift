import MartletData
import MartletText

extension TextClassifier {
    /// The most tokens of a text that ``trace(_:truth:)`` follows.
    public static let longestTrace = 1000

    /// How the network's opinion moves, token by token: after each one, the answer if the text ended there.
    ///
    /// A network that reads in both directions has no opinion half-way but this one, so every beginning of the
    /// text is read by itself; that is quadratic in the length.
    ///
    /// - Parameter truth: the right label, if it is known.
    /// - Returns: nil for a text of more than ``longestTrace`` tokens.
    public func trace(_ text: String, truth: String? = nil) -> Explanation? {
        let tokens = tokenizer.tokens(text)
        let ids = TokenSequence(text, tokenizer)
        guard ids.count <= Self.longestTrace else { return nil }
        let path = probabilities(sequences: (0...ids.count).map { ids.prefix($0) })
        let answer = path[ids.count]
        let label = answer.indices.max { answer[$0] < answer[$1] } ?? 0
        let steps = tokens.indices.map { place in
            Explanation.Step(
                token: tokens[place], probabilities: path[place + 1],
                contribution: path[place + 1][label] - path[place][label])
        }
        return Explanation(
            text: text, truth: truth, labels: labels, label: labels[label],
            probability: answer[label], tokens: steps)
    }
}

import MartletTraining

/// An explanation as text: a line for each token, with the opinion after it.
///
/// ```text
///      token   积极
/// h1   我      ███████████▍         0.568  +0.053
/// h2   喜      ███████████████▋     0.781  +0.213
/// ```
enum TraceView {
    private static let barWidth = 20

    /// The explanation; in colour, green speaks for the answer and red against it.
    static func text(_ explanation: Explanation, inColour: Bool) -> String {
        let answer = explanation.labels.firstIndex(of: explanation.label) ?? 0
        let tokens = explanation.tokens.map { visible($0.token) }
        let widest = min(24, max(5, tokens.map { DisplayWidth.of($0) }.max() ?? 5))
        let numbers = "h\(tokens.count)".count
        var lines = [
            String(repeating: " ", count: numbers + 2) + DisplayWidth.fit("token", widest) + "  "
                + DisplayWidth.fit(explanation.label, barWidth) + "  so far  change"
        ]
        for (index, step) in explanation.tokens.enumerated() {
            let probability = step.probabilities[answer]
            let sign = step.contribution < 0 ? "-" : "+"
            let change = sign + Decimals.fixed(abs(step.contribution), 3)
            lines.append(
                DisplayWidth.fit("h\(index + 1)", numbers) + "  "
                    + coloured(DisplayWidth.fit(tokens[index], widest), step.contribution, inColour)
                    + "  " + bar(probability) + "  " + Decimals.probability(probability) + "   "
                    + coloured(change, step.contribution, inColour))
        }
        var last = "\(explanation.label)  \(Decimals.probability(explanation.probability))"
        if let truth = explanation.truth { last += "  (truth: \(truth))" }
        lines.append(inColour ? "\u{1B}[1m\(last)\u{1B}[0m" : last)
        return lines.joined(separator: "\n")
    }

    /// A bar of eighths of a block.
    static func bar(_ share: Double) -> String {
        let eighths = Int((min(1, max(0, share)) * Double(barWidth * 8)).rounded())
        let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        return DisplayWidth.fit(
            String(repeating: "█", count: eighths / 8) + parts[eighths % 8], barWidth)
    }

    /// White space as a sign, so that a line shows what it is about.
    private static func visible(_ token: String) -> String {
        token.allSatisfy(\.isWhitespace) ? "␣" : token
    }

    private static func coloured(_ text: String, _ change: Double, _ inColour: Bool) -> String {
        guard inColour, abs(change) >= 0.005 else { return text }
        // The 256-colour palette's greens and reds, darker to brighter.
        let strength = abs(change) >= 0.1 ? 2 : abs(change) >= 0.03 ? 1 : 0
        let code = change > 0 ? [65, 71, 77][strength] : [131, 167, 203][strength]
        return "\u{1B}[38;5;\(code)m\(text)\u{1B}[0m"
    }
}

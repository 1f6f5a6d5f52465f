/// An explained answer: the tokens, tinted by what each changed, and the path of the opinion above them.
struct TokenPath {
    /// The most tokens shown; a report is not the place for a novel.
    static let longest = 120

    var explanation: Explanation

    var html: String {
        let isRight = explanation.truth.map { $0 == explanation.label }
        let verdict =
            switch isRight {
            case true: "<span class=\"verdict right\">right</span>"
            case false:
                "<span class=\"verdict wrong\">wrong: the truth is \(Markup.escaped(explanation.truth ?? ""))</span>"
            case nil: ""
            }
        let heading =
            "<p class=\"answer\"><b>\(Markup.escaped(explanation.label))</b> "
            + "\(Decimals.percent(explanation.probability)) \(verdict)</p>"
        return "<article>\(heading)\(path)<p class=\"tokens\">\(chips)</p></article>"
    }

    private var shown: ArraySlice<Explanation.Step> { explanation.tokens.prefix(Self.longest) }

    private var answer: Int { explanation.labels.firstIndex(of: explanation.label) ?? 0 }

    /// The tokens: green where they speak for the answer, red where against it.
    private var chips: String {
        var chips = shown.enumerated().map { index, step in
            let kind = step.contribution >= 0 ? "for" : "against"
            let strength = Decimals.fixed(min(1, abs(step.contribution) * 3), 3)
            let sign = step.contribution < 0 ? "" : "+"
            let hint =
                "h\(index + 1): \(Decimals.percent(step.probabilities[answer])), \(sign)\(Decimals.fixed(step.contribution * 100, 1)) points"
            let token = step.token.allSatisfy(\.isWhitespace) ? "␣" : step.token
            return "<span class=\"chip \(kind)\" style=\"--share:\(strength)\" title=\"\(hint)\">"
                + Markup.escaped(token) + "</span>"
        }
        let rest = explanation.tokens.count - shown.count
        if rest > 0 { chips.append("<span class=\"more\">… \(rest) more tokens</span>") }
        return chips.joined(separator: " ")
    }

    /// The probability of the answer after each token, between 0 and 1.
    private var path: String {
        let (width, height, left) = (860.0, 92.0, 46.0)
        let (top, bottom) = (8.0, 84.0)
        let values = shown.map { $0.probabilities[answer] }
        func x(_ index: Int) -> Double {
            left + (width - left - 10) * (Double(index) + 0.5) / Double(max(1, values.count))
        }
        func y(_ value: Double) -> Double { bottom - (bottom - top) * value }
        var parts = [0, 0.5, 1].map { share in
            Markup.line(left, y(share), width - 10, y(share), style: share == 0.5 ? "half" : "grid")
                + Markup.label(
                    Decimals.percent(share, 0), x: left - 6, y: y(share) + 4, anchor: "end")
        }
        let points = values.enumerated().map { Markup.place(x($0)) + "," + Markup.place(y($1)) }
        parts.append(
            Markup.element(
                "polyline", ["points": points.joined(separator: " "), "class": "line model"]))
        if let last = values.last {
            parts.append(
                Markup.element(
                    "circle",
                    [
                        "cx": Markup.place(x(values.count - 1)), "cy": Markup.place(y(last)),
                        "r": "3.5", "class": "dot model",
                    ]))
        }
        return Markup.picture(
            width: Int(width), height: Int(height),
            title: "Probability of \(explanation.label) after each token", parts.joined())
    }
}

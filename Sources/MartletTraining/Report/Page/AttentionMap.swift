/// How much each token that was read counted for each token that was written, as a field of tinted squares.
struct AttentionMap {
    /// What stands above the columns, and beside the rows.
    var columns: [String]
    var rows: [String]
    /// For each row a weight of each column, 0 … 1.
    var weights: [[Double]]

    /// The most columns and rows shown; a report is not the place for a novel.
    static let most = 40

    static let css = ".weight { fill: var(--model); } .map svg { width: auto; max-width: 100%; }"

    /// The picture; nothing without weights.
    var html: String {
        guard !weights.isEmpty, !columns.isEmpty else { return "" }
        let shown = min(columns.count, Self.most)
        let count = min(weights.count, rows.count, Self.most)
        let size = 22.0
        let names = rows.prefix(count).map(Self.short)
        // A name of CJK is twice as wide.
        let left = 12 + 8 * Double(names.map(Self.width).max() ?? 0)
        let top =
            14 + 6 * Double(columns.prefix(shown).map { Self.width(Self.short($0)) }.max() ?? 0)
        var parts: [String] = []
        for (column, name) in columns.prefix(shown).enumerated() {
            let (x, y) = (left + size * (Double(column) + 0.5) + 4, top - 6)
            parts.append(
                Markup.element(
                    "text",
                    [
                        "transform": "translate(\(Markup.place(x)),\(Markup.place(y))) rotate(-60)",
                        "class": "tick",
                    ], Markup.escaped(Self.short(name))))
        }
        for row in 0..<count {
            let y = top + size * Double(row)
            parts.append(Markup.label(names[row], x: left - 6, y: y + 15, anchor: "end"))
            for column in 0..<min(shown, weights[row].count) {
                let weight = weights[row][column]
                parts.append(
                    Markup.element(
                        "rect",
                        [
                            "x": Markup.place(left + size * Double(column)), "y": Markup.place(y),
                            "width": Markup.place(size - 1), "height": Markup.place(size - 1),
                            "class": "weight",
                            "fill-opacity": Decimals.fixed(0.04 + 0.96 * min(max(weight, 0), 1), 3),
                        ],
                        Markup.element(
                            "title", [:],
                            Markup.escaped(
                                "\(rows[row]) ← \(columns[column]): \(Decimals.percent(weight))"))))
            }
        }
        let (width, height) = (
            left + size * Double(shown) + top / 2 + 8, top + size * Double(count) + 4
        )
        let isCut = columns.count > shown || rows.count > count
        let picture = Markup.element(
            "svg",
            [
                "viewBox": "0 0 \(Markup.place(width)) \(Markup.place(height))",
                "width": Markup.place(width), "height": Markup.place(height), "role": "img",
            ],
            Markup.element("title", [:], "Weights of attention")
                + parts.joined(separator: "\n"))
        return "<div class=\"scroll map\">\(picture)</div>"
            + (isCut
                ? "<p class=\"more\">only the first \(Self.most) tokens of each side are shown</p>"
                : "")
    }

    /// A token as a short name: white space visible, no longer than ten characters.
    private static func short(_ token: String) -> String {
        if token.allSatisfy(\.isWhitespace) { return "␣" }
        return token.count > 10 ? token.prefix(9) + "…" : token
    }

    /// About how many Latin letters are as wide.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ($1.value < 0x1100 ? 1 : 2) }
    }
}

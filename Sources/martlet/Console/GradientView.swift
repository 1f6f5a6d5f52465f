import MartletTraining

/// An inspection of gradients as text: charts side by side on one scale, a table, a verdict for each, and what to try.
struct GradientView {
    var report: GradientReport
    var inColour: Bool
    var width: Int

    private let rows = 10
    /// Characters of the scale's names, and of a chart at least.
    private let margin = 7
    private let least = 22

    /// The text.
    var text: String {
        let settings = report.settings.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
        var lines = [bold(report.title), settings, ""]
        let perRow = max(1, (width - margin) / (least + 2))
        let items = Array(report.named.enumerated())
        for start in stride(from: 0, to: items.count, by: perRow) {
            lines += charts(Array(items[start..<min(start + perRow, items.count)])) + [""]
        }
        let perTable = max(1, (width - 18) / 16)
        for start in stride(from: 0, to: items.count, by: perTable) {
            lines += table(Array(items[start..<min(start + perTable, items.count)])) + [""]
        }
        let names = report.named.map { DisplayWidth.of($0.name) }.max() ?? 0
        for (place, item) in items {
            let verdict = wrapped(
                item.part.verdict.text, first: "", next: "", in: width - names - 2)
            for (line, text) in verdict.enumerated() {
                lines.append(
                    coloured(DisplayWidth.fit(line == 0 ? item.name : "", names), place) + "  "
                        + text)
            }
        }
        let advice = report.advice
        if !advice.isEmpty {
            lines +=
                ["", "try"] + advice.flatMap { wrapped($0, first: "  · ", next: "    ", in: width) }
        }
        return lines.joined(separator: "\n")
    }

    // MARK: - Charts

    private typealias Item = (offset: Int, element: (name: String, part: GradientReport.Part))

    /// Charts side by side; all of a report share their scale.
    private func charts(_ items: [Item]) -> [String] {
        let exponents = report.named.map { item in
            item.part.gradient.map { $0.flatMap { $0 > 0 ? Decimals.log10($0) : nil } }
        }
        let scale = LogScale(exponents.flatMap { $0.compactMap { $0 } }, most: rows / 2)
        let columns = min(40, (width - margin) / items.count - 2)
        let time = exponents.map(\.count).max() ?? 1
        var pictures: [[String]] = []
        for item in items {
            var chart = BrailleChart(columns: columns, rows: rows)
            let (across, down) = chart.dots
            var before: Int?
            for x in 0..<across {
                let step = time == 1 ? 0 : (x * (time - 1) + (across - 1) / 2) / (across - 1)
                let values = exponents[item.offset]
                guard step < values.count, let value = values[step] else {
                    before = nil
                    continue
                }
                let share = (scale.high - value) / (scale.high - scale.low)
                let y = Int((share * Double(down - 1)).rounded())
                // From the last dot on, so that a steep line has no gaps.
                for dot in min(y, before ?? y)...max(y, before ?? y) { chart.set(x, dot) }
                before = y
            }
            pictures.append(chart.lines)
        }
        var names = [Int: String]()
        for tick in scale.ticks {
            let share = (scale.high - Double(tick)) / (scale.high - scale.low)
            names[Int((share * Double(rows - 1)).rounded())] = tick == 0 ? "1" : "1e\(tick)"
        }
        var lines = [
            String(repeating: " ", count: margin)
                + items.map {
                    coloured(DisplayWidth.fit("  " + $0.element.name, columns + 2), $0.offset)
                }.joined()
        ]
        for row in 0..<rows {
            let name = names[row] ?? ""
            lines.append(
                String(repeating: " ", count: max(0, margin - 1 - name.count)) + name + " "
                    + zip(items, pictures).map { item, picture in
                        "│" + coloured(picture[row], item.offset) + " "
                    }.joined())
        }
        let last = "t = \(time)"
        let axis =
            "└1" + String(repeating: "─", count: max(1, columns - 1 - last.count)) + last + " "
        return lines + [
            String(repeating: " ", count: margin) + items.map { _ in axis }.joined()
        ]
    }

    // MARK: - Table

    private func table(_ items: [Item]) -> [String] {
        func row(_ name: String, _ cell: (GradientReport.Part) -> String) -> String {
            DisplayWidth.fit(name, 18)
                + items.map { DisplayWidth.fit(cell($0.element.part), 16) }.joined()
        }
        func number(_ value: Double?) -> String { value.map(Decimals.magnitude) ?? "not finite" }
        var lines = [
            DisplayWidth.fit("|∂loss/∂h|", 18)
                + items.map { coloured(DisplayWidth.fit($0.element.name, 16), $0.offset) }.joined(),
            row("at the last step") { number($0.last) },
            row("in the middle") { number($0.middle) },
            row("at the first step") { number($0.first) },
            row("per step back") { $0.perStep.map { "× " + Decimals.magnitude($0) } ?? "–" },
        ]
        let parts = items.map(\.element.part)
        let gates = parts.map { $0.spectra?.count ?? 0 }.max() ?? 0
        for place in 0..<gates {
            lines.append(
                row(place == 0 ? "radius of W_hh" : "") { part in
                    guard let spectra = part.spectra, place < spectra.count else { return "" }
                    return "\(spectra[place].gate)  \(Decimals.fixed(spectra[place].radius, 2))"
                })
        }
        for place in 0..<(parts.map(\.gates.count).max() ?? 0) {
            lines.append(
                row(place == 0 ? "saturated" : "") { part in
                    guard place < part.gates.count else { return "" }
                    let gate = part.gates[place]
                    return
                        "\(DisplayWidth.fit(gate.gate, gate.gate.count > 1 ? 7 : 1))  \(Decimals.percent(gate.saturated))"
                })
        }
        return lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return line
        }
    }

    // MARK: - Text

    private func coloured(_ text: String, _ place: Int) -> String {
        // The 256-colour palette's nearest to those of the page.
        let codes = [172, 32, 35, 97, 132, 244]
        return inColour ? "\u{1B}[38;5;\(codes[place % codes.count])m\(text)\u{1B}[0m" : text
    }

    private func bold(_ text: String) -> String { inColour ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

    private func wrapped(_ text: String, first: String, next: String, in width: Int)
        -> [String]
    {
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, DisplayWidth.of(line) + 1 + DisplayWidth.of(String(word)) > width {
                lines.append(line)
                (line, isEmpty) = (next, true)
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}

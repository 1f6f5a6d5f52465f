/// The lengths of ∂loss/∂h_t over time on a logarithmic scale, a line for each part of a report.
struct GradientChart {
    var report: GradientReport

    let width = 860.0
    private let height = 340.0
    // The margins, in which names and numbers stand.
    private let left = 58.0
    private let right = 96.0
    private let top = 16.0
    private let bottom = 40.0
    /// Steps drawn at most: more would share a pixel.
    private let most = 600

    /// The picture, for a page that has the styles.
    var svg: String {
        Markup.picture(width: Int(width), height: Int(height), title: title, content)
    }

    /// The picture as an SVG file of its own.
    var file: String {
        Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": "0 0 \(Int(width)) \(Int(height) + 34)", "role": "img",
            ],
            Markup.element("title", [:], Markup.escaped(title))
                + Markup.element("style", [:], GradientStyle.file)
                + Markup.element(
                    "rect", ["width": "100%", "height": "100%", "class": "paper"])
                + Markup.label(title, x: left, y: 24, style: "name")
                + Markup.element("g", ["transform": "translate(0 34)"], content)) + "\n"
    }

    private var title: String { "|∂loss/∂h_t| for t = 1 … \(time)" }

    private var time: Int { report.named.map(\.part.gradient.count).max() ?? 1 }

    /// The logarithms of a line's positive lengths, nil elsewhere.
    private func logarithms(_ part: GradientReport.Part) -> [Double?] {
        part.gradient.map { $0.flatMap { $0 > 0 ? Decimals.log10($0) : nil } }
    }

    private var content: String {
        let lines = report.named.map { (name: $0.name, values: logarithms($0.part)) }
        let all = lines.flatMap { $0.values.compactMap { $0 } }
        let scale = LogScale(all, most: 8)
        func x(_ step: Int) -> Double {
            left + (width - left - right) * (time < 2 ? 0.5 : Double(step) / Double(time - 1))
        }
        func y(_ exponent: Double) -> Double {
            top + (height - top - bottom) * (scale.high - exponent) / (scale.high - scale.low)
        }
        var parts = scale.ticks.map { tick in
            Markup.line(
                left, y(Double(tick)), width - right, y(Double(tick)),
                style: tick == 0 ? "half" : "grid")
                + Markup.label(
                    tick == 0 ? "1" : Decimals.powerOfTen(tick), x: left - 8,
                    y: y(Double(tick)) + 4,
                    anchor: "end")
        }
        let steps = LineChart.ticks(from: 1, to: Double(max(time, 2))).map { Int($0) }
        for step in Set([1] + steps.filter { $0 > time / 20 && 1...time ~= $0 }).sorted() {
            parts.append(
                Markup.label(
                    "\(step)", x: x(step - 1), y: height - bottom + 18, anchor: "middle"))
        }
        parts.append(
            Markup.label(
                "step t", x: (left + width - right) / 2, y: height - 6, anchor: "middle"))
        if scale.low < -45, scale.high > -45 {
            parts.append(
                Markup.line(left, y(-44.85), width - right, y(-44.85), style: "limit")
                    + Markup.label(
                        "below: 0 in float32", x: width - right - 6, y: y(-44.85) + 14,
                        anchor: "end"))
        }
        let ends = LineChart.apart(
            lines.map { y($0.values.compactMap { $0 }.last ?? scale.low) }, by: 15)
        for (place, line) in lines.enumerated() {
            parts += polylines(line.values, x, y).map {
                Markup.element(
                    "polyline", ["points": $0, "class": "line \(GradientStyle.series(place))"],
                    Markup.element("title", [:], Markup.escaped(line.name)))
            }
            parts.append(
                Markup.label(
                    line.name, x: width - right + 8, y: ends[place] + 4,
                    style: "name \(GradientStyle.series(place))"))
        }
        return parts.joined(separator: "\n")
    }

    /// The points of each stretch without a gap.
    private func polylines(
        _ values: [Double?], _ x: (Int) -> Double, _ y: (Double) -> Double
    ) -> [String] {
        let stride = max(1, (values.count + most - 1) / most)
        var stretches: [[String]] = [[]]
        for (step, value) in values.enumerated() {
            guard let value else {
                stretches.append([])
                continue
            }
            guard step % stride == 0 || step == values.count - 1 else { continue }
            stretches[stretches.count - 1].append(
                Markup.place(x(step)) + "," + Markup.place(y(value)))
        }
        return stretches.filter { !$0.isEmpty }.map { points in
            // A single step is a dot: a line to itself with round ends.
            (points.count == 1 ? points + points : points).joined(separator: " ")
        }
    }
}

/// A logarithmic scale: whole powers of ten around some exponents.
package struct LogScale {
    /// The ends, as exponents of ten.
    package let low: Double, high: Double
    /// The exponents to name.
    package let ticks: [Int]

    /// A scale with at most `most` steps between ticks.
    package init(_ exponents: [Double], most: Int) {
        let bottom = Int((exponents.min() ?? 0).rounded(.down))
        let top = max(Int((exponents.max() ?? 0).rounded(.up)), bottom + 1)
        let steps = [1, 2, 5, 10, 20, 25, 50, 100, 200]
        let step = steps.first { (top - bottom + $0 - 1) / $0 <= most } ?? 200
        func floor(_ value: Int) -> Int {
            Int((Double(value) / Double(step)).rounded(.down)) * step
        }
        let first = floor(bottom)
        let last = -floor(-top)
        (low, high) = (Double(first), Double(last))
        ticks = Array(stride(from: first, through: last, by: step))
    }
}

/// A line for each contender over the lengths of a memory task, with the spread of its seeds.
struct ComparisonChart {
    /// One length of a line.
    struct Point {
        /// Where in the lengths it stands.
        var place: Int
        /// The height; nil: beyond the scale, on the row above it.
        var value: Double?
        /// The range of the seeds.
        var range: ClosedRange<Double>?
        /// What to say of it.
        var note: String
    }

    /// One contender.
    struct Line {
        var name: String
        var style: String
        var points: [Point]
    }

    var title: String
    var lengths: [Int]
    var lengthName: String
    var lines: [Line]
    /// The highest value, and the values to name.
    var top: Double
    var ticks: [Double]
    var text: (Double) -> String
    /// A height to mark.
    var mark: (value: Double, name: String)?
    /// What the row above the scale means; nil: there is none.
    var beyond: String?

    private let width = 420.0
    private let height = 264.0
    private let left = 46.0
    private let right = 104.0
    private let bottom = 40.0
    private var ceiling: Double { beyond == nil ? 14 : 44 }

    private func x(_ place: Int) -> Double {
        guard lengths.count > 1 else { return (left + width - right) / 2 }
        let share = Double(place) / Double(lengths.count - 1)
        return left + 10 + (width - left - right - 20) * share
    }

    private func y(_ value: Double?) -> Double {
        guard let value else { return 20 }
        let share = min(max(value / top, 0), 1)
        return ceiling + (height - bottom - ceiling) * (1 - share)
    }

    /// The picture.
    var svg: String {
        var parts = frame
        for each in lines { parts.append(band(each)) }
        for (turn, each) in lines.enumerated() { parts.append(line(each, turn: turn)) }
        parts += names
        return Markup.picture(
            width: Int(width), height: Int(height), title: title,
            parts.joined(separator: "\n"))
    }

    private var frame: [String] {
        var parts = ticks.map { tick in
            Markup.line(left, y(tick), width - right, y(tick), style: "grid")
                + Markup.label(text(tick), x: left - 6, y: y(tick) + 4, anchor: "end")
        }
        if let beyond {
            parts.append(
                Markup.line(left, y(nil), width - right, y(nil), style: "grid beyond")
                    + Markup.label(beyond, x: left - 6, y: y(nil) + 4, anchor: "end"))
        }
        if let mark {
            parts.append(
                Markup.line(left, y(mark.value), width - right, y(mark.value), style: "half")
                    + Markup.label(mark.name, x: left + 4, y: y(mark.value) + 13))
        }
        for (place, length) in lengths.enumerated() {
            parts.append(
                Markup.label("\(length)", x: x(place), y: height - bottom + 18, anchor: "middle"))
        }
        parts.append(
            Markup.label(
                lengthName, x: (left + width - right) / 2, y: height - 4, anchor: "middle"))
        return parts
    }

    /// The range of the seeds, as a band between neighbouring lengths.
    private func band(_ line: Line) -> String {
        let ranged = line.points.filter { $0.range != nil }
        guard ranged.count > 1 else { return "" }
        func corner(_ point: Point, _ value: Double?) -> String {
            "\(Markup.place(x(point.place))),\(Markup.place(y(value)))"
        }
        let over = ranged.map { corner($0, $0.range?.upperBound) }
        let under = ranged.reversed().map { corner($0, $0.range?.lowerBound) }
        return Markup.element(
            "polygon",
            ["points": (over + under).joined(separator: " "), "class": "band \(line.style)"])
    }

    private func line(_ line: Line, turn: Int) -> String {
        // Beside each other where they would lie on one another.
        let aside = (Double(turn) - Double(lines.count - 1) / 2) * 3
        var parts = [
            Markup.element(
                "polyline",
                [
                    "points": line.points.map {
                        "\(Markup.place(x($0.place) + aside)),\(Markup.place(y($0.value)))"
                    }.joined(separator: " "),
                    "class": "line \(line.style)",
                ])
        ]
        for point in line.points {
            let place = x(point.place) + aside
            if let range = point.range {
                parts.append(
                    Markup.line(
                        place, y(range.lowerBound), place, y(range.upperBound),
                        style: "line thin \(line.style)"))
            }
            parts.append(
                Markup.element(
                    "circle",
                    [
                        "cx": Markup.place(place), "cy": Markup.place(y(point.value)), "r": "3.4",
                        "class": "dot \(line.style)",
                    ], Markup.element("title", [:], Markup.escaped("\(line.name), \(point.note)"))))
        }
        return parts.joined()
    }

    private var names: [String] {
        let ends = LineChart.apart(lines.map { y($0.points.last.flatMap(\.value)) }, by: 15)
        let over = max(0, (ends.max() ?? 0) - (height - bottom))
        return zip(lines, ends).map { line, end in
            Markup.label(
                line.name, x: width - right + 10, y: end - over + 4, style: "name \(line.style)")
        }
    }
}

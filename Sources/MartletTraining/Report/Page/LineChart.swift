/// Lines over the epochs, or other steps, with axes, the best one marked, and each line named at its end.
struct LineChart {
    /// One line.
    struct Line {
        var name: String
        var style: String
        var values: [Double]
    }

    var title: String
    var lines: [Line]
    /// What the values stand over.
    var axis = "epoch"
    /// The place to mark, counted from 1.
    var best: Int?
    /// Whether the values are shares, to be shown in per cent.
    var isShare: Bool

    private let width = 420.0
    private let height = 240.0
    // The margins, in which names and numbers stand.
    private let left = 46.0
    private let right = 84.0
    private let top = 14.0
    private let bottom = 30.0

    /// The picture.
    var svg: String {
        let values = lines.flatMap(\.values)
        let ticks = Self.ticks(from: values.min() ?? 0, to: values.max() ?? 1)
        let (low, high) = (ticks.first ?? 0, ticks.last ?? 1)
        let count = lines.map(\.values.count).max() ?? 0
        func x(_ index: Int) -> Double {
            count < 2
                ? (left + width - right) / 2
                : left + (width - left - right) * Double(index) / Double(count - 1)
        }
        func y(_ value: Double) -> Double {
            top + (height - top - bottom) * (high - value) / max(high - low, 1e-9)
        }
        var parts = ticks.map { tick in
            Markup.line(left, y(tick), width - right, y(tick), style: "grid")
                + Markup.label(text(tick), x: left - 6, y: y(tick) + 4, anchor: "end")
        }
        let stride = max(1, (count + 9) / 10)
        for index in Swift.stride(from: 0, to: count, by: stride) {
            parts.append(
                Markup.label("\(index + 1)", x: x(index), y: height - bottom + 16, anchor: "middle")
            )
        }
        parts.append(
            Markup.label(
                axis, x: (left + width - right) / 2, y: height - 2, anchor: "middle"))
        if let best, best <= count {
            parts.append(Markup.line(x(best - 1), top, x(best - 1), height - bottom, style: "best"))
        }
        let ends = Self.apart(lines.map { y($0.values.last ?? 0) }, by: 14)
        for (line, end) in zip(lines, ends) {
            let points = line.values.enumerated().map {
                Markup.place(x($0)) + "," + Markup.place(y($1))
            }
            parts.append(
                Markup.element(
                    "polyline",
                    ["points": points.joined(separator: " "), "class": "line \(line.style)"]))
            for (index, value) in line.values.enumerated() {
                parts.append(
                    Markup.element(
                        "circle",
                        [
                            "cx": Markup.place(x(index)), "cy": Markup.place(y(value)), "r": "2.6",
                            "class": "dot \(line.style)",
                        ],
                        Markup.element(
                            "title", [:], "\(line.name), \(axis) \(index + 1): \(exact(value))")))
            }
            parts.append(
                Markup.label(
                    line.name, x: width - right + 8, y: end + 4, style: "name \(line.style)"))
        }
        return Markup.picture(
            width: Int(width), height: Int(height), title: title, parts.joined(separator: "\n"))
    }

    private func text(_ value: Double) -> String {
        isShare ? Decimals.percent(value, 0) : Decimals.fixed(value, 2)
    }

    private func exact(_ value: Double) -> String {
        isShare ? Decimals.percent(value, 2) : Decimals.fixed(value, 4)
    }

    /// Four to eight round numbers that span the values.
    static func ticks(from low: Double, to high: Double) -> [Double] {
        let range = max(high - low, 1e-3)
        var step = 1e-4
        let factors = [2.0, 2.5, 2.0]
        var turn = 0
        while range / step > 5 {
            step *= factors[turn % 3]
            turn += 1
        }
        let first = (low / step).rounded(.down)
        let last = max((high / step).rounded(.up), first + 1)
        return (0...Int(last - first)).map { (first + Double($0)) * step }
    }

    /// The places moved apart so that names do not overlap, in the same order.
    static func apart(_ places: [Double], by distance: Double) -> [Double] {
        var result = places
        var previous = -Double.infinity
        for index in places.indices.sorted(by: { places[$0] < places[$1] }) {
            result[index] = max(places[index], previous + distance)
            previous = result[index]
        }
        return result
    }
}

/// A forecast as a picture: what came before and after, the medians, and the band around them.
struct ForecastPlot {
    /// What the picture shows, for those who cannot see it.
    var title: String
    /// The times of the steps.
    var times: [String]
    /// What came; nil where it is missing or not there yet.
    var truth: [Double?]
    /// The steps before the forecast.
    var before: Int
    var median: [Double]
    var low: [Double]
    var high: [Double]

    private let width = 860.0
    private let height = 260.0
    // The margins, in which numbers and times stand.
    private let left = 62.0
    private let right = 12.0
    private let top = 12.0
    private let bottom = 28.0

    init(
        title: String, times: [String], truth: [Double?], before: Int, median: [Double],
        low: [Double], high: [Double]
    ) {
        self.title = title
        self.times = times
        self.truth = truth
        self.before = before
        self.median = median
        self.low = low
        self.high = high
    }

    /// The style of the parts that other pictures do not have.
    static let css =
        ".band { fill: var(--model); opacity: 0.18; } .line.truth { stroke: var(--ink); stroke-width: 1.4; }"

    /// The picture.
    var svg: String {
        let values = truth.compactMap { $0 } + median + low + high
        let ticks = LineChart.ticks(from: values.min() ?? 0, to: values.max() ?? 1)
        let (floor, ceiling) = (ticks.first ?? 0, ticks.last ?? 1)
        func x(_ step: Int) -> Double {
            left + (width - left - right) * Double(step) / Double(max(times.count - 1, 1))
        }
        func y(_ value: Double) -> Double {
            top + (height - top - bottom) * (ceiling - value) / max(ceiling - floor, 1e-12)
        }
        func point(_ step: Int, _ value: Double) -> String {
            Markup.place(x(step)) + "," + Markup.place(y(value))
        }
        let digits = ceiling - floor > 20 ? 0 : ceiling - floor > 2 ? 1 : 3
        var parts = ticks.map { tick in
            Markup.line(left, y(tick), width - right, y(tick), style: "grid")
                + Markup.label(
                    Decimals.fixed(tick, digits), x: left - 6, y: y(tick) + 4, anchor: "end")
        }
        for step in stride(from: 0, to: times.count, by: max(1, times.count / 5)) {
            parts.append(
                Markup.label(
                    times[step], x: x(step), y: height - bottom + 16,
                    anchor: step == 0 ? "start" : "middle"))
        }
        parts.append(
            Markup.line(
                x(before) - x(1) / 2 + x(0) / 2, top, x(before) - x(1) / 2 + x(0) / 2,
                height - bottom, style: "best"))
        let upper = high.enumerated().map { point(before + $0, $1) }
        let lower = low.enumerated().reversed().map { point(before + $0, $1) }
        parts.append(
            Markup.element(
                "polygon",
                ["points": (upper + lower).joined(separator: " "), "class": "band"]))
        for piece in pieces {
            parts.append(
                Markup.element(
                    "polyline",
                    [
                        "points": piece.map { point($0.step, $0.value) }.joined(separator: " "),
                        "class": "line truth",
                    ]))
        }
        let line = median.enumerated().map { point(before + $0, $1) }
        parts.append(
            Markup.element(
                "polyline", ["points": line.joined(separator: " "), "class": "line model"]))
        return Markup.picture(
            width: Int(width), height: Int(height), title: title, parts.joined(separator: "\n"))
    }

    /// A picture that stands alone, with its colours.
    var file: String {
        let style =
            ":root { --ink: #1c2330; --soft: #5b6675; --rule: #e3e0d8; --model: #0b6e99; } text { font: 12px system-ui, sans-serif; fill: #1c2330; } .tick { fill: #5b6675; font-size: 11px; } .grid { stroke: #e3e0d8; } .best { stroke: #5b6675; stroke-dasharray: 4 4; } .line { fill: none; stroke-width: 2.2; stroke-linejoin: round; } .line.model { stroke: #0b6e99; } "
            + Self.css
        return svg.replacing(
            "<svg ", with: "<svg xmlns=\"http://www.w3.org/2000/svg\" ", maxReplacements: 1
        ).replacing("</title>", with: "</title><style>\(style)</style>", maxReplacements: 1) + "\n"
    }

    /// The truth without its holes.
    private var pieces: [[(step: Int, value: Double)]] {
        var result: [[(step: Int, value: Double)]] = [[]]
        for (step, value) in truth.enumerated() {
            if let value {
                result[result.count - 1].append((step, value))
            } else if !result[result.count - 1].isEmpty {
                result.append([])
            }
        }
        return result.filter { !$0.isEmpty }
    }
}

/// A forecast as an SVG file, complete in itself: what came before and after, the medians, and the band around them.
public struct ForecastPicture: Sendable {
    private let plot: ForecastPlot

    /// A picture of a forecast.
    ///
    /// - Parameters:
    ///   - times: the times of the steps, first those before the forecast.
    ///   - truth: the values there; nil where one is missing or not there yet.
    ///   - before: the steps before the forecast.
    ///   - low: the lower edge of the band, a value a step of the forecast, as the medians.
    public init(
        title: String, times: [String], truth: [Double?], before: Int, median: [Double],
        low: [Double], high: [Double]
    ) {
        plot = ForecastPlot(
            title: title, times: times, truth: truth, before: before, median: median, low: low,
            high: high)
    }

    /// The content of the file.
    public var svg: String { plot.file }
}

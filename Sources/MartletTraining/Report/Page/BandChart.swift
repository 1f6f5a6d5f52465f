/// Forecasts with their bands over what came: time from left to right, each forecast from its origin on.
///
/// A forecast of a single step is drawn as wide as a step, a single known value as a dot.
struct BandChart {
    /// One forecast.
    struct Forecast {
        /// The step of its first value.
        var start: Int
        var point: [Double]
        var lower: [Double]
        var upper: [Double]

        /// Where one of its values is drawn, in steps.
        func places(_ step: Int) -> [Double] {
            let place = Double(start + step)
            return point.count == 1 ? [place - 0.4, place + 0.4] : [place]
        }
    }

    var title: String
    /// What came, step by step; NaN where it is missing.
    var truth: [Double]
    /// The names of some steps, for the axis.
    var marks: [(step: Int, name: String)]
    var forecasts: [Forecast]

    private let width = 860.0
    private let height = 260.0
    private let left = 64.0
    private let right = 12.0
    private let top = 12.0
    private let bottom = 28.0

    /// The picture.
    var svg: String {
        let values =
            (truth + forecasts.flatMap { $0.point + $0.lower + $0.upper }).filter(\.isFinite)
        // A band that leaves the page would hide what it is about.
        let known = truth.filter(\.isFinite)
        let (least, most) = (known.min() ?? 0, known.max() ?? 1)
        let reach = max(most - least, 1e-9)
        let (low, high) = (
            max(values.min() ?? 0, least - reach), min(values.max() ?? 1, most + reach)
        )
        let span = max(high - low, 1e-9)
        func x(_ step: Double) -> Double {
            left + (width - left - right) * step / Double(max(truth.count - 1, 1))
        }
        func y(_ value: Double) -> Double {
            top + (height - top - bottom) * (high - min(max(value, low), high)) / span
        }
        func place(_ step: Double, _ value: Double) -> String {
            Markup.place(x(step)) + "," + Markup.place(y(value))
        }
        var parts = (0...4).map { tick in
            let value = low + span * Double(tick) / 4
            return Markup.line(left, y(value), width - right, y(value), style: "grid")
                + Markup.label(Self.text(value, span), x: left - 6, y: y(value) + 4, anchor: "end")
        }
        for mark in marks {
            parts.append(
                Markup.label(
                    mark.name, x: x(Double(mark.step)), y: height - bottom + 18, anchor: "middle"))
        }
        for forecast in forecasts {
            let steps = forecast.point.indices.filter {
                forecast.lower[$0].isFinite && forecast.upper[$0].isFinite
            }
            let edge =
                steps.flatMap { step in
                    forecast.places(step).map { place($0, forecast.upper[step]) }
                }
                + steps.reversed().flatMap { step in
                    forecast.places(step).reversed().map { place($0, forecast.lower[step]) }
                }
            parts.append(
                Markup.element("polygon", ["points": edge.joined(separator: " "), "class": "band"]))
        }
        for run in Self.runs(truth) {
            let steps = run.count == 1 ? run + run : run
            let points = steps.map { place(Double($0), truth[$0]) }
            parts.append(
                Markup.element(
                    "polyline", ["points": points.joined(separator: " "), "class": "line truth"]))
        }
        for forecast in forecasts where forecast.point.allSatisfy(\.isFinite) {
            let points = forecast.point.enumerated().flatMap { step, value in
                forecast.places(step).map { place($0, value) }
            }
            parts.append(
                Markup.element(
                    "polyline", ["points": points.joined(separator: " "), "class": "line model"]))
            parts.append(
                Markup.line(
                    x(Double(forecast.start)), top, x(Double(forecast.start)), height - bottom,
                    style: "origin"))
        }
        return Markup.picture(
            width: Int(width), height: Int(height), title: title, parts.joined(separator: "\n"))
    }

    /// What the page needs beside ``ReportStyle``.
    static let style = """
        .band { fill: var(--model); opacity: 0.18; stroke: none; }
        .line.truth { stroke: var(--ink); stroke-width: 1.4; }
        .origin { stroke: var(--plain); stroke-dasharray: 2 4; }
        """

    /// Neighbouring steps that are known.
    private static func runs(_ values: [Double]) -> [[Int]] {
        var runs: [[Int]] = []
        for (step, value) in values.enumerated() where !value.isNaN {
            if step > 0, !values[step - 1].isNaN, !runs.isEmpty {
                runs[runs.count - 1].append(step)
            } else {
                runs.append([step])
            }
        }
        return runs
    }

    private static func text(_ value: Double, _ span: Double) -> String {
        Decimals.fixed(value, span < 1 ? 3 : span < 10 ? 2 : span < 100 ? 1 : 0)
    }
}

public import MartletModels

/// A picture of a recording: its waveform with the segments marked, and below it the probability of speech.
public struct SpeechPicture: Sendable {
    /// The name over it.
    public var title: String
    /// The probability from which on speech begins.
    public var threshold: Double
    /// Every 32 ms of the recording.
    public var chunks: [SpeechChunk] = []
    /// What was found.
    public var segments: [SpeechSegment] = []

    /// A picture of nothing yet.
    public init(title: String, threshold: Double) {
        self.title = title
        self.threshold = threshold
    }

    private let width = 1000.0
    private let height = 330.0
    // The margins, in which names and numbers stand.
    private let left = 52.0
    private let right = 18.0
    /// From top to bottom: the waveform, the probability, the seconds.
    private let wave = (top: 40.0, bottom: 180.0)
    private let graph = (top: 202.0, bottom: 290.0)

    private var seconds: Double {
        Double(chunks.reduce(0) { $0 + $1.sampleCount }) / Double(SileroVAD.sampleRate)
    }

    /// The place of a time in seconds.
    private func x(_ time: Double) -> Double {
        left + (width - left - right) * time / max(seconds, 1e-9)
    }

    /// Consecutive values that share a column of the picture, of which there are 900 at most, and the time of their
    /// middle in seconds; each value is about `step` samples.
    private func columns<Value>(_ values: [Value], step: Int) -> [(
        time: Double, values: ArraySlice<Value>
    )] {
        let count = max(1, (values.count + 899) / 900)
        return stride(from: 0, to: values.count, by: count).map { first in
            let end = min(first + count, values.count)
            let middle = Double((first + end) * step) / 2 / Double(SileroVAD.sampleRate)
            return (min(middle, seconds), values[first..<end])
        }
    }

    /// The picture as an SVG file of its own.
    public var svg: String {
        let content = [segmentMarks, timeAxis, waveform, probability]
        return Markup.element(
            "svg",
            [
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": "0 0 \(Int(width)) \(Int(height))", "role": "img",
            ],
            Markup.element("title", [:], Markup.escaped(title))
                + Markup.element("style", [:], Self.style)
                + Markup.element(
                    "rect",
                    [
                        "width": Markup.place(width), "height": Markup.place(height),
                        "class": "paper",
                    ])
                + Markup.label(title, x: left, y: 22, style: "name")
                + Markup.label(found, x: width - right, y: 22, anchor: "end")
                + content.joined(separator: "\n")) + "\n"
    }

    private var found: String {
        let speech = Double(segments.reduce(0) { $0 + $1.end - $1.start })
        let share = speech / Double(SileroVAD.sampleRate)
        let word = segments.count == 1 ? "segment" : "segments"
        return
            "\(segments.count) \(word), \(Decimals.fixed(share, 1)) s of speech in \(Decimals.fixed(seconds, 1)) s"
    }

    private var segmentMarks: String {
        segments.map { segment in
            let rate = Double(SileroVAD.sampleRate)
            let (start, end) = (Double(segment.start) / rate, Double(segment.end) / rate)
            let text =
                "\(Decimals.fixed(start, 3)) – \(Decimals.fixed(end, 3)) s, probability \(Decimals.probability(segment.probability))"
            return Markup.element(
                "rect",
                [
                    "x": Markup.place(x(start)), "y": Markup.place(wave.top),
                    "width": Markup.place(x(end) - x(start)),
                    "height": Markup.place(graph.bottom - wave.top), "class": "speech",
                ], Markup.element("title", [:], text))
        }.joined(separator: "\n")
    }

    private var timeAxis: String {
        let few = LineChart.ticks(from: 0, to: max(seconds, 0.1) / 2)
        let ticks = Array(stride(from: 0, through: seconds, by: few[1]))
        let digits = seconds < 2 ? 2 : seconds < 10 ? 1 : 0
        return ticks.map { tick in
            Markup.line(x(tick), wave.top, x(tick), graph.bottom, style: "grid")
                + Markup.label(
                    seconds < 600
                        ? Decimals.fixed(tick, digits) + " s" : Decimals.duration(tick),
                    x: x(tick), y: graph.bottom + 18, anchor: "middle")
        }.joined(separator: "\n")
    }

    private var waveform: String {
        let ranges = chunks.flatMap(\.ranges)
        let loudest = ranges.reduce(0) { max($0, -$1.lowerBound, $1.upperBound) }
        let middle = (wave.top + wave.bottom) / 2
        let scale = (wave.bottom - wave.top) / 2 / Double(max(loudest, 1e-9))
        let points = columns(ranges, step: SileroVAD.chunkSize / 4).map { column in
            (
                x: x(column.time),
                top: middle - scale * Double(column.values.map(\.upperBound).max() ?? 0),
                bottom: middle - scale * Double(column.values.map(\.lowerBound).min() ?? 0)
            )
        }
        let outline =
            points.map { Markup.place($0.x) + "," + Markup.place($0.top) }
            + points.reversed().map { Markup.place($0.x) + "," + Markup.place($0.bottom) }
        return Markup.line(left, middle, width - right, middle, style: "grid")
            + Markup.label("sound", x: left - 8, y: middle + 4, anchor: "end")
            + Markup.element(
                "polygon", ["points": outline.joined(separator: " "), "class": "wave"])
    }

    private var probability: String {
        func y(_ value: Double) -> Double { graph.bottom - (graph.bottom - graph.top) * value }
        let points = columns(chunks, step: SileroVAD.chunkSize).map { column in
            let sum = column.values.reduce(0) { $0 + Double($1.probability) }
            return Markup.place(x(column.time)) + ","
                + Markup.place(y(sum / Double(column.values.count)))
        }
        let ticks = [0.0, 1.0].map { value in
            Markup.line(left, y(value), width - right, y(value), style: "grid")
                + Markup.label(
                    Decimals.fixed(value, 0), x: left - 8, y: y(value) + 4, anchor: "end")
        }
        return ticks.joined()
            + Markup.line(left, y(threshold), width - right, y(threshold), style: "threshold")
            + Markup.label(
                Decimals.fixed(threshold, 2), x: left - 8, y: y(threshold) + 4, anchor: "end")
            + Markup.label("probability", x: left + 4, y: graph.top - 6)
            + Markup.element(
                "polyline", ["points": points.joined(separator: " "), "class": "line"])
    }

    private static let style = """
        svg { color-scheme: light dark; --ink: #1c2330; --soft: #5b6675; --paper: #fbfaf7; --rule: #e3e0d8;
          --model: #0b6e99; --other: #d9822b; }
        @media (prefers-color-scheme: dark) {
          svg { --ink: #e8e6e1; --soft: #9aa5b1; --paper: #14171c; --rule: #313843; --model: #5ab4dc; --other: #f0a35a; } }
        .paper { fill: var(--paper); }
        text { font: 12px system-ui, sans-serif; fill: var(--ink); }
        .name { font-size: 14px; font-weight: 600; }
        .tick { fill: var(--soft); font-size: 11px; }
        .grid { stroke: var(--rule); stroke-width: 1; }
        .threshold { stroke: var(--soft); stroke-dasharray: 4 4; }
        .speech { fill: var(--other); fill-opacity: 0.22; }
        .wave { fill: var(--ink); stroke: var(--ink); stroke-width: 0.6; stroke-linejoin: round; fill-opacity: 0.75; }
        .line { fill: none; stroke: var(--model); stroke-width: 1.8; stroke-linejoin: round; }
        """
}

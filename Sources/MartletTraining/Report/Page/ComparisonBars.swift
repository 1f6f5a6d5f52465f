import MartletData

/// The accuracy of the model beside its baselines', with the range that chance leaves it.
struct ComparisonBars {
    /// One bar.
    struct Bar {
        var name: String
        var detail: String
        var style: String
        var metrics: ClassificationMetrics
    }

    var bars: [Bar]

    /// A model's bar above those of its baselines.
    init(model: ClassificationMetrics, detail: String, beside baselines: [BaselineScores]) {
        bars =
            [Bar(name: "this model", detail: detail, style: "model", metrics: model)]
            + baselines.map {
                Bar(
                    name: $0.name, detail: $0.description,
                    style: $0.name == "majority" ? "plain" : "other", metrics: $0.metrics)
            }
    }

    /// The picture: the scale begins at 0, so that lengths can be compared.
    var svg: String {
        let (width, left, right, row) = (860.0, 120.0, 130.0, 44.0)
        let scale = width - left - right
        var parts: [String] = []
        for (index, bar) in bars.enumerated() {
            let y = Double(index) * row + 6
            let accuracy = bar.metrics.accuracy
            let interval = bar.metrics.accuracyInterval
            let middle = y + 11
            parts += [
                Markup.label(bar.name, x: left - 12, y: y + 15, anchor: "end", style: "bar-name"),
                Markup.element(
                    "rect",
                    [
                        "x": Markup.place(left), "y": Markup.place(y), "rx": "3", "height": "22",
                        "width": Markup.place(scale * accuracy), "class": "bar \(bar.style)",
                    ]),
                Markup.line(
                    left + scale * interval.lowerBound, middle, left + scale * interval.upperBound,
                    middle, style: "range"),
                Markup.line(
                    left + scale * interval.lowerBound, middle - 5,
                    left + scale * interval.lowerBound, middle + 5, style: "range"),
                Markup.line(
                    left + scale * interval.upperBound, middle - 5,
                    left + scale * interval.upperBound, middle + 5, style: "range"),
                Markup.label(
                    Decimals.percent(accuracy), x: left + scale * interval.upperBound + 10,
                    y: y + 16, style: "bar-value"),
                Markup.label(bar.detail, x: left, y: y + 34),
            ]
        }
        let height = Int(Double(bars.count) * row + 4)
        return Markup.picture(
            width: Int(width), height: height, title: "Accuracy beside the baselines",
            parts.joined(separator: "\n"))
    }
}

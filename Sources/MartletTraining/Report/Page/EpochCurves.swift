/// "How it learned": the loss and the share of right answers over the epochs of a run.
struct EpochCurves {
    var epochs: [EpochRecord]
    /// The epoch whose model was kept, counted from 1.
    var best: Int?
    /// Why it was that one, in words.
    var reason: String
    /// What the share of right answers is called.
    var answers = "Accuracy"

    var html: String {
        guard !epochs.isEmpty else { return "" }
        return """
            <h2>How it learned</h2>
            <div class="pair">
            \(chart("Loss", isShare: false, epochs.map(\.trainingLoss), epochs.map(\.validationLoss)))
            \(chart(answers, isShare: true, epochs.compactMap(\.trainingAccuracy), epochs.map(\.validationShare)))
            </div>
            <p class="soft">The dashed line marks epoch \(best ?? 0), whose model was kept: \(Markup.escaped(reason)). \
            Training figures are taken while learning, with dropout.</p>
            """
    }

    private func chart(
        _ title: String, isShare: Bool, _ training: [Double], _ validation: [Double]
    ) -> String {
        var lines = [LineChart.Line(name: "validation", style: "model", values: validation)]
        if !training.isEmpty {
            lines.insert(.init(name: "training", style: "other", values: training), at: 0)
        }
        let chart = LineChart(title: title, lines: lines, best: best, isShare: isShare)
        return "<section class=\"card\"><h3>\(title)</h3>\(chart.svg)</section>"
    }
}

import MartletData
import MartletTensor

/// `report.html` of a series classifier: what came out, beside time warping; how it learned; where it errs.
enum SeriesClassifierPage {
    /// The page.
    static func html(_ run: SeriesClassifierRecord) -> String {
        let title = "\(name(of: run)) on \(Markup.lastPart(of: run.data.path))"
        let reason =
            run.data.validation > 0
            ? "the smallest loss on the cases that were kept back"
            : "the last one; nothing was kept back, so the line called validation is of the training cases without changes"
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead(run), comparison(run),
            EpochCurves(epochs: run.epochs, best: run.bestEpoch, reason: reason).html,
            mistakes(run), particulars(run),
        ]
        return PageFrame.html(title: title, body: sections.joined(separator: "\n"))
    }

    private static func name(of run: SeriesClassifierRecord) -> String {
        let cell = run.options.cell.familyName
        let one = run.options.bidirectional ? "Bidirectional \(cell)" : cell
        return run.options.members > 1 ? "\(run.options.members) × \(one)" : one
    }

    /// The figures that count, and what they are of.
    private static func judged(
        _ run: SeriesClassifierRecord
    ) -> (metrics: ClassificationMetrics, words: String)? {
        if let test = run.test { return (test, "test cases, which nothing else has seen") }
        return run.validation.map { ($0, "cases that chose the epoch, and so are not unseen") }
    }

    private static func lead(_ run: SeriesClassifierRecord) -> String {
        guard let (metrics, words) = judged(run) else {
            return "<p class=\"lead\">Not tested\(run.bestEpoch == nil ? " yet" : "").</p>"
        }
        var sentence =
            "It learned from \(Decimals.grouped(run.data.training)) series and labels "
            + "<b>\(Decimals.percent(metrics.accuracy))</b> of \(Decimals.grouped(metrics.examples)) \(words), rightly"
        if let best = run.baselines.map(\.metrics).max(by: { $0.accuracy < $1.accuracy }) {
            let gap = metrics.correct - best.correct
            sentence +=
                ". The nearest neighbour by time warping labels \(Decimals.percent(best.accuracy)) rightly: "
                + (gap == 0
                    ? "as many"
                    : "the network is \(gap > 0 ? "better" : "worse"), by \(abs(gap)) \(abs(gap) == 1 ? "case" : "cases")")
        }
        return "<p class=\"lead\">\(sentence).</p>"
    }

    private static func comparison(_ run: SeriesClassifierRecord) -> String {
        guard let (metrics, _) = judged(run) else { return "" }
        let bars = ComparisonBars(
            model: metrics,
            detail:
                "\(name(of: run)) of \(run.options.hidden), \(Decimals.short(Double(run.parameters))) parameters",
            beside: run.baselines)
        return """
            <h2>Beside time warping</h2>
            <section class="card">\(bars.svg)
            <p class="soft">Share of right answers on the same cases; the thin lines are 95 % intervals (Wilson).</p>
            </section>
            """
    }

    private static func mistakes(_ run: SeriesClassifierRecord) -> String {
        guard let (metrics, _) = judged(run) else { return "" }
        let table = ConfusionTable(metrics: metrics)
        return """
            <h2>Where it is right and wrong</h2>
            <section class="card">\(table.html)</section>
            <section class="card">\(table.figures)</section>
            """
    }

    private static func particulars(_ run: SeriesClassifierRecord) -> String {
        let data = run.data
        var rows: [(name: String, value: String)] = [
            ("data", data.path),
            (
                "cases",
                "\(data.training) to learn from, \(data.validation) to choose by, \(data.test) to judge by; \(data.channels.count) channels; \(data.lengths[0]) … \(data.lengths[1]) steps; \(data.interpolated) missing values interpolated"
            ),
            ("SHA-256 of the data", data.sha256),
        ]
        if let path = data.testPath {
            rows += [("test", path), ("SHA-256 of the test", data.testSHA256 ?? "")]
        }
        return Markup.particulars(rows + run.particulars)
    }
}

import MartletData
import MartletTensor

/// `report.html` of an image classifier: what came out, beside simple methods; how it learned; where it errs.
enum ImageClassifierPage {
    /// The page.
    static func html(_ run: ImageClassifierRecord) -> String {
        let title = "Convolutional network on \(Markup.lastPart(of: run.data.path))"
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead(run), comparison(run),
            EpochCurves(
                epochs: run.epochs, best: run.bestEpoch,
                reason: "the best accuracy on images that were kept back"
            ).html,
            ReportPage.mistakes(run.test), particulars(run),
        ]
        return PageFrame.html(title: title, body: sections.joined(separator: "\n"))
    }

    private static func lead(_ run: ImageClassifierRecord) -> String {
        guard let test = run.test else { return "<p class=\"lead\">Not tested yet.</p>" }
        return
            "<p class=\"lead\">It saw \(Decimals.grouped(run.data.training)) images and labels <b>\(Decimals.percent(test.accuracy))</b> of \(Decimals.grouped(test.examples)) unseen ones rightly.</p>"
    }

    private static func comparison(_ run: ImageClassifierRecord) -> String {
        guard let test = run.test else { return "" }
        let bars = ComparisonBars(
            model: test,
            detail:
                "convolutions of \(run.options.channels.map { "\($0)" }.joined(separator: " and ")), \(Decimals.short(Double(run.parameters))) parameters",
            beside: run.baselines)
        return """
            <h2>Beside simple methods</h2>
            <section class="card">\(bars.svg)
            <p class="soft">Share of right answers on the same unseen images; the thin lines are 95 % intervals (Wilson).</p>
            </section>
            """
    }

    private static func particulars(_ run: ImageClassifierRecord) -> String {
        let data = run.data
        let rows: [(name: String, value: String)] = [
            ("data", data.path),
            (
                "images",
                "\(Decimals.grouped(data.training)) to learn from, \(Decimals.grouped(data.validation)) to choose by, \(Decimals.grouped(data.test)) to judge by; \(data.height) × \(data.width)"
            ),
            ("SHA-256 of the data", data.sha256),
        ]
        return Markup.particulars(rows + run.particulars)
    }
}

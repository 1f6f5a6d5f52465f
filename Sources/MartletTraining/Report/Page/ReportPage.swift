import MartletData
import MartletTensor

/// `report.html`: one page, complete in itself, that shows a run to people.
///
/// From top to bottom: what came out in a sentence, the model beside its baselines, the curves of training, the
/// mistakes, some explained answers, and what is needed to repeat the run. Pictures are SVG; nothing is loaded.
public enum ReportPage {
    /// The page.
    ///
    /// - Parameters:
    ///   - run: the run, with its test.
    ///   - explanations: answers to explain, in order.
    public static func html(_ run: RunRecord, explanations: [Explanation]) -> String {
        let title = "\(name(of: run)) on \(Markup.lastPart(of: run.data.path))"
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead(run), comparison(run),
            EpochCurves(
                epochs: run.epochs, best: run.bestEpoch,
                reason: "the best accuracy on validation texts"
            ).html,
            mistakes(run), explained(explanations), particulars(run),
        ]
        return PageFrame.html(title: title, body: sections.joined(separator: "\n"))
    }

    private static func name(of run: RunRecord) -> String {
        let cell = run.options.cell.familyName
        return run.options.bidirectional ? "Bidirectional \(cell)" : cell
    }

    private static func lead(_ run: RunRecord) -> String {
        guard let test = run.test else { return "<p class=\"lead\">Not tested yet.</p>" }
        var sentence =
            "It read \(Decimals.grouped(run.data.training)) texts and labels "
            + "<b>\(Decimals.percent(test.accuracy))</b> of \(Decimals.grouped(test.examples)) unseen ones rightly"
        if let nGrams = run.baselines.first(where: { $0.name == "n-grams" }) {
            sentence +=
                ". A linear model of n-grams reaches \(Decimals.percent(nGrams.metrics.accuracy))"
            let interval = test.accuracyInterval
            let gap = test.accuracy - nGrams.metrics.accuracy
            sentence +=
                interval.contains(nGrams.metrics.accuracy)
                ? ", which is within what chance can do"
                : gap > 0 ? ": the network is better" : ": the network is worse"
        }
        return "<p class=\"lead\">\(sentence).</p>"
    }

    private static func comparison(_ run: RunRecord) -> String {
        guard let test = run.test else { return "" }
        let bars = ComparisonBars(
            model: test,
            detail:
                "\(name(of: run)) of \(run.options.hidden), \(Decimals.short(Double(run.parameters))) parameters",
            beside: run.baselines)
        return """
            <h2>Beside simple methods</h2>
            <section class="card">\(bars.svg)
            <p class="soft">Share of right answers on the same unseen texts; the thin lines are 95 % intervals (Wilson).</p>
            </section>
            """
    }

    private static func mistakes(_ run: RunRecord) -> String {
        guard let test = run.test else { return "" }
        let table = ConfusionTable(metrics: test)
        return """
            <h2>Where it is right and wrong</h2>
            <div class="pair"><section class="card">\(table.html)</section>
            <section class="card">\(table.figures)</section></div>
            """
    }

    private static func explained(_ explanations: [Explanation]) -> String {
        guard !explanations.isEmpty else { return "" }
        return """
            <h2>Answers, token by token</h2>
            <p class="soft">The line is the probability of the answer if the text ended after each token. A token is \
            tinted by how much it moved that opinion: <span class="chip for" style="--share:0.6">for</span> or \
            <span class="chip against" style="--share:0.6">against</span> the answer.</p>
            \(explanations.map { TokenPath(explanation: $0).html }.joined(separator: "\n"))
            """
    }

    private static func particulars(_ run: RunRecord) -> String {
        let summary = run.data.summary
        let rows: [(name: String, value: String)] = [
            ("data", run.data.path),
            (
                "texts",
                "\(Decimals.grouped(summary.kept)) of \(Decimals.grouped(summary.read)) kept: \(Decimals.grouped(summary.duplicates)) duplicates, \(Decimals.grouped(summary.conflicting)) with two labels and \(Decimals.grouped(summary.empty)) empty ones dropped"
            ),
            (
                "split",
                "\(Decimals.grouped(run.data.training)) training, \(Decimals.grouped(run.data.validation)) validation, \(Decimals.grouped(run.data.test)) test, by the SHA-256 of each text"
            ),
            ("SHA-256 of the data", run.data.sha256),
        ]
        return Markup.particulars(rows + run.particulars)
    }
}

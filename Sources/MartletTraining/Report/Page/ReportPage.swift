import MartletData
import MartletModels
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
            "<h1>\(Markup.escaped(title))</h1>", lead(run.data, run.test, run.baselines),
            comparison(
                run.test,
                detail:
                    "\(name(of: run)) of \(run.options.hidden), \(Decimals.short(Double(run.parameters))) parameters",
                beside: run.baselines),
            EpochCurves(
                epochs: run.epochs, best: run.bestEpoch,
                reason: "the best accuracy on validation texts"
            ).html,
            mistakes(run.test), explained(explanations),
            Markup.particulars(particulars(of: run.data) + run.particulars),
        ]
        return PageFrame.html(title: title, body: sections.joined(separator: "\n"))
    }

    private static func name(of run: RunRecord) -> String {
        switch run.options.network {
        case .recurrent: break
        case .cnn:
            let sizes = run.options.convolutions.map { "\($0)" }.joined(separator: ", ")
            return "CNN over \(sizes) tokens"
        case .transformer: return "Transformer"
        case .bag: return "Sum of vectors"
        }
        let cell = run.options.cell.familyName
        return run.options.bidirectional ? "Bidirectional \(cell)" : cell
    }

    /// What came out, in a sentence.
    static func lead(
        _ data: RunRecord.DataRecord, _ test: ClassificationMetrics?,
        _ baselines: [BaselineScores]
    ) -> String {
        guard let test else { return "<p class=\"lead\">Not tested yet.</p>" }
        var sentence =
            "It read \(Decimals.grouped(data.training)) texts and labels "
            + "<b>\(Decimals.percent(test.accuracy))</b> of \(Decimals.grouped(test.examples)) unseen ones rightly"
        if let nGrams = baselines.first(where: { $0.name == "n-grams" }) {
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

    /// The model, of which `detail` tells what it is, beside the baselines.
    static func comparison(
        _ test: ClassificationMetrics?, detail: String, beside baselines: [BaselineScores]
    ) -> String {
        guard let test else { return "" }
        let bars = ComparisonBars(model: test, detail: detail, beside: baselines)
        return """
            <h2>Beside simple methods</h2>
            <section class="card">\(bars.svg)
            <p class="soft">Share of right answers on the same unseen texts; the thin lines are 95 % intervals (Wilson).</p>
            </section>
            """
    }

    /// Which labels are taken for which.
    static func mistakes(_ test: ClassificationMetrics?) -> String {
        guard let test else { return "" }
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

    /// The data, and how they were split.
    static func particulars(of data: RunRecord.DataRecord) -> [(name: String, value: String)] {
        let summary = data.summary
        return [
            ("data", data.path),
            (
                "texts",
                "\(Decimals.grouped(summary.kept)) of \(Decimals.grouped(summary.read)) kept: \(Decimals.grouped(summary.duplicates)) duplicates, \(Decimals.grouped(summary.conflicting)) with two labels and \(Decimals.grouped(summary.empty)) empty ones dropped"
            ),
            (
                "split",
                "\(Decimals.grouped(data.training)) training, \(Decimals.grouped(data.validation)) validation, \(Decimals.grouped(data.test)) test, by the SHA-256 of each text"
            ),
            ("SHA-256 of the data", data.sha256),
        ]
    }
}

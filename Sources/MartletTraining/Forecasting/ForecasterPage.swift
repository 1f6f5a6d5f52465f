import MartletData
import MartletTensor

/// `report.html` of a forecaster: one page, complete in itself.
///
/// How good it is beside repeating old values, forecasts beside what came, the curve of training, and what is needed to
/// repeat the run.
enum ForecasterPage {
    static func html(_ run: ForecasterRecord) -> String {
        let file = Markup.lastPart(of: run.data.path)
        let title =
            "\(run.options.cell.familyName) forecaster of \(run.data.columns.target), \(file)"
        let curves = EpochCurves(
            epochs: run.epochs, best: run.bestEpoch,
            reason: run.data.validation > 0
                ? "the lowest loss on the validation span"
                : "the last one; nothing was kept back, so the line called validation is of steps that were learned from",
            answers: "Within the band")
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead(run), table(run), examples(run),
            curves.html, particulars(run),
        ]
        return PageFrame.html(
            title: title, style: ForecastPlot.css,
            body: sections.filter { !$0.isEmpty }.joined(separator: "\n"))
    }

    private static func lead(_ run: ForecasterRecord) -> String {
        guard let scores = run.test ?? run.validation, let best = scores.best else {
            return "<p class=\"lead\">Not judged yet.</p>"
        }
        let ratio = best.error > 0 ? scores.error / best.error : .nan
        let verdict =
            ratio < 1
            ? "<b>\(Decimals.fixed(ratio, 2))</b> of the error of the best simple method, \(Markup.escaped(best.name))"
            : "nothing gained: its error is <b>\(Decimals.fixed(ratio, 2))</b> of that of the best simple method, \(Markup.escaped(best.name)), which is to be preferred"
        return
            "<p class=\"lead\">\(scores.horizon) step\(scores.horizon == 1 ? "" : "s") ahead on the \(run.test == nil ? "validation" : "test") span: \(verdict). \(Decimals.percent(scores.coverage)) of the values came within the band meant for \(Decimals.percent(scores.band, 0)).</p>"
    }

    private static func table(_ run: ForecasterRecord) -> String {
        let spans = [("test", run.test), ("validation", run.validation)].compactMap {
            name, scores in
            scores.map { (name, $0) }
        }
        guard !spans.isEmpty else { return "" }
        let rows = spans.flatMap { name, scores -> [String] in
            let all =
                [("this network", scores.error)] + scores.baselines.map { ($0.name, $0.error) }
            return all.map { method, error in
                "<tr><td>\(name)</td><td>\(Markup.escaped(method))</td><td>\(Decimals.magnitude(error))</td><td>\(Decimals.fixed(error / max(scores.best?.error ?? error, 1e-300), 3))</td><td>\(Decimals.grouped(scores.values))</td></tr>"
            }
        }
        return """
            <h2>Beside simple methods</h2>
            <section class="card scroll"><table>
            <tr><th>span</th><th>method</th><th>mean absolute error</th><th>of the best simple one's</th><th>values</th></tr>
            \(rows.joined(separator: "\n"))
            </table></section>
            """
    }

    private static func examples(_ run: ForecasterRecord) -> String {
        guard !run.examples.isEmpty else { return "" }
        let cards = run.examples.map { example in
            let name = example.series.isEmpty ? run.data.columns.target : example.series
            let plot = ForecastPlot(
                title: "Forecast of \(name)", times: example.times, truth: example.truth,
                before: example.before, median: example.median, low: example.low,
                high: example.high)
            return "<section class=\"card\"><h3>\(Markup.escaped(name))</h3>\(plot.svg)</section>"
        }
        return """
            <h2>Its last forecast</h2>
            <p class="soft">Dark: what came. Coloured: the median of the forecast and its band. The dashed line is where \
            the forecast was made.</p>
            \(cards.joined(separator: "\n"))
            """
    }

    private static func particulars(_ run: ForecasterRecord) -> String {
        let rows: [(name: String, value: String)] = [
            ("data", run.data.path),
            (
                "columns",
                "time \(run.data.columns.time), target \(run.data.columns.target), series \(run.data.columns.series ?? "none"), covariates \(run.data.columns.covariates), known \(run.data.columns.known)"
            ),
            (
                "steps",
                "\(Decimals.grouped(run.data.steps)), \(run.data.step), of \(run.data.series) series; \(Decimals.grouped(run.data.missing)) values missing"
            ),
            (
                "split",
                "\(Decimals.grouped(run.data.training)) steps for training, \(Decimals.grouped(run.data.validation)) for validation, \(Decimals.grouped(run.data.test)) for the test, in the order of time"
            ),
            ("SHA-256 of the data", run.data.sha256),
            ("context", "\(run.context) steps"), ("lags", "\(run.lags)"),
            ("parameters", Decimals.grouped(run.parameters)),
            ("training time", Decimals.duration(run.trainingSeconds)),
            (
                "machine",
                "\(run.machine.cpu), \(run.machine.instructionSet), \(run.machine.threads) threads"
            ),
            ("Martlet", run.version),
            (
                "options",
                run.options.listing.map { "\($0.flag) \($0.value)" }.joined(separator: " ")
            ),
        ]
        return Markup.particulars(rows)
    }
}

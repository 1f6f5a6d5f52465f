/// The page of an inspection of gradients, complete in itself: the lengths over time, then each layer with its eigenvalues
/// and its gates, side by side.
public enum GradientPage {
    /// The page.
    ///
    /// - Parameter command: what was typed, to repeat it.
    public static func html(_ report: GradientReport, command: String) -> String {
        let isLast = report.loss == InspectedLoss.last.rawValue
        let body = [
            "<h1>\(Markup.escaped(report.title))</h1>", lead(report),
            """
            <section class="card">\(GradientChart(report: report).svg)
            <p class="soft">The length of ∂loss/∂h<sub>t</sub>, the mean over the sequences, on a logarithmic scale: \
            \(isLast ? "the loss looks at the last state only, so going left is going back in time." : "the loss looks at every state, so each step also has a gradient of its own.")</p>
            </section>
            """,
            "<h2>Side by side</h2>", cells(report), explanation, advice(report),
            repeating(report, command),
        ]
        return PageFrame.html(
            title: report.title, style: GradientStyle.page, body: body.joined(separator: "\n"))
    }

    /// The picture of the lengths alone, as an SVG file.
    public static func svg(_ report: GradientReport) -> String {
        GradientChart(report: report).file
    }

    private static func lead(_ report: GradientReport) -> String {
        let items = report.named.map {
            "<li><b>\(Markup.escaped($0.name))</b> \(verdict($0.part.verdict))</li>"
        }
        return "<ul class=\"lead\">\(items.joined())</ul>"
    }

    private static func verdict(_ verdict: GradientVerdict) -> String {
        let isGood = verdict.kind == .holds
        let rest = verdict.text.dropFirst(verdict.kind.rawValue.count)
        return
            "<span class=\"kind \(isGood ? "good" : "bad")\">\(verdict.kind.rawValue)</span>\(Markup.escaped(String(rest)))"
    }

    private static func cells(_ report: GradientReport) -> String {
        let cards = report.named.enumerated().map { place, item in
            let part = item.part
            func number(_ value: Double?) -> String {
                value.map(Decimals.magnitudeInWords) ?? "not finite"
            }
            let rows = [
                ("at the last step", number(part.last)), ("in the middle", number(part.middle)),
                ("at the first step", number(part.first)),
                ("per step back", part.perStep.map { "× " + Decimals.magnitudeInWords($0) } ?? "–"),
            ].map { "<tr><th scope=\"row\">\($0.0)</th><td>\($0.1)</td></tr>" }
            let plane = part.spectra.map {
                let plane = EigenvaluePlane(spectra: $0)
                return plane.svg + plane.legend
            }
            return """
                <section class="card \(GradientStyle.series(place))"><h3>\(Markup.escaped(item.name))</h3>
                <table>\(rows.joined())</table>
                <h4>Eigenvalues of W<sub>hh</sub>; radius</h4>
                \(plane ?? "<p class=\"soft\">Wider than \(RecurrentSpectrum.widest) units: not computed.</p>")
                <h4>Saturated activations</h4>
                \(GateBars(gates: part.gates).svg)</section>
                """
        }
        return "<div class=\"cells\">\(cards.joined(separator: "\n"))</div>"
    }

    private static let explanation = """
        <h2>How to read it</h2>
        <p>A step back multiplies the gradient by the transpose of ∂h<sub>t</sub>/∂h<sub>t−1</sub>. Of a plain network that is \
        W<sub>hh</sub>, each row times the slope of tanh: with all eigenvalues well inside the dashed unit circle the product \
        shrinks; outside, it may grow. σ, the largest singular value, bounds one step. Gated cells add a path past \
        the matrix: an LSTM's c is multiplied by f, a GRU's h by z, element by element.</p>
        <p>An activation is saturated at the lower end <span class="swatch shut"></span> (a gate below 0.05, a tanh below \
        −0.95) or the upper end <span class="swatch open"></span> (above 0.95): there its slope is nearly zero, and \
        little is learned through it. A gate that is open to keep (f or z) is meant to be there.</p>
        """

    private static func advice(_ report: GradientReport) -> String {
        let lines = report.advice
        guard !lines.isEmpty else { return "" }
        return "<h2>What to try</h2><ul>"
            + lines.map { "<li>\(Markup.escaped($0))</li>" }.joined() + "</ul>"
    }

    private static func repeating(_ report: GradientReport, _ command: String) -> String {
        let rows = [("command", command)] + report.settings.map { ($0.name, $0.value) }
        let body = rows.map {
            "<tr><th scope=\"row\">\(Markup.escaped($0.0))</th><td><code>\(Markup.escaped($0.1))</code></td></tr>"
        }
        return
            "<h2>To repeat it</h2><section class=\"card\"><table>\(body.joined())</table></section>"
    }
}

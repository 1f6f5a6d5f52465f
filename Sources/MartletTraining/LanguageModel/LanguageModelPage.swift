import MartletTensor
import MartletText

/// `report.html` of a language model: one page, complete in itself.
///
/// What came out in a sentence, the curve of training, what it writes, and what is needed to repeat the run.
enum LanguageModelPage {
    static func html(_ run: LanguageModelRecord) -> String {
        let file = run.data.paths.first.map(Markup.lastPart) ?? "text"
        let kind = run.options.cell.familyName
        let title = "\(kind) language model of \(run.options.unit.rawValue)s on \(file)"
        let curves = EpochCurves(
            epochs: run.epochs, best: run.bestEpoch,
            reason: "the lowest loss on validation text", answers: "Right guesses")
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead(run), curves.html, samples(run),
            particulars(run),
        ]
        return PageFrame.html(
            title: title,
            style:
                ".sample { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; max-width: none; }",
            body: sections.joined(separator: "\n"))
    }

    private static func lead(_ run: LanguageModelRecord) -> String {
        guard let test = run.test else { return "<p class=\"lead\">Not tested yet.</p>" }
        var sentence =
            "It read \(Decimals.grouped(run.data.training)) tokens. Of \(Decimals.grouped(test.tokens)) unseen ones it guesses "
            + "<b>\(Decimals.percent(test.accuracy))</b>, with a perplexity of <b>\(Decimals.fixed(test.perplexity, 2))</b>: "
            + "\(Decimals.fixed(test.bitsPerCharacter, 3)) bits for each character"
        if let baseline = run.baseline {
            sentence +=
                ". \(Markup.escaped(baseline.description)) need \(Decimals.fixed(baseline.bitsPerCharacter, 3))"
        }
        return "<p class=\"lead\">\(sentence).</p>"
    }

    private static func samples(_ run: LanguageModelRecord) -> String {
        guard !run.samples.isEmpty else { return "" }
        let texts = run.samples.map {
            "<section class=\"card\"><p class=\"sample\">\(Markup.escaped($0))</p></section>"
        }
        return """
            <h2>What it writes</h2>
            <p class="soft">Sampled at a temperature of 0.8, from the end of a line on.</p>
            \(texts.joined(separator: "\n"))
            """
    }

    private static func particulars(_ run: LanguageModelRecord) -> String {
        let rows: [(name: String, value: String)] = [
            ("text", run.data.paths.joined(separator: " ")),
            (
                "split",
                "\(Decimals.grouped(run.data.training)) tokens for training, \(Decimals.grouped(run.data.validation)) for validation, \(Decimals.grouped(run.data.test)) for the test, in the order of the text"
            ),
            ("SHA-256 of the text", run.data.sha256),
            ("vocabulary", Decimals.grouped(run.vocabulary)),
            ("parameters", Decimals.grouped(run.parameters)),
        ]
        return Markup.particulars(rows + run.particulars)
    }
}

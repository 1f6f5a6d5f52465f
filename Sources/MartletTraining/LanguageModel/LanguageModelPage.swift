import MartletTensor
import MartletText

/// `report.html` of a language model: one page, complete in itself.
///
/// What came out in a sentence, the curve of training, what it writes, and what is needed to repeat the run.
enum LanguageModelPage {
    static func html(_ run: LanguageModelRecord) -> String {
        let file = run.data.paths.first?.split(separator: "/").last.map(String.init) ?? "text"
        let title = "\(name(run)) on \(file)"
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>\(Markup.escaped(title)) – Martlet</title>
            <style>
            \(ReportStyle.css)
            .sample { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; max-width: none; }
            </style>
            </head>
            <body><main>
            \(["<h1>\(Markup.escaped(title))</h1>", lead(run), curve(run), samples(run), particulars(run)].joined(separator: "\n"))
            </main></body>
            </html>

            """
    }

    private static func name(_ run: LanguageModelRecord) -> String {
        let cell =
            switch run.options.cell {
            case .rnnTanh, .rnnRelu: "RNN"
            case .lstm: "LSTM"
            case .gru, .gruResetFirst: "GRU"
            }
        return "\(cell) language model of \(run.options.unit.rawValue)s"
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

    private static func curve(_ run: LanguageModelRecord) -> String {
        guard !run.epochs.isEmpty else { return "" }
        func chart(_ title: String, isShare: Bool, _ lines: [LineChart.Line]) -> String {
            let chart = LineChart(
                title: title, lines: lines, best: run.bestEpoch, isShare: isShare)
            return "<section class=\"card\"><h3>\(title)</h3>\(chart.svg)</section>"
        }
        let losses = chart(
            "Loss of a token, in nats", isShare: false,
            [
                .init(name: "training", style: "other", values: run.epochs.map(\.trainingLoss)),
                .init(
                    name: "validation", style: "model", values: run.epochs.map(\.validationLoss)),
            ])
        let guesses = chart(
            "Right guesses", isShare: true,
            [
                .init(
                    name: "validation", style: "model",
                    values: run.epochs.map(\.validationAccuracy))
            ])
        return """
            <h2>How it learned</h2>
            <div class="pair">
            \(losses)
            \(guesses)
            </div>
            <p class="soft">The dashed line marks epoch \(run.bestEpoch ?? 0), whose model was kept: the lowest loss on \
            validation text. The training loss is taken while learning, with dropout.</p>
            """
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
        let rows: [(String, String)] = [
            ("text", run.data.paths.joined(separator: " ")),
            (
                "split",
                "\(Decimals.grouped(run.data.training)) tokens for training, \(Decimals.grouped(run.data.validation)) for validation, \(Decimals.grouped(run.data.test)) for the test, in the order of the text"
            ),
            ("SHA-256 of the text", run.data.sha256),
            ("vocabulary", Decimals.grouped(run.vocabulary)),
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
        let body = rows.map {
            "<tr><th scope=\"row\">\($0.0)</th><td><code>\(Markup.escaped($0.1))</code></td></tr>"
        }
        return """
            <h2>To repeat it</h2>
            <section class="card"><table>\(body.joined())</table></section>
            """
    }
}

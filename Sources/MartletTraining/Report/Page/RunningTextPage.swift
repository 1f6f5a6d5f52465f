import MartletText

/// `report.html` of a model that learned from running text: one page, complete in itself.
///
/// What came out in a sentence, the curve of training, what it makes of text, and what is needed to repeat the run.
struct RunningTextPage {
    let title: String
    /// What came out, in HTML; nil: it is not tested yet.
    let outcome: String?
    let curves: EpochCurves
    /// What stands above the samples, and the samples.
    let samples: (title: String, words: String, texts: [String])
    let data: LanguageModelRecord.DataRecord
    let baseline: LanguageModelRecord.Baseline?
    let vocabulary, parameters: Int
    /// What else is needed to repeat the run.
    let particulars: [(name: String, value: String)]

    var html: String {
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead, curves.html, shownSamples, table,
        ]
        return PageFrame.html(
            title: title,
            style:
                ".sample { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; max-width: none; }",
            body: sections.joined(separator: "\n"))
    }

    private var lead: String {
        guard var sentence = outcome else { return "<p class=\"lead\">Not tested yet.</p>" }
        if let baseline {
            sentence +=
                ". \(Markup.escaped(baseline.description)) need \(Decimals.fixed(baseline.bitsPerCharacter, 3))"
        }
        return "<p class=\"lead\">\(sentence).</p>"
    }

    private var shownSamples: String {
        guard !samples.texts.isEmpty else { return "" }
        let texts = samples.texts.map {
            "<section class=\"card\"><p class=\"sample\">\(Markup.escaped($0))</p></section>"
        }
        return """
            <h2>\(samples.title)</h2>
            <p class="soft">\(samples.words)</p>
            \(texts.joined(separator: "\n"))
            """
    }

    private var table: String {
        let rows: [(name: String, value: String)] = [
            ("text", data.paths.joined(separator: " ")),
            (
                "split",
                "\(Decimals.grouped(data.training)) tokens for training, \(Decimals.grouped(data.validation)) for validation, \(Decimals.grouped(data.test)) for the test, in the order of the text"
            ),
            ("SHA-256 of the text", data.sha256),
            ("vocabulary", Decimals.grouped(vocabulary)),
            ("parameters", Decimals.grouped(parameters)),
        ]
        return Markup.particulars(rows + particulars)
    }
}

extension RunningTextPage {
    /// What stands above what a model has written.
    static let written = (
        title: "What it writes",
        words: "Sampled at a temperature of 0.8, from the end of a line on."
    )

    /// The curves of training whose best epoch is that of the lowest loss.
    static func curves(_ epochs: [EpochRecord], best: Int?) -> EpochCurves {
        EpochCurves(
            epochs: epochs, best: best, reason: "the lowest loss on validation text",
            answers: "Right guesses")
    }
}

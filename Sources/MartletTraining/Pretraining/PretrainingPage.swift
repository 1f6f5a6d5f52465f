import MartletText

/// `report.html` of a Transformer that learned from plain text: one page, complete in itself.
///
/// What came out in a sentence, the curve of training, what it makes of text, and what is needed to repeat the run.
enum PretrainingPage {
    static func html(_ run: PretrainingRecord) -> String {
        let file = run.data.paths.first.map(Markup.lastPart) ?? "text"
        let title = "\(name(run)) on \(file)"
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

    private static func name(_ run: PretrainingRecord) -> String {
        switch run.task {
        case .gpt:
            switch run.options.decoder {
            case .gpt2: "GPT-2"
            case .llama: "Llama"
            case .qwen2: "Qwen 2"
            }
        case .bert: "BERT"
        case .t5: "T5"
        }
    }

    private static func lead(_ run: PretrainingRecord) -> String {
        guard let test = run.test else { return "<p class=\"lead\">Not tested yet.</p>" }
        let what =
            switch run.task {
            case .gpt: "unseen tokens it guesses"
            case .bert: "masked tokens of unseen text it guesses"
            case .t5: "tokens left out of unseen text it guesses"
            }
        var sentence =
            "A model of \(Decimals.grouped(run.parameters)) numbers learned from \(Decimals.grouped(run.data.training)) tokens. Of \(Decimals.grouped(test.guesses)) \(what) "
            + "<b>\(Decimals.percent(test.accuracy))</b>, with a loss of <b>\(Decimals.fixed(test.loss, 3))</b> nats"
        if let bits = test.bitsPerCharacter {
            sentence += ": \(Decimals.fixed(bits, 3)) bits for each character"
        }
        if let baseline = run.baseline {
            sentence +=
                ". \(Markup.escaped(baseline.description)) need \(Decimals.fixed(baseline.bitsPerCharacter, 3))"
        }
        return "<p class=\"lead\">\(sentence).</p>"
    }

    private static func samples(_ run: PretrainingRecord) -> String {
        guard !run.samples.isEmpty else { return "" }
        let texts = run.samples.map {
            "<section class=\"card\"><p class=\"sample\">\(Markup.escaped($0))</p></section>"
        }
        let (title, words) =
            switch run.task {
            case .gpt:
                ("What it writes", "Sampled at a temperature of 0.8, from the end of a line on.")
            case .bert:
                (
                    "What it fills in",
                    "In brackets the words that were masked; where it was wrong, its guess first."
                )
            case .t5:
                ("What it fills in", "What it read, what it wrote, and what would be right.")
            }
        return """
            <h2>\(title)</h2>
            <p class="soft">\(words)</p>
            \(texts.joined(separator: "\n"))
            """
    }

    private static func particulars(_ run: PretrainingRecord) -> String {
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

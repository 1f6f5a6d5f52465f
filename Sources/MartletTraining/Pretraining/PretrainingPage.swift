import MartletText

/// `report.html` of a Transformer that learned from plain text: a ``RunningTextPage``.
enum PretrainingPage {
    static func html(_ run: PretrainingRecord) -> String {
        let file = run.data.paths.first.map(Markup.lastPart) ?? "text"
        let (title, words) = samples(of: run.task)
        return RunningTextPage(
            title: "\(name(run)) on \(file)", outcome: run.test.map { outcome(run, $0) },
            curves: RunningTextPage.curves(run.epochs, best: run.bestEpoch),
            samples: (title, words, run.samples), data: run.data, baseline: run.baseline,
            vocabulary: run.vocabulary, parameters: run.parameters, particulars: run.particulars
        ).html
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

    private static func outcome(
        _ run: PretrainingRecord, _ test: PretrainingRecord.Scores
    ) -> String {
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
        return sentence
    }

    private static func samples(of task: PretrainingTask) -> (title: String, words: String) {
        switch task {
        case .gpt: RunningTextPage.written
        case .bert:
            (
                "What it fills in",
                "In brackets the words that were masked; where it was wrong, its guess first."
            )
        case .t5: ("What it fills in", "What it read, what it wrote, and what would be right.")
        }
    }
}

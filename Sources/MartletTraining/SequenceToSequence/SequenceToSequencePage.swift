import MartletTensor
import MartletText

/// `report.html` of a model that reads one sequence and writes another: one page, complete in itself.
///
/// What came out in a sentence, the curve of training, where answers are right and wrong by length, the most frequent mistakes, answers with what was
/// looked at for each token, and what is needed to repeat the run.
enum SequenceToSequencePage {
    static func html(_ run: SequenceToSequenceRecord) -> String {
        let title = "\(name(run)) on \(Markup.lastPart(of: run.data.source.training))"
        let curves = EpochCurves(
            epochs: run.epochs, best: run.bestEpoch,
            reason: "the lowest loss on validation pairs",
            answers: "\(run.options.judgedBy.name) of answers")
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", lead(run), curves.html, lengths(run),
            mistakes(run), answers(run), particulars(run),
        ]
        return PageFrame.html(
            title: title, style: AttentionMap.css, body: sections.joined(separator: "\n"))
    }

    private static func name(_ run: SequenceToSequenceRecord) -> String {
        let attention =
            switch run.options.attentionChoice {
            case .bahdanau: " with Bahdanau's attention"
            case .luong: " with Luong's attention"
            case .none: " without attention"
            }
        return switch run.options.model {
        case .lstm: "LSTM\(attention)"
        case .gru: "GRU\(attention)"
        case .transformer: "Transformer"
        }
    }

    private static func lead(_ run: SequenceToSequenceRecord) -> String {
        guard let test = run.test else { return "<p class=\"lead\">Not tested yet.</p>" }
        let figures = test.scores.map {
            "\(Markup.escaped($0.name)) <b>\(Decimals.fixed($0.value, 2))</b>"
                + ($0.isHigherBetter ? "" : " (lower is better)")
        }
        return
            "<p class=\"lead\">It learned from \(Decimals.grouped(run.data.training)) pairs. Of \(Decimals.grouped(test.sources)) unseen sources: \(figures.joined(separator: ", ")); a loss of \(Decimals.fixed(test.loss, 3)) nats for each token.</p>"
    }

    /// The scores by the lengths of the sources.
    private static func lengths(_ run: SequenceToSequenceRecord) -> String {
        guard let test = run.test, !test.lengths.isEmpty else { return "" }
        let names = ["tokens of the source", "sources"] + test.scores.map(\.name)
        let head = names.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }.joined()
        let rows = test.lengths.map { group in
            let range =
                group.shortest == group.longest
                ? "\(group.shortest)" : "\(group.shortest) – \(group.longest)"
            let cells =
                [Decimals.grouped(group.sources)]
                + group.scores.map { Decimals.fixed($0.value, 2) }
            return "<tr><th scope=\"row\">\(range)</th>"
                + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        return """
            <h2>By length</h2>
            <section class="card"><div class="scroll"><table><tr>\(head)</tr>\(rows.joined())</table></div></section>
            """
    }

    /// What was written in place of what, most often.
    private static func mistakes(_ run: SequenceToSequenceRecord) -> String {
        guard let mistakes = run.test?.mistakes, !mistakes.isEmpty else { return "" }
        func cell(_ token: String?, _ nothing: String) -> String {
            token.map { "<td>\(Markup.escaped($0))</td>" } ?? "<td class=\"soft\">\(nothing)</td>"
        }
        let rows = mistakes.map {
            "<tr>\(cell($0.mistake.expected, "nothing"))\(cell($0.mistake.written, "left out"))<td>\(Decimals.grouped($0.count))</td></tr>"
        }
        return """
            <h2>Mistakes</h2>
            <p class="soft">Of single tokens, the most frequent ones, in answers that are not right; beside the closest of what would be right.</p>
            <section class="card"><div class="scroll"><table><tr><th scope="col">expected</th><th scope="col">written</th><th scope="col">times</th></tr>\(rows.joined())</table></div></section>
            """
    }

    private static func answers(_ run: SequenceToSequenceRecord) -> String {
        guard !run.samples.isEmpty else { return "" }
        let looks =
            run.samples.contains { $0.attention != nil }
            ? " Below each, a row for each token that was written, tinted by how much each token of the source counted for it."
            : ""
        let how =
            run.options.beam.map { "by beam search of \($0)" } ?? "the likeliest token each time"
        return """
            <h2>Answers</h2>
            <p class="soft">Of unseen sources, \(how).\(looks)</p>
            \(run.samples.map(article).joined(separator: "\n"))
            """
    }

    private static func article(_ sample: SequenceToSequenceRecord.Sample) -> String {
        let truth = sample.references.map(Markup.escaped).joined(separator: " or ")
        let verdict =
            sample.isRight
            ? "<span class=\"verdict right\">right</span>"
            : "<span class=\"verdict wrong\">expected: \(truth)</span>"
        let map = AttentionMap(
            columns: sample.sourceTokens, rows: sample.answerTokens,
            weights: sample.attention ?? [])
        return "<article><p class=\"soft\">\(Markup.escaped(sample.source))</p>"
            + "<p class=\"answer\"><b>\(Markup.escaped(sample.answer))</b> \(verdict)</p>"
            + "\(map.html)</article>"
    }

    private static func particulars(_ run: SequenceToSequenceRecord) -> String {
        let data = run.data
        let how =
            data.source.test == nil
            ? "at random by source, as the seed has it" : "in files of their own"
        let rows: [(name: String, value: String)] = [
            ("pairs", data.source.paths.joined(separator: " ")),
            (
                "split",
                "\(Decimals.grouped(data.training)) training, \(Decimals.grouped(data.validation)) validation, \(Decimals.grouped(data.test)) test, \(how)"
            ),
            (
                "left out",
                "\(Decimals.grouped(data.duplicates)) that came before, \(Decimals.grouped(data.skipped)) with more than \(run.options.longest) tokens"
            ),
            ("SHA-256 of the pairs", data.sha256),
            (
                "vocabularies",
                "\(Decimals.grouped(run.sourceVocabulary)) read, \(Decimals.grouped(run.vocabulary)) written"
            ),
            ("parameters", Decimals.grouped(run.parameters)),
            (
                "metrics",
                run.test?.scores.map { "\($0.name) \($0.signature)" }.joined(separator: "; ") ?? ""
            ),
        ]
        return Markup.particulars(rows + run.particulars)
    }
}

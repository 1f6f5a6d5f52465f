import MartletTensor
import MartletText

/// `report.html` of a language model: a ``RunningTextPage``.
enum LanguageModelPage {
    static func html(_ run: LanguageModelRecord) -> String {
        let file = run.data.paths.first.map(Markup.lastPart) ?? "text"
        let kind = run.options.cell.familyName
        let outcome = run.test.map { test in
            "It read \(Decimals.grouped(run.data.training)) tokens. Of \(Decimals.grouped(test.tokens)) unseen ones it guesses "
                + "<b>\(Decimals.percent(test.accuracy))</b>, with a perplexity of <b>\(Decimals.fixed(test.perplexity, 2))</b>: "
                + "\(Decimals.fixed(test.bitsPerCharacter, 3)) bits for each character"
        }
        return RunningTextPage(
            title: "\(kind) language model of \(run.options.unit.rawValue)s on \(file)",
            outcome: outcome, curves: RunningTextPage.curves(run.epochs, best: run.bestEpoch),
            samples: (
                RunningTextPage.written.title, RunningTextPage.written.words, run.samples
            ),
            data: run.data, baseline: run.baseline, vocabulary: run.vocabulary,
            parameters: run.parameters, particulars: run.particulars
        ).html
    }
}

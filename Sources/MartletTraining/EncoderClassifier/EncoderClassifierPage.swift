import MartletData
import MartletTensor

/// `report.html` of a fine-tuned encoder: what came out, beside simple methods; how it learned; where it errs.
enum EncoderClassifierPage {
    /// The page.
    static func html(_ run: EncoderClassifierRecord) -> String {
        let title =
            "\(Markup.lastPart(of: run.options.encoder)), fine-tuned on \(Markup.lastPart(of: run.data.path))"
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>", ReportPage.lead(run.data, run.test, run.baselines),
            ReportPage.comparison(
                run.test,
                detail:
                    "a pretrained encoder, \(Decimals.short(Double(run.parameters))) parameters",
                beside: run.baselines),
            EpochCurves(
                epochs: run.epochs, best: run.bestEpoch,
                reason: "the best accuracy on validation texts"
            ).html,
            ReportPage.mistakes(run.test), particulars(run),
        ]
        return PageFrame.html(title: title, body: sections.joined(separator: "\n"))
    }

    private static func particulars(_ run: EncoderClassifierRecord) -> String {
        let rows: [(name: String, value: String)] = [
            ("encoder", run.options.encoder),
            (
                "tokens",
                "at most \(run.longest) of a text are read; \(Decimals.grouped(run.cut)) texts have more"
            ),
        ]
        return Markup.particulars(ReportPage.particulars(of: run.data) + rows + run.particulars)
    }
}

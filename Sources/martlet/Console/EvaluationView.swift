import MartletData
import MartletTraining

/// An evaluation as a table.
enum EvaluationView {
    static func text(_ evaluation: SentimentEvaluation) -> String {
        let metrics = evaluation.model
        let interval = metrics.accuracyInterval
        var lines = [
            "\(evaluation.data): \(Figures.grouped(metrics.examples)) texts (\(evaluation.part.rawValue))",
            "",
            "accuracy   model     \(Figures.percent(metrics.accuracy))  (95 %: \(Figures.percent(interval.lowerBound)) – \(Figures.percent(interval.upperBound)))  macro F1 \(Figures.share(metrics.macroF1))",
        ]
        for baseline in evaluation.baselines {
            lines.append(
                "           \(DisplayWidth.fit(baseline.name, 9)) \(Figures.percent(baseline.metrics.accuracy))  (\(baseline.description))"
            )
        }
        if let note = evaluation.note { lines.append("           " + note) }
        lines.append("")
        lines += perLabel(metrics)
        lines.append("")
        lines += confusion(metrics)
        return lines.joined(separator: "\n")
    }

    private static func perLabel(_ metrics: ClassificationMetrics) -> [String] {
        let width = labelWidth(metrics)
        return [DisplayWidth.fit("label", width) + "  precision  recall  F1     texts"]
            + metrics.labels.indices.map { label in
                DisplayWidth.fit(metrics.labels[label], width) + "  "
                    + Figures.share(metrics.precision(label)) + "      "
                    + Figures.share(metrics.recall(label)) + "   "
                    + Figures.share(metrics.f1(label)) + "  "
                    + Figures.grouped(metrics.support(label))
            }
    }

    private static func confusion(_ metrics: ClassificationMetrics) -> [String] {
        let width = labelWidth(metrics)
        let header =
            DisplayWidth.fit("truth ↓ answer →", max(width, 16)) + "  "
            + metrics.labels.map { DisplayWidth.fit($0, width) }.joined(separator: "  ")
        return [header]
            + metrics.labels.indices.map { row in
                DisplayWidth.fit(metrics.labels[row], max(width, 16)) + "  "
                    + metrics.confusion[row].map {
                        DisplayWidth.fit(Figures.grouped($0), width)
                    }.joined(separator: "  ")
            }
    }

    private static func labelWidth(_ metrics: ClassificationMetrics) -> Int {
        min(24, max(6, metrics.labels.map { DisplayWidth.of($0) }.max() ?? 6))
    }
}

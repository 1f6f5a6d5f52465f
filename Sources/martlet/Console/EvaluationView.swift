import MartletData
import MartletTraining

/// An evaluation as a table.
enum EvaluationView {
    static func text(_ evaluation: SentimentEvaluation) -> String {
        let metrics = evaluation.model
        let interval = metrics.accuracyInterval
        var lines = [
            "\(evaluation.data): \(Decimals.grouped(metrics.examples)) texts (\(evaluation.part.rawValue))",
            "",
            "accuracy   model     \(Decimals.percent(metrics.accuracy))  (95 %: \(Decimals.percent(interval.lowerBound)) – \(Decimals.percent(interval.upperBound)))  macro F1 \(Decimals.probability(metrics.macroF1))",
        ]
        for baseline in evaluation.baselines {
            lines.append(
                "           \(DisplayWidth.fit(baseline.name, 9)) \(Decimals.percent(baseline.metrics.accuracy))  (\(baseline.description))"
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
                    + Decimals.probability(metrics.precision(label)) + "      "
                    + Decimals.probability(metrics.recall(label)) + "   "
                    + Decimals.probability(metrics.f1(label)) + "  "
                    + Decimals.grouped(metrics.support(label))
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
                        DisplayWidth.fit(Decimals.grouped($0), width)
                    }.joined(separator: "  ")
            }
    }

    private static func labelWidth(_ metrics: ClassificationMetrics) -> Int {
        min(24, max(6, metrics.labels.map { DisplayWidth.of($0) }.max() ?? 6))
    }
}

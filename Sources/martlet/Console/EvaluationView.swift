import MartletData
import MartletTraining

/// An evaluation as a table.
struct EvaluationView {
    private let title: String
    private let what: String
    private let metrics: ClassificationMetrics
    private let baselines: [BaselineScores]
    private let note: String?
    private var members: [SentimentEvaluation.Member] = []

    /// Of a text classifier.
    init(_ evaluation: SentimentEvaluation) {
        title =
            "\(evaluation.data): \(Decimals.grouped(evaluation.model.examples)) texts (\(evaluation.part.rawValue))"
        what = "texts"
        (metrics, baselines) = (evaluation.model, evaluation.baselines)
        note = evaluation.note
        members = evaluation.members ?? []
    }

    /// Of a series classifier.
    init(_ evaluation: SeriesEvaluation) {
        title =
            "\(evaluation.data): \(Decimals.grouped(evaluation.model.examples)) cases (\(evaluation.part.rawValue))"
        what = "cases"
        (metrics, baselines) = (evaluation.model, evaluation.baselines)
        note = evaluation.note
    }

    /// Of an image classifier.
    init(_ evaluation: ImageEvaluation) {
        title =
            "\(evaluation.data): \(Decimals.grouped(evaluation.model.examples)) images (\(evaluation.part.rawValue))"
        what = "images"
        (metrics, baselines) = (evaluation.model, evaluation.baselines)
        note = evaluation.note
    }

    var text: String {
        let interval = metrics.accuracyInterval
        let width = max(9, baselines.map { DisplayWidth.of($0.name) }.max() ?? 0)
        var lines = [
            title, "",
            "accuracy   \(DisplayWidth.fit(members.isEmpty ? "model" : "together", width)) \(Decimals.percent(metrics.accuracy))  (95 %: \(Decimals.percent(interval.lowerBound)) – \(Decimals.percent(interval.upperBound)))  macro F1 \(Decimals.probability(metrics.macroF1))",
        ]
        for member in members {
            lines.append(
                "           \(DisplayWidth.fit("alone", width)) \(Decimals.percent(member.accuracy))  (\(member.folder))"
            )
        }
        for baseline in baselines {
            lines.append(
                "           \(DisplayWidth.fit(baseline.name, width)) \(Decimals.percent(baseline.metrics.accuracy))  (\(baseline.description))"
            )
        }
        if let note { lines.append("           " + note) }
        lines.append("")
        lines += perLabel()
        lines.append("")
        lines += confusion()
        return lines.joined(separator: "\n")
    }

    private func perLabel() -> [String] {
        let width = labelWidth
        return [DisplayWidth.fit("label", width) + "  precision  recall  F1     \(what)"]
            + metrics.labels.indices.map { label in
                DisplayWidth.fit(metrics.labels[label], width) + "  "
                    + Decimals.probability(metrics.precision(label)) + "      "
                    + Decimals.probability(metrics.recall(label)) + "   "
                    + Decimals.probability(metrics.f1(label)) + "  "
                    + Decimals.grouped(metrics.support(label))
            }
    }

    private func confusion() -> [String] {
        let width = labelWidth
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

    private var labelWidth: Int {
        min(24, max(6, metrics.labels.map { DisplayWidth.of($0) }.max() ?? 6))
    }
}

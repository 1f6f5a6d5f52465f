import MartletText
import MartletTraining

/// Scores as a table, and below it how they were computed.
struct ScoreView {
    private let reports: [ScoreReport]

    /// Of some metrics of the same texts.
    init(_ reports: [ScoreReport]) { self.reports = reports }

    /// The table and the signatures.
    var text: String {
        let table = reports.contains { $0.comparison != nil } ? comparison : scores
        let signatures = TextTable.lines(
            reports.map { [$0.metric, $0.signature] }, left: [0, 1])
        return (table + [""] + signatures).joined(separator: "\n")
    }

    /// A score as it describes itself: the number, and what it is made of.
    private static func parts(_ score: any TextScore) -> (number: String, rest: String) {
        let parts = score.description.split(separator: " ", maxSplits: 1)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }

    /// A score's number with two decimals.
    static func number(_ score: any TextScore) -> String { parts(score).number }

    private var scores: [String] {
        let hasIntervals = reports.contains { $0.interval != nil }
        let head = ["metric", "score"] + (hasIntervals ? ["95 %"] : []) + [""]
        let rows = reports.map { report in
            let (number, rest) = Self.parts(report.details)
            return [report.metric, number]
                + (hasIntervals ? [report.interval.map(Self.range) ?? ""] : []) + [rest]
        }
        return TextTable.lines([head] + rows, left: [0, head.count - 1])
    }

    private var comparison: [String] {
        let head = ["metric", "baseline", "this", "difference", "95 %", "p", ""]
        let rows = reports.compactMap { report in
            report.comparison.map { comparison in
                [
                    report.metric,
                    Self.spread(comparison.baseline, comparison.baselineInterval),
                    Self.spread(comparison.system, comparison.systemInterval),
                    Self.signed(comparison.difference),
                    Self.signed(comparison.differenceInterval.lower) + " … "
                        + Self.signed(comparison.differenceInterval.upper),
                    Decimals.fixed(comparison.pValue, 3),
                    Self.verdict(comparison, report.isHigherBetter),
                ]
            }
        }
        return TextTable.lines([head] + rows, left: [0, head.count - 1])
    }

    /// What the difference means; chance, where it comes about so in one of twenty cases or more.
    private static func verdict(_ comparison: PairedComparison, _ isHigherBetter: Bool) -> String {
        if comparison.pValue >= 0.05 { return "could be chance" }
        return (comparison.difference > 0) == isHigherBetter ? "better" : "worse"
    }

    private static func spread(_ score: Double, _ interval: ConfidenceInterval) -> String {
        "\(Decimals.fixed(score, 2)) ± \(Decimals.fixed(interval.halfWidth, 2))"
    }

    private static func range(_ interval: ConfidenceInterval) -> String {
        "\(Decimals.fixed(interval.lower, 2)) … \(Decimals.fixed(interval.upper, 2))"
    }

    private static func signed(_ value: Double) -> String {
        (value < 0 ? "" : "+") + Decimals.fixed(value, 2)
    }
}

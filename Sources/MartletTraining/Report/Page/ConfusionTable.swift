import MartletData

/// How often each label was answered with each other one, as a table tinted by the share of the row.
struct ConfusionTable {
    var metrics: ClassificationMetrics

    var html: String {
        let labels = metrics.labels.map(Markup.escaped)
        let head =
            "<tr><th scope=\"col\">truth ↓ answer →</th>"
            + labels.map { "<th scope=\"col\">\($0)</th>" }.joined() + "</tr>"
        let rows = metrics.labels.indices.map { row in
            let total = metrics.support(row)
            let cells = metrics.confusion[row].enumerated().map { column, count in
                let share = total == 0 ? 0 : Double(count) / Double(total)
                let kind = row == column ? "right" : "wrong"
                let tint = Decimals.fixed(share * 0.75, 3)
                return "<td class=\"cell \(kind)\" style=\"--share:\(tint)\">"
                    + "<b>\(Decimals.grouped(count))</b><br/>\(Decimals.percent(share))</td>"
            }
            return "<tr><th scope=\"row\">\(labels[row])</th>\(cells.joined())</tr>"
        }
        return
            "<div class=\"scroll\"><table class=\"confusion\">\(head)\(rows.joined())</table></div>"
    }

    /// Precision, recall and F1 of each label.
    var figures: String {
        let head = ["label", "precision", "recall", "F1", "texts"].map {
            "<th scope=\"col\">\($0)</th>"
        }
        let rows = metrics.labels.indices.map { label in
            let cells = [
                Decimals.percent(metrics.precision(label)), Decimals.percent(metrics.recall(label)),
                Decimals.percent(metrics.f1(label)), Decimals.grouped(metrics.support(label)),
            ]
            return "<tr><th scope=\"row\">\(Markup.escaped(metrics.labels[label]))</th>"
                + cells.map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        return
            "<div class=\"scroll\"><table><tr>\(head.joined())</tr>\(rows.joined())</table></div>"
    }
}

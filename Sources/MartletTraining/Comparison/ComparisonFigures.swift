/// The figures of a comparison as people read them: for the page's table and the terminal's.
package enum ComparisonFigures {
    /// `84.9 % ± 1.2`, or `2.134 ± 0.012` bits.
    package static func score(_ row: ComparisonRow) -> String {
        let spread = { (text: String) in row.deviation == nil ? "" : " ± " + text }
        return row.task.isShare
            ? Decimals.percent(row.score) + spread(Decimals.fixed((row.deviation ?? 0) * 100, 1))
            : Decimals.fixed(row.score, 3) + spread(Decimals.fixed(row.deviation ?? 0, 3))
    }

    /// `2 of 3`, with how many diverged; empty for tasks that are not solved at some point.
    package static func solved(_ row: ComparisonRow) -> String {
        guard row.task.memory != nil else { return "" }
        return "\(row.solved) of \(row.seeds)"
            + (row.diverged == 0 ? "" : ", \(row.diverged) diverged")
    }

    /// `350`, or `never`.
    package static func steps(_ row: ComparisonRow) -> String {
        guard row.task.memory != nil else { return "" }
        return row.stepsToSolve.map { Decimals.grouped(Int($0.rounded())) } ?? "never"
    }

    /// `1.2 MB`: millions of bytes.
    package static func memory(_ row: ComparisonRow) -> String {
        Decimals.fixed(Double(row.peakBytes) / 1e6, 1) + "\u{A0}MB"
    }

    /// Steps per second.
    package static func speed(_ row: ComparisonRow) -> String {
        Decimals.fixed(row.stepsPerSecond, row.stepsPerSecond < 100 ? 1 : 0)
    }

    /// Whether even its worst seed beats the best one of every other contender at the same task and length.
    static func isBest(_ row: ComparisonRow, among rows: [ComparisonRow]) -> Bool {
        let others = rows.filter {
            $0.task == row.task && $0.length == row.length && $0.contender != row.contender
        }
        return !others.isEmpty
            && others.allSatisfy {
                row.task.isShare ? row.lowest > $0.highest : row.highest < $0.lowest
            }
    }
}

extension ComparisonPage {
    /// Every figure.
    static func table(_ record: ComparisonRecord) -> String {
        guard !record.rows.isEmpty else { return "" }
        var before: ComparisonRow?
        let body = record.rows.map { row -> String in
            let isNew = before?.task != row.task || before?.length != row.length
            let isNewTask = before?.task != row.task
            before = row
            let numbers = [
                ComparisonFigures.solved(row), ComparisonFigures.steps(row),
                Decimals.grouped(row.parameters), ComparisonFigures.speed(row),
                ComparisonFigures.memory(row),
            ].map { "<td class=\"number\">\($0)</td>" }
            let best = ComparisonFigures.isBest(row, among: record.rows) ? " best-score" : ""
            return """
                <tr\(isNew ? " class=\"begin\"" : "")><td>\(isNewTask ? row.task.rawValue : "")</td>\
                <td class="number">\(isNew ? row.length.map(String.init) ?? "" : "")</td>\
                <td class="who"><span class="swatch \(style(row.contender))"></span>\(row.contender.rawValue)</td>\
                <td class="number\(best)">\(ComparisonFigures.score(row))</td>\(numbers.joined())</tr>
                """
        }
        return """
            <h2>Every figure</h2>
            <section class="card scroll"><table class="figures">
            <tr><th>task</th><th class="number">length</th><th>cell</th><th class="number">score</th>\
            <th class="number">solved</th><th class="number">steps to solve</th><th class="number">parameters</th>\
            <th class="number">steps/s</th><th class="number">memory</th></tr>
            \(body.joined(separator: "\n"))
            </table></section>
            <p class="soft">Score: the mean over the seeds ± their standard deviation; shares of unseen sequences or texts that \
            are right, for the language model bits per character of unseen text (less is better). Steps per second are of training \
            alone, on this machine as busy as it was. Memory is the most that tensors held at once: in a step of training, on texts \
            in the whole run. Bold: its worst seed is better than every other cell's best.</p>
            """
    }
}

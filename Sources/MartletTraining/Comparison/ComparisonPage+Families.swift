/// What is said of families of networks, and what each costs.
extension ComparisonPage {
    /// The field's well-known table, with what was measured.
    static func summary(_ record: ComparisonRecord) -> String {
        let summary = ComparisonSummary(record)
        guard summary.hasFigures else { return "" }
        func cell(_ said: String, _ measured: [String]) -> String {
            let list = measured.map { "<li>\(Markup.escaped($0))</li>" }.joined()
            return "<td>\(said)\(list.isEmpty ? "" : "<ul>\(list)</ul>")</td>"
        }
        let body = summary.rows.map { row in
            "<tr class=\"begin\"><td><b>\(row.family.rawValue)</b></td><td>\(row.family.use)</td>"
                + cell(row.family.strength, row.best) + cell(row.family.weakness, row.worst)
                + "</tr>"
        }
        return """
            <h2>What fits what</h2>
            <section class="card scroll"><table class="figures families">
            <tr><th>network</th><th>fits</th><th>strengths</th><th>weaknesses</th></tr>
            \(body.joined(separator: "\n"))
            </table></section>
            <p class="soft">Sentences are what the field says. The points under them are figures of this comparison: under \
            strengths where the family is the best of those that took part, under weaknesses where it is the worst, if they are \
            further apart than chance has them; of several contenders of a family the better one counts.</p>
            """
    }

    /// What training and single steps cost by length.
    static func costs(_ record: ComparisonRecord) -> String {
        guard !record.costs.isEmpty else { return "" }
        var before: Int?
        let body = record.costs.map { cost -> String in
            let isNew = before != cost.length
            before = cost.length
            let numbers = [
                ComparisonFigures.rate(cost), ComparisonFigures.trainingMemory(cost),
                ComparisonFigures.single(cost), ComparisonFigures.state(cost),
            ].map { "<td class=\"number\">\($0)</td>" }
            return """
                <tr\(isNew ? " class=\"begin\"" : "")><td class="number">\(isNew ? Decimals.grouped(cost.length) : "")</td>\
                <td class="who"><span class="swatch \(style(cost.contender))"></span>\(cost.contender.rawValue)</td>\
                \(numbers.joined())</tr>
                """
        }
        return """
            <h2>\(heading(.speed))</h2>
            <p>\(explanation(.speed))</p>
            <section class="card scroll"><table class="figures">
            <tr><th class="number">length</th><th>cell</th><th class="number">training steps/s</th>\
            <th class="number">training memory</th><th class="number">one more step</th><th class="number">state</th></tr>
            \(body.joined(separator: "\n"))
            </table></section>
            <p class="soft">Training steps/s counts the steps of all sequences, forward, backward and update; medians, on this \
            machine as busy as it was.</p>
            """
    }
}

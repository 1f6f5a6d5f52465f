import MartletTraining

/// The figures of a comparison as a table on standard output.
enum ComparisonView {
    private static let titles = [
        "task", "length", "cell", "score", "solved", "steps", "parameters", "steps/s", "memory",
    ]
    /// The columns that stand at the right of their width.
    private static let isNumber = [false, true, false, true, true, true, true, true, true]

    static func show(_ record: ComparisonRecord) throws {
        for line in table(record) { try Output.line(line) }
        for note in record.notes { try Output.line("left out  \(note)") }
        for line in costs(record) + summary(record) { try Output.line(line) }
    }

    /// The lines of what networks cost by length, after an empty one.
    static func costs(_ record: ComparisonRecord) -> [String] {
        guard !record.costs.isEmpty else { return [] }
        let titles = [
            "length", "cell", "training steps/s", "training memory", "one more step", "state",
        ]
        let rows = record.costs.map { cost in
            [
                Decimals.grouped(cost.length), cost.contender.rawValue,
                ComparisonFigures.rate(cost), ComparisonFigures.trainingMemory(cost),
                ComparisonFigures.single(cost), ComparisonFigures.state(cost),
            ]
        }
        return [""] + TextTable.lines([titles] + rows, left: [1])
    }

    /// The lines of what is said of the families, with what was measured, after an empty one.
    static func summary(_ record: ComparisonRecord) -> [String] {
        let summary = ComparisonSummary(record)
        guard summary.hasFigures else { return [] }
        return summary.rows.flatMap { row -> [String] in
            ["", row.family.rawValue, "  fits        \(row.family.use)"]
                + ["  strengths   \(row.family.strength)"] + row.best.map { "    best      \($0)" }
                + ["  weaknesses  \(row.family.weakness)"]
                + row.worst.map { "    worst     \($0)" }
        }
    }

    /// The lines of the table, as wide as they need to be.
    static func table(_ record: ComparisonRecord) -> [String] {
        let rows = record.rows.map { row in
            [
                row.task.rawValue, row.length.map(String.init) ?? "", row.contender.rawValue,
                ComparisonFigures.score(row), ComparisonFigures.solved(row),
                ComparisonFigures.steps(row), Decimals.grouped(row.parameters),
                ComparisonFigures.speed(row), ComparisonFigures.memory(row),
            ]
        }
        guard !rows.isEmpty else { return [] }
        let widths = titles.indices.map { column in
            ([titles] + rows).map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        return ([titles] + rows).map { row in
            let cells = row.indices.map { column in
                let space = String(
                    repeating: " ", count: widths[column] - DisplayWidth.of(row[column]))
                return isNumber[column] ? space + row[column] : row[column] + space
            }
            let line = cells.joined(separator: "  ")
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
    }
}

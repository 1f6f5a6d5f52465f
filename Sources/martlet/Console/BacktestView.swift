import MartletTraining

/// A back-test as a table, with a sentence about what came out.
enum BacktestView {
    static func text(_ result: BacktestResult) -> String {
        let options = result.options
        let season =
            result.season > 1
            ? "season \(result.season)\(result.seasonWasFound ? " (found)" : "")" : "no season"
        var lines = [
            "\(result.data): \(result.target), \(result.step), \(Decimals.grouped(result.series)) series; \(Decimals.grouped(result.forecasts)) forecasts of \(options.horizon) steps, every \(options.distance); \(season)",
            "",
        ]
        let rows =
            [["method"] + BacktestColumns.names(result)]
            + result.methods.map { [$0.name] + BacktestColumns.values($0.total) }
        let widths = rows[0].indices.map { column in
            rows.map { DisplayWidth.of($0[column]) }.max() ?? 0
        }
        for row in rows {
            let cells = row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - DisplayWidth.of(text))
                return column == 0 ? text + space : space + text
            }
            lines.append(cells.joined(separator: "  "))
        }
        return (lines + ["", result.verdict]).joined(separator: "\n")
    }
}

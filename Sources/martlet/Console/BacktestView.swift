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
        lines += TextTable.lines(rows)
        return (lines + ["", result.verdict]).joined(separator: "\n")
    }
}

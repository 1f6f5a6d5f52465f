import ArgumentParser
import MartletData
import MartletTraining

/// `martlet detect-anomalies`: values that a forecaster did not expect.
struct DetectAnomaliesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "detect-anomalies",
        abstract: "Find values that a trained forecaster did not expect.",
        discussion: """
            Each value is compared with what was forecast of it one step before: its score is its distance from the median, \
            the edge of the 80 % band being 1. The threshold comes from --clean, data without anomalies that the model has \
            not learned from: of such values the share --rate is above it. What is above it is printed, a row for each, and \
            its forecast is read in its place, so that it does not make later values look strange.
            """)

    @Option(help: "The run folder of the forecaster.")
    var model: String
    @Option(help: "A .csv or .tsv file to look into.")
    var data: String
    @Option(help: "A file without anomalies, to choose the threshold on.")
    var clean: String?
    @Option(help: "The share of clean values that may be reported.")
    var rate = 0.001
    @Option(help: "A threshold to take instead of one from --clean.")
    var threshold: Double?
    @Option(help: "Steps at the begin of each series that are only read, to warm up.")
    var skip = 24
    @Flag(help: "Print every value, not only the anomalous ones.")
    var all = false
    @Flag(help: "Print each as one JSON object.")
    var json = false

    func validate() throws {
        if (clean == nil) == (threshold == nil) {
            throw ValidationError("give either --clean or --threshold")
        }
        if !(rate > 0 && rate < 1) {
            throw ValidationError("--rate is \(rate): expected a share between 0 and 1")
        }
        if let threshold, !(threshold > 0) {
            throw ValidationError("--threshold is \(threshold): expected a number above 0")
        }
        if skip < 1 { throw ValidationError("--skip is \(skip): expected at least 1") }
    }

    func run() throws {
        try Failure.exiting {
            let forecaster = try TrainedForecaster(contentsOf: model)
            func read(_ path: String) throws -> SeriesTable {
                try SeriesTable.read(path, columns: forecaster.columns, rules: forecaster.rules)
            }
            let table = try read(data)
            let detection =
                if let clean {
                    try AnomalyDetection(
                        forecaster, clean: try read(clean), skipping: skip, rate: rate)
                } else {
                    AnomalyDetection(forecaster, threshold: threshold ?? .infinity)
                }
            var (values, found) = (0, 0)
            if !json { try Output.line("series,time,value,expected,low,high,score,anomalous") }
            for series in table.series {
                for value in try detection.judged(series, skipping: skip) {
                    values += 1
                    if value.isAnomalous { found += 1 }
                    if value.isAnomalous || all { try tell(value, of: series.name) }
                }
            }
            Terminal.writeError(
                "\(Decimals.grouped(found)) of \(Decimals.grouped(values)) values are anomalous: their score is above \(Decimals.magnitude(detection.threshold))\n"
            )
        }
    }

    private func tell(_ value: JudgedValue, of series: String) throws {
        if json {
            try JSONOutput.print(
                Line(
                    series: series, time: value.time.description, value: value.value,
                    expected: value.expected, low: value.low, high: value.high,
                    // JSON has no infinity.
                    score: value.score.isFinite ? value.score : nil,
                    anomalous: value.isAnomalous))
        } else {
            try Output.line(
                "\(series.csvField),\(value.time),\(value.value),\(value.expected),\(value.low),\(value.high),\(value.score),\(value.isAnomalous)"
            )
        }
    }

    /// What `--json` prints.
    private struct Line: Encodable {
        var series: String
        var time: String
        var value: Double
        var expected: Double
        var low: Double
        var high: Double
        var score: Double?
        var anomalous: Bool
    }
}

import ArgumentParser
import MartletData
import MartletModels
import MartletStore
import MartletTraining

/// `martlet forecast`: what comes next, from a trained forecaster.
struct ForecastCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Forecast series with a trained forecaster.",
        discussion: """
            The file has the columns that the model was trained with. Each series is read to its last value; rows beyond, \
            with an empty target, are the future, and give the known covariates there. With --from, nothing of that time or \
            later is read but known covariates. Forecasts are printed as CSV: a row for each step, with the median and the \
            quantiles. With --stream, rows then come in on standard input, below a line of names; after each, the forecast \
            from there is printed as a JSON object. The network goes on from where it is: nothing is read twice.
            """)

    @Option(help: "The run folder of the forecaster.")
    var model: String
    @Option(help: "A .csv or .tsv file with the series up to now.")
    var data: String
    @Option(
        help: "Steps to forecast (default: those that the model was trained for, recursive: 1).")
    var horizon: Int?
    @Option(help: "Forecast from this time on, as if nothing after it was known.")
    var from: String?
    @Option(help: "Levels of the quantiles, with commas (default: those of the model).")
    var quantiles: String?
    @Option(help: "Series that a recursive model draws for its quantiles.")
    var paths = 200
    @Option(help: "Where a recursive model's random numbers come from.")
    var seed: UInt64 = 0
    @Flag(help: "Print one JSON object instead.")
    var json = false
    @Option(help: "Write a picture of the forecast of the first series (SVG).")
    var plot: String?
    @Flag(help: "Go on with rows from standard input.")
    var stream = false

    func validate() throws {
        if let horizon, horizon < 1 {
            throw ValidationError("--horizon is \(horizon): expected at least 1")
        }
        if paths < 2 { throw ValidationError("--paths is \(paths): expected at least 2") }
        if quantiles != nil, levels == nil {
            throw ValidationError(
                "--quantiles is \(quantiles ?? ""): expected levels between 0 and 1 with commas between"
            )
        }
        if let from, CalendarTime.parse(from) == nil {
            throw ValidationError(
                "--from is \(from): expected a time such as 2012-01-31 or 2012-01-31 17:30")
        }
    }

    private var levels: [Double]? {
        let numbers = quantiles?.split(separator: ",", omittingEmptySubsequences: false).map {
            Double($0) ?? .nan
        }
        return numbers?.allSatisfy { $0 > 0 && $0 < 1 } == true ? numbers : nil
    }

    func run() throws {
        try Failure.exiting {
            let forecaster = try TrainedForecaster(contentsOf: model)
            let outlook = Outlook(
                forecaster: forecaster, horizon: horizon,
                levels: levels ?? forecaster.model.configuration.levels,
                from: from.flatMap(CalendarTime.parse)?.time, paths: paths, seed: seed)
            let table = try SeriesTable.read(
                data, columns: forecaster.columns, rules: forecaster.rules)
            var sessions: [String: ForecastSession] = [:]
            var forecasts: [Outlook.Forecast] = []
            for series in table.series {
                let (session, forecast) = try outlook.forecast(series, of: table.source)
                sessions[series.name] = session
                forecasts.append(forecast)
            }
            if let plot, let first = forecasts.first, let series = table.series.first {
                try FileContents.text(outlook.picture(first, of: series)).save(to: plot)
            }
            if stream {
                try follow(&sessions, outlook, table)
            } else if json {
                try JSONOutput.print(["forecasts": forecasts])
            } else {
                for line in outlook.csv(forecasts) { try Output.line(line) }
            }
        }
    }

    /// Reads rows as they come, and forecasts after each.
    private func follow(
        _ sessions: inout [String: ForecastSession], _ outlook: Outlook, _ table: SeriesTable
    ) throws {
        var lines = try LineReader(path: nil)
        guard let header = try lines.next() else { return }
        let source = "standard input"
        var rows = try SeriesRows(
            header: header, columns: outlook.forecaster.columns, source: source)
        while let line = try lines.next() {
            guard let row = try rows.next(line) else { continue }
            let number = row.lines[0] ?? 0
            guard rows.offset == table.offset else {
                throw DataError(
                    source, line: number,
                    "the time zone is not that of \(table.source); write all times on one clock")
            }
            var session = try sessions[row.name] ?? outlook.forecaster.session(of: row.name)
            if let problem = session.problem(with: row.times[0]) {
                throw DataError(source, line: number, problem)
            }
            session.read(row)
            sessions[row.name] = session
            try JSONOutput.print(try outlook.forecast(from: session, named: row.name))
        }
    }
}

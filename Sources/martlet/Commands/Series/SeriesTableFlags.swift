public import ArgumentParser
public import MartletData

/// The flags that say which columns of a file are what, and what to do where its steps are not even.
struct SeriesTableFlags: ParsableArguments {
    @Option(help: "The column with the times.")
    var time: String?
    @Option(help: "The column to forecast.")
    var target: String?
    @Option(help: "The column with the name of the series, where there are several.")
    var series: String?
    @Option(help: "Columns that are known up to the present, with commas between.")
    var covariates: String?
    @Option(help: "Columns that are known of the future, too, with commas between.")
    var known: String?
    @Option(
        help: """
            Steps without a row: refuse the file; missing: they are missing values; closed: rows are steps however far apart, \
            as of an exchange (default: refuse).
            """)
    var gaps: SeriesRules.Gaps = .refuse
    @Option(help: "Bring values to steps of this span, such as 1h or 1d.")
    var resample: String?
    @Option(help: "How the values of such a step become one: mean, sum, last, max or min.")
    var aggregate: SeriesRules.Aggregate = .mean

    func validate() throws {
        if let resample, SeriesStep(code: resample) == nil {
            throw ValidationError(
                "--resample is \(resample): expected a span such as 30min, 1h, 1d, 7d, 1month")
        }
    }

    /// The columns, if time and target are given.
    var columns: SeriesColumns? {
        guard let time, let target else { return nil }
        func list(_ text: String?) -> [String] {
            text?.split(separator: ",").map(String.init) ?? []
        }
        return SeriesColumns(
            time: time, target: target, series: series, covariates: list(covariates),
            known: list(known))
    }

    /// What to do where steps are not even.
    var rules: SeriesRules {
        SeriesRules(
            gaps: gaps, resample: resample.flatMap { SeriesStep(code: $0) }, aggregate: aggregate)
    }
}

extension SeriesRules.Gaps: ExpressibleByArgument {}
extension SeriesRules.Aggregate: ExpressibleByArgument {}

public import MartletData

/// The page of a back-test: what came out, all figures, the error of each step ahead, and forecasts with their bands.
public enum BacktestPage {
    /// The most forecasts of a picture.
    private static let shown = 6

    /// The page.
    public static func html(_ outcome: Backtest.Outcome, _ table: SeriesTable) -> String {
        let result = outcome.result
        let title = "Back-test of \(result.target) in \(Markup.lastPart(of: result.data))"
        let sections = [
            "<h1>\(Markup.escaped(title))</h1>",
            "<p class=\"lead\">\(Markup.escaped(result.verdict))</p>", figures(result),
            steps(result), pictures(outcome, table), particulars(result),
        ]
        return PageFrame.html(
            title: title, style: BandChart.style, body: sections.joined(separator: "\n"))
    }

    private static func figures(_ result: BacktestResult) -> String {
        let head = BacktestColumns.names(result).map {
            "<th scope=\"col\">\(Markup.escaped($0))</th>"
        }
        let rows = result.methods.map { method in
            "<tr><th scope=\"row\">\(Markup.escaped(method.name))</th>"
                + BacktestColumns.values(method.total).map { "<td>\($0)</td>" }.joined() + "</tr>"
        }
        let summaries = result.methods.map {
            "<b>\(Markup.escaped($0.name))</b>: \(Markup.escaped($0.summary))"
        }
        return """
            <h2>All figures</h2>
            <section class="card"><div class="scroll"><table><tr><th scope="col">method</th>\(head.joined())</tr>
            \(rows.joined(separator: "\n"))</table></div>
            <p class="soft">Lower is better, but for the share in the band, which should be \
            \(Decimals.percent(result.nominalCoverage, 0)). MASE is the mean absolute error over that of \
            \(result.season > 1 ? "the value \(result.season) steps before" : "the last value") within the history before \
            the first origin; CRPS is twice the mean pinball loss of \(result.options.levels.count) quantiles. \
            \(summaries.joined(separator: "; ")).</p></section>
            """
    }

    private static func steps(_ result: BacktestResult) -> String {
        guard result.options.horizon > 1 else { return "" }
        func values(_ method: BacktestResult.Method) -> [Double]? {
            let scaled = method.steps.compactMap(\.mase)
            let values =
                scaled.count == method.steps.count ? scaled : method.steps.compactMap(\.mae)
            return values.count == method.steps.count && values.allSatisfy(\.isFinite)
                ? values : nil
        }
        let lines = result.methods.compactMap { method in
            values(method).map {
                LineChart.Line(
                    name: method.name, style: method.isSimple ? "other" : "model", values: $0)
            }
        }
        guard !lines.isEmpty else { return "" }
        let chart = LineChart(
            title: "Error of each step ahead", lines: lines, axis: "steps ahead", isShare: false)
        return """
            <h2>The further ahead, the harder</h2>
            <section class="card">\(chart.svg)<p class="soft">MASE of each step ahead (the mean absolute error where there is \
            no scale).</p></section>
            """
    }

    /// The last forecasts of the first series, method by method.
    private static func pictures(_ outcome: Backtest.Outcome, _ table: SeriesTable) -> String {
        let result = outcome.result
        guard let series = table.series.first else { return "" }
        let cards = zip(result.methods, outcome.trials).compactMap { method, trials -> String? in
            let own = trials.filter { $0.series == 0 }
            // Forecasts that overlap cannot be seen: each begins where the one before has ended, or later.
            var chosen: [Backtest.Trial] = []
            for trial in own.reversed() where chosen.count < shown {
                if let next = chosen.last, trial.origin + result.options.horizon > next.origin {
                    continue
                }
                chosen.append(trial)
            }
            guard let first = chosen.last, let last = chosen.first else { return nil }
            let before = min(first.origin, max(2, 2 * result.options.horizon, result.season))
            let start = first.origin - before
            let end = last.origin + result.options.horizon
            let chart = BandChart(
                title: "Forecasts of \(method.name)", truth: Array(series.target[start..<end]),
                marks: marks(series, start..<end),
                forecasts: chosen.reversed().map { trial in
                    BandChart.Forecast(
                        start: trial.origin - start, point: trial.forecast.point,
                        lower: trial.forecast.quantiles.map { $0[0] },
                        upper: trial.forecast.quantiles.map { $0[$0.count - 1] })
                })
            return
                "<section class=\"card\"><h3>\(Markup.escaped(method.name))</h3>\(chart.svg)</section>"
        }
        let name = series.name.isEmpty ? "" : " of series \(Markup.escaped(series.name))"
        return """
            <h2>Forecasts\(name)</h2>
            <p class="soft">What came (dark), the last forecasts (coloured), and the band between the quantiles \
            \(result.options.levels[0]) and \(result.options.levels[result.options.levels.count - 1]); a dotted line is an \
            origin.</p>
            \(cards.joined(separator: "\n"))
            """
    }

    private static func marks(_ series: TimeSeries, _ range: Range<Int>) -> [(Int, String)] {
        let count = min(5, range.count)
        return (0..<count).map { mark in
            let step = range.count * (2 * mark + 1) / (2 * count)
            return (step, "\(series.times[range.lowerBound + step])")
        }
    }

    private static func particulars(_ result: BacktestResult) -> String {
        let options = result.options
        return Markup.particulars([
            ("data", result.data), ("SHA-256 of the data", result.sha256),
            ("target", "\(result.target), \(result.step), \(result.series) series"),
            (
                "forecasts",
                "\(result.forecasts) of each method, \(options.horizon) steps ahead, an origin every \(options.distance) steps"
            ),
            (
                "learned anew",
                options.refit == 0
                    ? "never after the first origin" : "after every \(options.refit) origins"
            ),
            (
                "season",
                result.season > 1
                    ? "\(result.season) steps, \(result.seasonWasFound ? "found by autocorrelation before the first origin" : "given")"
                    : "none"
            ),
        ])
    }
}

/// The columns of the table of a back-test, for terminals and pages.
public enum BacktestColumns {
    /// Their names.
    public static func names(_ result: BacktestResult) -> [String] {
        [
            "MASE", "MAE", "RMSE", "sMAPE", "pinball", "CRPS",
            "in the \(Decimals.percent(result.nominalCoverage, 0)) band",
        ]
    }

    /// The figures of a row; a dash for what there is not.
    public static func values(_ figures: BacktestResult.Figures) -> [String] {
        func number(_ value: Double?) -> String {
            guard let value else { return "–" }
            guard value.isFinite else { return value.isNaN ? "NaN" : "∞" }
            return value != 0 && value < 0.1 && value >= 0.00995
                ? Decimals.fixed(value, 4)
                : value < 0.00995 && value > 0
                    ? Decimals.magnitude(value)
                    : Decimals.fixed(value, value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0)
        }
        return [
            number(figures.mase), number(figures.mae), number(figures.rmse),
            figures.smape.map { number($0) + "\u{A0}%" } ?? "–", number(figures.pinball),
            number(figures.crps), figures.coverage.map { Decimals.percent($0) } ?? "–",
        ]
    }
}

/// How forecasts are made and judged one after another, each from its own origin: a rolling-origin evaluation (Tashman 2000).
public struct BacktestOptions: Codable, Sendable, Equatable {
    /// The steps that each forecast goes ahead.
    public var horizon = 1
    /// The steps from one origin to the next; nil: a horizon, so that no step is forecast twice.
    public var stride: Int?
    /// The last steps of each series, on which forecasts are judged; nil: a fifth, at least a horizon.
    public var span: Int?
    /// After how many origins the methods learn anew, from everything up to there; 0: never after the first.
    public var refit = 1
    /// The steps of the seasons, the first being that of the seasonal naive forecast and of MASE; empty: found.
    public var seasons: [Int] = []
    /// The levels of the quantiles, ascending.
    public var levels = [0.1, 0.5, 0.9]
    /// The neighbouring values that the linear autoregression reads.
    public var order = 12

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case horizon, stride, span, refit, seasons, order
        case levels = "quantiles"
    }

    /// The steps from one origin to the next.
    public var distance: Int { stride ?? horizon }

    /// The origins in a series of so many observed steps, each the number of steps before its forecast.
    func origins(of count: Int) -> [Int] {
        let span = span ?? max(horizon, count / 5)
        let first = count - span
        guard first > 0, horizon <= span else { return [] }
        return Array(Swift.stride(from: first, through: count - horizon, by: distance))
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        for (flag, value, least) in [
            ("--horizon", horizon, 1), ("--stride", stride ?? 1, 1), ("--span", span ?? horizon, 1),
            ("--refit", refit, 0), ("--order", order, 1),
        ] + seasons.map({ ("--season", $0, 1) }) where !(least...1 << 20).contains(value) {
            return "\(flag) is \(value): expected \(least) … \(1 << 20)"
        }
        if let span, span < horizon {
            return "--span is \(span): expected at least the horizon, \(horizon)"
        }
        if order > 512 { return "--order is \(order): expected at most 512" }
        if levels.isEmpty || levels.contains(where: { !($0 > 0 && $0 < 1) })
            || zip(levels, levels.dropFirst()).contains(where: { $0 >= $1 })
        {
            return
                "--quantiles are \(levels.map { "\($0)" }.joined(separator: ",")): expected ascending numbers between 0 and 1"
        }
        return nil
    }
}

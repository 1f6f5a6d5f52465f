/// What is known when a forecast is made: everything up to its origin, and of the steps to come only what is known ahead.
///
/// A back-test makes it with ``init(_:origin:horizon:)``, which copies that much and no more out of the series. So nothing
/// that came later can be in a forecast, whatever the method does with it.
public struct ForecastContext: Sendable {
    /// The series up to the origin.
    public let history: TimeSeries
    /// The times of the steps to come.
    public let times: [CalendarTime]
    /// The known covariates of the steps to come, an array each.
    public let known: [[Double]]

    /// The number of steps to come.
    public var horizon: Int { times.count }

    /// What is known of a series before its step `origin`, with times and known covariates of `horizon` steps from there on.
    public init(_ series: TimeSeries, origin: Int, horizon: Int) {
        precondition(
            origin > 0 && horizon > 0 && origin + horizon <= series.count,
            "a forecast of \(horizon) steps from step \(origin) of \(series.count)")
        history = series.slice(0..<origin)
        times = Array(series.times[origin..<origin + horizon])
        known = series.known.map { Array($0[origin..<origin + horizon]) }
    }
}

/// What a method says of the steps to come.
public struct SeriesForecast: Sendable, Equatable {
    /// The best single value of each step.
    public var point: [Double]
    /// The quantiles of each step, `[step][level]`.
    public var quantiles: [[Double]]

    /// A forecast of these values.
    public init(point: [Double], quantiles: [[Double]]) {
        precondition(
            point.count == quantiles.count,
            "a forecast of \(point.count) steps with quantiles of \(quantiles.count)")
        self.point = point
        self.quantiles = quantiles
    }

    /// A forecast whose errors are normally distributed around its points.
    public init(point: [Double], deviations: [Double], levels: [Double]) {
        let z = levels.map(NormalQuantile.value)
        self.init(
            point: point,
            quantiles: zip(point, deviations).map { value, deviation in
                z.map { value + $0 * deviation }
            })
    }
}

/// A method that forecasts a series: what `martlet backtest` sets side by side.
public protocol SeriesForecaster: Sendable {
    /// Its name, for tables: one word or two.
    var name: String { get }
    /// What it does, in words.
    var summary: String { get }

    /// Learns from the beginning of a series; called again, it forgets what it knew.
    ///
    /// - Parameter history: the series up to an origin.
    /// - Throws: what the method cannot learn from; the simple methods throw nothing.
    mutating func fit(_ history: TimeSeries) throws

    /// Forecasts the steps after a history that goes on from the one it was fitted on, or is that one.
    ///
    /// It may remember what it has read, so that the next call, of a longer history, costs less; what it says must not differ.
    ///
    /// - Parameter levels: the levels of the quantiles, ascending, each between 0 and 1.
    /// - Returns: a point and `levels.count` quantiles for each of the `context.horizon` steps, in the unit of the series.
    /// - Throws: what the method cannot forecast; the simple methods throw nothing.
    mutating func forecast(_ context: ForecastContext, levels: [Double]) throws -> SeriesForecast
}

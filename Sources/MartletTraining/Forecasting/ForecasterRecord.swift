public import MartletData
import MartletModels

/// Everything there is to know about the training of a forecaster: `training.json`.
public struct ForecasterRecord: TrainingRecord {
    /// The series that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// The file.
        public var path: String
        /// Which columns are what.
        public var columns: SeriesColumns
        /// What was done about gaps and uneven spans.
        public var rules: SeriesRules
        /// The SHA-256 of everything that was read.
        public var sha256: String
        /// The span of a step.
        public var step: SeriesStep
        /// The number of series.
        public var series: Int
        /// The steps over all series.
        public var steps: Int
        /// Values that are missing.
        public var missing: Int
        /// Steps to learn from, over all series.
        public var training: Int
        /// Steps to choose by, over all series.
        public var validation: Int
        /// Steps to judge by, over all series.
        public var test: Int
    }

    /// A forecast to be drawn: what came, and what was said of it.
    public struct Example: Codable, Sendable, Equatable {
        /// The series.
        public var series: String
        /// The times of the steps, the first ones before the forecast.
        public var times: [String]
        /// What came; nil where it is missing.
        public var truth: [Double?]
        /// The steps before the forecast.
        public var before: Int
        /// The medians.
        public var median: [Double]
        /// The lower edge of the band.
        public var low: [Double]
        /// The upper edge of the band.
        public var high: [Double]
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `forecaster`.
    public var task = "forecaster"
    /// The options, with the seed.
    public var options: ForecasterOptions
    /// The series.
    public var data: DataRecord
    /// The steps of a forecast.
    public var horizon: Int
    /// Steps that were read before a forecast was learned.
    public var context: Int
    /// Steps back at which values are seen.
    public var lags: [Int]
    /// The number of trained numbers.
    public var parameters: Int
    /// The machine.
    public var machine: MachineRecord
    /// The figures of every epoch; without steps to choose by, validation figures are of steps to learn from.
    public var epochs: [EpochRecord] = []
    /// The epoch whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The figures on the validation span, by which the epoch was chosen, if there was one.
    public var validation: ForecastScores?
    /// The figures on the test span, if one was kept back.
    public var test: ForecastScores?
    /// Forecasts to look at.
    public var examples: [Example] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, data, horizon, context, lags, parameters, machine, epochs
        case validation, test, examples
        case bestEpoch = "best_epoch"
    }
}

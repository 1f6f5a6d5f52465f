public import MartletData

/// Everything there is to know about the training of a series classifier: `training.json`.
public struct SeriesClassifierRecord: TrainingRecord {
    /// The data that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// Where the cases to learn from were read.
        public var path: String
        /// The names of the columns, where the data are a table.
        public var columns: CaseColumns
        /// The SHA-256 of those cases.
        public var sha256: String
        /// Where the cases to judge by were read, if any were given.
        public var testPath: String?
        /// The SHA-256 of those.
        public var testSHA256: String?
        /// The names of the channels.
        public var channels: [String]
        /// The steps of the shortest and of the longest case to learn from.
        public var lengths: [Int]
        /// The number of missing values that were interpolated.
        public var interpolated: Int
        /// The number of cases to learn from.
        public var training: Int
        /// The number of cases to choose by.
        public var validation: Int
        /// The number of cases to judge by.
        public var test: Int

        enum CodingKeys: String, CodingKey {
            case path, columns, sha256, channels, lengths, interpolated, training, validation, test
            case testPath = "test_path"
            case testSHA256 = "test_sha256"
        }
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `series-classifier`.
    public var task: String
    /// The options, with the seed.
    public var options: SeriesClassifierOptions
    /// The labels, in the order of the scores.
    public var labels: [String]
    /// The data.
    public var data: DataRecord
    /// The number of trained numbers.
    public var parameters: Int
    /// The machine.
    public var machine: MachineRecord
    /// The figures of every epoch; without cases to choose by, validation figures are of the cases to learn from.
    public var epochs: [EpochRecord] = []
    /// The epoch whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The model's figures on the cases that chose the epoch.
    public var validation: ClassificationMetrics?
    /// The model's figures on the test cases, once it is tested.
    public var test: ClassificationMetrics?
    /// The baselines' figures on the test cases, or without any on those that chose the epoch.
    public var baselines: [BaselineScores] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, labels, data, parameters, machine, epochs, validation, test
        case baselines
        case bestEpoch = "best_epoch"
    }
}

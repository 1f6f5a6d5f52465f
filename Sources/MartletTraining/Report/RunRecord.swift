public import MartletData
import MartletModels

/// Everything there is to know about a run: `training.json`.
public struct RunRecord: TrainingRecord {
    /// The data that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// Where they were read.
        public var path: String
        /// The names of the columns, where the data are a file.
        public var columns: TextColumns
        /// The SHA-256 of the cleaned data.
        public var sha256: String
        /// What was read and what was dropped.
        public var summary: TextDataset.Summary
        /// The number of examples to learn from.
        public var training: Int
        /// The number of examples to choose by.
        public var validation: Int
        /// The number of examples to judge by.
        public var test: Int
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `sentiment`.
    public var task: String
    /// The options, with the seed.
    public var options: SentimentOptions
    /// The labels, in the order of the scores.
    public var labels: [String]
    /// The data.
    public var data: DataRecord
    /// The number of trained numbers.
    public var parameters: Int
    /// The machine.
    public var machine: MachineRecord
    /// The figures of every epoch.
    public var epochs: [EpochRecord] = []
    /// The epoch whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The model's figures on the test examples, once it is tested.
    public var test: ClassificationMetrics?
    /// The baselines' figures on the same examples.
    public var baselines: [BaselineScores] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, labels, data, parameters, machine, epochs, test, baselines
        case bestEpoch = "best_epoch"
    }
}

/// A baseline's figures.
public struct BaselineScores: Codable, Sendable, Equatable {
    /// `n-grams` or `majority`.
    public var name: String
    /// What it is, in words.
    public var description: String
    /// Its figures.
    public var metrics: ClassificationMetrics
}

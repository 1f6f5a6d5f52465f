public import MartletData

/// Everything there is to know about the training of an image classifier: `training.json`.
public struct ImageClassifierRecord: TrainingRecord {
    /// The data that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// The folder.
        public var path: String
        /// The SHA-256 of all images and labels.
        public var sha256: String
        /// The size of an image.
        public var height, width: Int
        /// The number of images to learn from, to choose by, and to judge by.
        public var training, validation, test: Int
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `image-classifier`.
    public var task: String
    /// The options, with the seed.
    public var options: ImageClassifierOptions
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
    /// The model's figures on the test images, once it is tested.
    public var test: ClassificationMetrics?
    /// The baselines' figures on the same images.
    public var baselines: [BaselineScores] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, labels, data, parameters, machine, epochs, test, baselines
        case bestEpoch = "best_epoch"
    }
}

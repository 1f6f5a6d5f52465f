public import MartletData

/// Everything there is to know about the fine-tuning of an encoder: `training.json`.
public struct EncoderClassifierRecord: TrainingRecord {
    /// The version of Martlet.
    public var version: String
    /// What was learned: `encoder-classifier`.
    public var task: String
    /// The options, with the seed.
    public var options: EncoderClassifierOptions
    /// The labels, in the order of the scores.
    public var labels: [String]
    /// The data.
    public var data: RunRecord.DataRecord
    /// The most tokens that are read of a text, and how many of all texts have more.
    public var longest, cut: Int
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
        case version, task, options, labels, data, longest, cut, parameters, machine, epochs, test
        case baselines
        case bestEpoch = "best_epoch"
    }
}

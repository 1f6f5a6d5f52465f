/// Everything there is to know about the fine-tuning of a sentence encoder: `training.json`.
public struct ContrastiveRecord: TrainingRecord {
    /// The data that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// The file of pairs.
        public var path: String
        /// The SHA-256 of all pairs.
        public var sha256: String
        /// Pairs to learn from, to choose by, and to judge by; all pairs of a question are in one part.
        public var training, validation, test: Int
        /// Pairs that came before and were left out.
        public var duplicates: Int
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `encoder-contrastive`.
    public var task: String
    /// The options, with the seed.
    public var options: ContrastiveOptions
    /// The data.
    public var data: DataRecord
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
    /// What the encoder finds among the test pairs before it learns.
    public var before: RetrievalScores
    /// The same of the trained one, once it is tested.
    public var test: RetrievalScores?

    enum CodingKeys: String, CodingKey {
        case version, task, options, data, longest, cut, parameters, machine, epochs, before, test
        case bestEpoch = "best_epoch"
    }
}

/// Everything there is to know about the training of a language model: `training.json`.
public struct LanguageModelRecord: TrainingRecord {
    /// The text that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// The files.
        public var paths: [String]
        /// The SHA-256 of the whole text.
        public var sha256: String
        /// Tokens to learn from.
        public var training: Int
        /// Tokens to choose by.
        public var validation: Int
        /// Tokens to judge by.
        public var test: Int
    }

    /// A simple model's figures on the same text.
    public struct Baseline: Codable, Sendable, Equatable {
        /// What it is, in words.
        public var description: String
        /// The mean loss of a token, in nats.
        public var loss: Double
        /// The bits that the text takes, for each of its characters.
        public var bitsPerCharacter: Double

        enum CodingKeys: String, CodingKey {
            case description, loss
            case bitsPerCharacter = "bits_per_character"
        }
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `language-model`.
    public var task = "language-model"
    /// The options, with the seed.
    public var options: LanguageModelOptions
    /// The text.
    public var data: DataRecord
    /// The tokens that are known.
    public var vocabulary: Int
    /// The number of trained numbers.
    public var parameters: Int
    /// The machine.
    public var machine: MachineRecord
    /// The figures of every epoch.
    public var epochs: [EpochRecord] = []
    /// The epoch whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The model's figures on the test text, once it is tested.
    public var test: LanguageModelScores?
    /// Counted n-grams on the same text.
    public var baseline: Baseline?
    /// What the model writes.
    public var samples: [String] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, data, vocabulary, parameters, machine, epochs, test, baseline
        case samples
        case bestEpoch = "best_epoch"
    }
}

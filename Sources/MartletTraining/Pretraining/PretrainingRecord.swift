/// Everything there is to know about the training of a Transformer on plain text: `training.json`.
public struct PretrainingRecord: TrainingRecord {
    /// What a model's guesses on a text came to.
    public struct Scores: Codable, Sendable, Equatable {
        /// The guesses.
        public var guesses: Int
        /// The mean of −log p of what is right, in nats.
        public var loss: Double
        /// The share of guesses that were right.
        public var accuracy: Double
        /// Of a decoder, the bits that the text takes, for each of its characters.
        public var bitsPerCharacter: Double?

        enum CodingKeys: String, CodingKey {
            case guesses, loss, accuracy
            case bitsPerCharacter = "bits_per_character"
        }
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `gpt`, `bert` or `t5`.
    public var task: PretrainingTask
    /// The options, with the seed.
    public var options: PretrainingOptions
    /// The text.
    public var data: LanguageModelRecord.DataRecord
    /// The tokens that are known.
    public var vocabulary: Int
    /// The number of trained numbers.
    public var parameters: Int
    /// The machine.
    public var machine: MachineRecord
    /// The figures of every round, from one evaluation to the next.
    public var epochs: [EpochRecord] = []
    /// The round whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The model's figures on the test text, once it is tested.
    public var test: Scores?
    /// Of a decoder, counted n-grams on the same text.
    public var baseline: LanguageModelRecord.Baseline?
    /// What the model makes of text.
    public var samples: [String] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, data, vocabulary, parameters, machine, epochs, test, baseline
        case samples
        case bestEpoch = "best_epoch"
    }
}

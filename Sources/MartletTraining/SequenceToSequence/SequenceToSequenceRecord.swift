import MartletText

/// Everything there is to know about the training of a model that reads one sequence and writes another: `training.json`.
public struct SequenceToSequenceRecord: TrainingRecord {
    /// The pairs that a run learned from.
    public struct DataRecord: Codable, Sendable, Equatable {
        /// Where they were read.
        public var source: SequenceToSequenceData
        /// The SHA-256 of all pairs.
        public var sha256: String
        /// Pairs that came before, and were left out.
        public var duplicates: Int
        /// Pairs with a text of more than `--longest` tokens, which were left out.
        public var skipped: Int
        /// Pairs to learn from.
        public var training: Int
        /// Pairs to choose by.
        public var validation: Int
        /// Pairs to judge by.
        public var test: Int
    }

    /// A text, what the model wrote for it, and what would be right.
    public struct Sample: Codable, Sendable, Equatable {
        /// What was read.
        public var source: String
        /// What the model wrote.
        public var answer: String
        /// What would be right: any of these.
        public var references: [String]
        /// The tokens that were read, with their end.
        public var sourceTokens: [String]
        /// The tokens that were written, with their end.
        public var answerTokens: [String]
        /// How much each token that was read counted for each that was written; nil if the model does not tell.
        public var attention: [[Double]]?

        /// Whether it is just like one of the references.
        public var isRight: Bool { references.contains(answer) }

        enum CodingKeys: String, CodingKey {
            case source, answer, references, attention
            case sourceTokens = "source_tokens"
            case answerTokens = "answer_tokens"
        }
    }

    /// How the sources of some lengths went.
    public struct LengthGroup: Codable, Sendable, Equatable {
        /// The fewest tokens of a source, its end not counted.
        public var shortest: Int
        /// The most tokens of a source.
        public var longest: Int
        /// How many there are.
        public var sources: Int
        /// Their scores.
        public var scores: [PairMetric.Score]
    }

    /// A mistake of single tokens that was made often.
    public struct FrequentMistake: Codable, Sendable, Equatable {
        /// What was written in place of what.
        public var mistake: TokenMistake
        /// How often.
        public var count: Int
    }

    /// The model's figures on the test pairs.
    public struct Scores: Codable, Sendable, Equatable {
        /// Sources that were answered, each once.
        public var sources: Int
        /// The mean loss of a token, in nats.
        public var loss: Double
        /// What the answers were measured by; the chosen metric first.
        public var scores: [PairMetric.Score]
        /// The same by the sources' lengths.
        public var lengths: [LengthGroup]
        /// The most frequent mistakes, token by token, of answers that are not right; nil in records of before there were any.
        public var mistakes: [FrequentMistake]?
    }

    /// The version of Martlet.
    public var version: String
    /// What was learned: `sequence-to-sequence`.
    public var task = "sequence-to-sequence"
    /// The options, with the seed.
    public var options: SequenceToSequenceOptions
    /// The pairs.
    public var data: DataRecord
    /// The number of tokens that are read.
    public var sourceVocabulary: Int
    /// The number of tokens that are written.
    public var vocabulary: Int
    /// The longest text that the model may write, in tokens: that of the pairs it learned from.
    public var longestAnswer: Int
    /// The number of trained numbers.
    public var parameters: Int
    /// The machine.
    public var machine: MachineRecord
    /// The figures of every epoch.
    public var epochs: [EpochRecord] = []
    /// The epoch whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The model's figures on the test pairs, once it is tested.
    public var test: Scores?
    /// Some of the test's texts, right ones and mistakes.
    public var samples: [Sample] = []

    enum CodingKeys: String, CodingKey {
        case version, task, options, data, vocabulary, parameters, machine, epochs, test, samples
        case sourceVocabulary = "source_vocabulary"
        case longestAnswer = "longest_answer"
        case bestEpoch = "best_epoch"
    }
}

/// Where pairs are read from.
public struct SequenceToSequenceData: Codable, Sendable, Equatable {
    /// The file of pairs to learn from; without the others, of all pairs.
    public var training: String
    /// The file of pairs to choose by.
    public var validation: String?
    /// The file of pairs to judge by; nil where the other is.
    public var test: String?
    /// The key of what is read, in JSONL objects.
    public var sourceKey: String
    /// The key of what is to be written.
    public var targetKey: String

    /// Pairs of these files.
    public init(
        training: String, validation: String? = nil, test: String? = nil,
        sourceKey: String = "source", targetKey: String = "target"
    ) {
        self.training = training
        self.validation = validation
        self.test = test
        self.sourceKey = sourceKey
        self.targetKey = targetKey
    }

    /// All files.
    public var paths: [String] { [training] + [validation, test].compactMap { $0 } }

    enum CodingKeys: String, CodingKey {
        case training, validation, test
        case sourceKey = "source_key"
        case targetKey = "target_key"
    }
}

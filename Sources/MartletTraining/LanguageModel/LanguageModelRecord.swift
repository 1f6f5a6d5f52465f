import MartletStore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Everything there is to know about the training of a language model: `training.json`.
public struct LanguageModelRecord: Codable, Sendable {
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

    /// The figures of one epoch.
    public struct Epoch: Codable, Sendable, Equatable {
        /// The epoch, counted from 1.
        public var epoch: Int
        /// The mean loss of a training token, in nats, with dropout.
        public var trainingLoss: Double
        /// The mean loss of a validation token, in nats.
        public var validationLoss: Double
        /// The share of validation tokens that were the likeliest guess.
        public var validationAccuracy: Double
        /// The learning rate of the last step.
        public var learningRate: Double
        /// Tokens trained on per second.
        public var tokensPerSecond: Double
        /// Seconds of training, validation not counted.
        public var seconds: Double

        enum CodingKeys: String, CodingKey {
            case epoch, seconds
            case trainingLoss = "training_loss"
            case validationLoss = "validation_loss"
            case validationAccuracy = "validation_accuracy"
            case learningRate = "learning_rate"
            case tokensPerSecond = "tokens_per_second"
        }

        init(_ record: EpochRecord) {
            epoch = record.epoch
            trainingLoss = record.trainingLoss
            validationLoss = record.validationLoss
            validationAccuracy = record.validationAccuracy
            learningRate = record.learningRate
            tokensPerSecond = record.tokensPerSecond
            seconds = record.seconds
        }
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
    public var machine: RunRecord.MachineRecord
    /// The figures of every epoch.
    public var epochs: [Epoch] = []
    /// The epoch whose model was kept, counted from 1.
    public var bestEpoch: Int?
    /// The model's figures on the test text, once it is tested.
    public var test: LanguageModelScores?
    /// Counted n-grams on the same text.
    public var baseline: Baseline?
    /// What the model writes.
    public var samples: [String] = []

    /// Seconds of training over all epochs.
    public var trainingSeconds: Double { epochs.reduce(0) { $0 + $1.seconds } }

    enum CodingKeys: String, CodingKey {
        case version, task, options, data, vocabulary, parameters, machine, epochs, test, baseline
        case samples
        case bestEpoch = "best_epoch"
    }

    /// The content of `training.json`.
    var jsonData: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// The record of a run folder; nil if it has none that can be read.
    public static func read(from folder: String) -> LanguageModelRecord? {
        let path = CheckpointFolder.resolve(folder, "training.json")
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(LanguageModelRecord.self, from: data)
    }
}

/// The figures of one epoch, as `training.json` has them.
public struct EpochRecord: Codable, Sendable, Equatable {
    /// The epoch, counted from 1.
    public var epoch: Int
    /// The mean loss of a training example or token, in nats.
    public var trainingLoss: Double
    /// The share of right answers in training, with dropout; nil where they are not counted.
    public var trainingAccuracy: Double?
    /// The mean loss of a validation example or token, in nats.
    public var validationLoss: Double
    /// The share of right answers in validation; nil of a forecaster.
    public var validationAccuracy: Double?
    /// Of a forecaster the share of validation values within the band of their forecast.
    public var validationCoverage: Double?
    /// Of a model that writes a score of what it makes of validation sources, of 100.
    public var validationScore: Double?
    /// The learning rate of the last step.
    public var learningRate: Double
    /// Real tokens trained on per second.
    public var tokensPerSecond: Double
    /// Seconds of training, validation not counted.
    public var seconds: Double

    enum CodingKeys: String, CodingKey {
        case epoch, seconds
        case trainingLoss = "training_loss"
        case trainingAccuracy = "training_accuracy"
        case validationLoss = "validation_loss"
        case validationAccuracy = "validation_accuracy"
        case validationCoverage = "validation_coverage"
        case validationScore = "validation_score"
        case learningRate = "learning_rate"
        case tokensPerSecond = "tokens_per_second"
    }

    /// The share of validation examples that are as they should be, whatever that is here.
    public var validationShare: Double {
        validationAccuracy ?? validationCoverage ?? validationScore.map { $0 / 100 } ?? .nan
    }
}

/// The figures of one epoch, as `training.json` has them.
public struct EpochRecord: Codable, Sendable, Equatable {
    /// What a share of the validation examples says; its name in `training.json`.
    public enum Share: Sendable {
        /// Right answers: `validation_accuracy`.
        case accuracy
        /// Values within the band of their forecast: `validation_coverage`.
        case coverage
    }

    /// The epoch, counted from 1.
    public var epoch: Int
    /// The mean loss of a training example or token, in nats.
    public var trainingLoss: Double
    /// The share of right answers in training, with dropout; nil where they are not counted.
    public var trainingAccuracy: Double?
    /// The mean loss of a validation example or token, in nats.
    public var validationLoss: Double
    /// The share of right answers in validation; of a forecaster that of values within the band.
    public var validationAccuracy: Double
    /// What ``validationAccuracy`` is the share of.
    public var share = Share.accuracy
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
        case learningRate = "learning_rate"
        case tokensPerSecond = "tokens_per_second"
    }
}

extension EpochRecord {
    /// Reads what ``encode(to:)`` wrote.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let share: Share = values.contains(.validationCoverage) ? .coverage : .accuracy
        self.init(
            epoch: try values.decode(Int.self, forKey: .epoch),
            trainingLoss: try values.decode(Double.self, forKey: .trainingLoss),
            trainingAccuracy: try values.decodeIfPresent(Double.self, forKey: .trainingAccuracy),
            validationLoss: try values.decode(Double.self, forKey: .validationLoss),
            validationAccuracy: try values.decode(Double.self, forKey: Self.key(of: share)),
            share: share,
            learningRate: try values.decode(Double.self, forKey: .learningRate),
            tokensPerSecond: try values.decode(Double.self, forKey: .tokensPerSecond),
            seconds: try values.decode(Double.self, forKey: .seconds))
    }

    /// Writes the share of the validation examples under the name of what it is.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(epoch, forKey: .epoch)
        try values.encode(trainingLoss, forKey: .trainingLoss)
        try values.encodeIfPresent(trainingAccuracy, forKey: .trainingAccuracy)
        try values.encode(validationLoss, forKey: .validationLoss)
        try values.encode(validationAccuracy, forKey: Self.key(of: share))
        try values.encode(learningRate, forKey: .learningRate)
        try values.encode(tokensPerSecond, forKey: .tokensPerSecond)
        try values.encode(seconds, forKey: .seconds)
    }

    private static func key(of share: Share) -> CodingKeys {
        share == .coverage ? .validationCoverage : .validationAccuracy
    }
}

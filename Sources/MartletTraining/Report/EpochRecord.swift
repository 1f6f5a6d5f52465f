/// The figures of one epoch, as `training.json` has them.
public struct EpochRecord: Codable, Sendable {
    /// The epoch, counted from 1.
    public var epoch: Int
    /// The mean loss of a training example.
    public var trainingLoss: Double
    /// The share of right answers in training.
    public var trainingAccuracy: Double
    /// The mean loss of a validation example.
    public var validationLoss: Double
    /// The share of right answers in validation.
    public var validationAccuracy: Double
    /// The learning rate of the last step.
    public var learningRate: Double
    /// Real tokens trained on per second.
    public var tokensPerSecond: Double
    /// Seconds of training, validation not counted.
    public var seconds: Double
}

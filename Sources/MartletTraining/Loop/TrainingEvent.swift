/// What a training run tells while it runs; printing is the listener's business.
public enum TrainingEvent: Sendable {
    /// A step is done.
    case step(StepReport)
    /// An epoch is done and validated; `isBest` if its validation accuracy is the highest so far.
    case epoch(EpochRecord, isBest: Bool)
    /// The gradients of this step (both counted from 1) explode, or vanish; told once of each.
    case gradients(GradientAlarm, epoch: Int, step: Int)
    /// A checkpoint is on disk.
    case saved
    /// The run ends before its last epoch: this many epochs brought nothing better.
    case stoppedEarly(patience: Int)
}

/// Where a run stands after a step.
public struct StepReport: Sendable {
    /// The epoch, counted from 1.
    public var epoch: Int
    /// The epochs of the run.
    public var epochs: Int
    /// Steps done in this epoch.
    public var step: Int
    /// Steps of an epoch.
    public var steps: Int
    /// The mean loss of this epoch so far.
    public var loss: Double
    /// The share of right answers in this epoch so far; nil where they are not counted.
    public var accuracy: Double?
    /// Tokens per second in this epoch.
    public var tokensPerSecond: Double
    /// Seconds until the end of the last epoch at this rate.
    public var secondsLeft: Double
}

/// Where a resumed run goes on.
public struct Resumption: Sendable {
    /// Epochs done.
    public var epoch: Int
    /// Steps done in the next one.
    public var step: Int
}

/// What to do about a run that the folder already holds.
public enum ExistingRun: Sendable {
    /// Refuse to touch it.
    case keep
    /// Go on where it stopped.
    case resume
    /// Begin anew and replace it.
    case replace
}

/// Why a run could not go on.
public enum TrainingError: Error, CustomStringConvertible, Sendable {
    /// The loss is not a number any more.
    case lossNotFinite(epoch: Int, step: Int, loss: Double)
    /// The user asked to stop; a checkpoint is on disk.
    case interrupted(epoch: Int, step: Int)
    /// The saved run does not fit what was asked for.
    case cannotResume(String)
    /// The run folder holds a run already.
    case runExists(String)
    /// A model to begin with and the options contradict each other.
    case doesNotFit(String)
    /// Too few examples to train, validate and test with.
    case tooLittleData(String)

    /// What happened, where, and what to do.
    public var description: String {
        switch self {
        case .lossNotFinite(let epoch, let step, let loss):
            "epoch \(epoch), step \(step): the loss is \(loss.isNaN ? "NaN" : "\(loss)"). The last good checkpoint is kept. Try a lower --learning-rate, or look at the data around this step."
        case .interrupted(let epoch, let step):
            "interrupted in epoch \(epoch) after step \(step); a checkpoint is saved, --resume continues from it"
        case .cannotResume(let reason):
            "cannot resume: \(reason)"
        case .runExists(let folder):
            "\(folder) holds a run already: --resume goes on with it, --overwrite replaces it, another --out leaves it alone"
        case .tooLittleData(let reason), .doesNotFit(let reason):
            reason
        }
    }
}

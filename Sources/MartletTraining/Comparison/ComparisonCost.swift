/// What a network costs at a length of sequences, on this machine.
public struct ComparisonCost: Codable, Sendable, Equatable {
    /// Who.
    public var contender: Contender
    /// The steps T of a sequence.
    public var length: Int
    /// The steps of all sequences of a batch that training takes in a second.
    public var trainingRate: Double
    /// The most bytes that tensors and kernels held at once in a step of training.
    public var trainingBytes: Int
    /// Microseconds of one more step of a single sequence after T steps.
    public var stepMicroseconds: Double
    /// The bytes of what is known after T steps: the state.
    public var stateBytes: Int

    enum CodingKeys: String, CodingKey {
        case length
        case contender = "cell"
        case trainingRate = "training_steps_per_second"
        case trainingBytes = "training_bytes"
        case stepMicroseconds = "step_microseconds"
        case stateBytes = "state_bytes"
    }
}

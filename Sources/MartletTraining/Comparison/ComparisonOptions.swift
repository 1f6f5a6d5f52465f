/// Everything that can be chosen about a comparison.
public struct ComparisonOptions: Codable, Sendable, Equatable {
    /// Who takes part.
    public var contenders: [Contender] = [.rnn, .lstm, .gru]
    /// What they do.
    public var tasks = ComparisonTask.allCases
    /// The lengths of the memory tasks and of speed; nil: each task's own.
    public var lengths: [Int]?
    /// How often each is trained, from the seeds 0, 1, …
    public var seeds = 3
    /// The width H of the state.
    public var hidden = 32
    /// The most steps of training on a memory task.
    public var steps = 1500
    /// Sequences in a batch of a memory task.
    public var batch = 32
    /// The learning rate of AdamW on a memory task.
    public var learningRate = 5e-3
    /// The length to which a gradient is cut down.
    public var clip = 1.0
    /// The success on fresh sequences with which a memory task counts as solved, and training ends.
    public var solved = 0.98
    /// The epochs of training on texts.
    public var epochs = 2

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case tasks, lengths, seeds, hidden, steps, batch, clip, solved, epochs
        case contenders = "cells"
        case learningRate = "learning_rate"
    }

    /// The most steps of a sequence: a training step keeps all its states.
    static let longestLength = 10_000

    /// The lengths to compare a task at.
    public func lengths(of task: ComparisonTask) -> [Int] {
        task.defaultLengths.isEmpty ? [] : lengths ?? task.defaultLengths
    }

    /// The options as flags of `martlet compare`.
    var flags: String {
        func list(_ names: [String]) -> String { names.joined(separator: ",") }
        var parts = [
            "--cells \(list(contenders.map(\.rawValue)))", "--tasks \(list(tasks.map(\.rawValue)))",
        ]
        if let lengths { parts.append("--lengths \(list(lengths.map { "\($0)" }))") }
        parts += ["--seeds \(seeds)", "--hidden \(hidden)", "--steps \(steps)"]
        parts += ["--batch \(batch)", "--learning-rate \(learningRate)", "--clip \(clip)"]
        parts += ["--solved \(solved)", "--epochs \(epochs)"]
        return parts.joined(separator: " ")
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        let lists: [(flag: String, names: [String])] = [
            ("--cells", contenders.map(\.rawValue)), ("--tasks", tasks.map(\.rawValue)),
            ("--lengths", lengths?.map { "\($0)" } ?? ["automatic"]),
        ]
        for (flag, names) in lists {
            if names.isEmpty { return "\(flag) is empty: expected at least one" }
            if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
                return "\(flag) has \(twice) twice: expected each once"
            }
        }
        let shortest = tasks.compactMap { $0.memory?.shortestLength }.max() ?? 1
        for length in lengths ?? [] where !(shortest...Self.longestLength).contains(length) {
            return "--lengths has \(length): expected \(shortest) … \(Self.longestLength)"
        }
        for (flag, value, most) in [
            ("--seeds", seeds, 1000), ("--hidden", hidden, 4096), ("--steps", steps, 10_000_000),
            ("--batch", batch, 4096), ("--epochs", epochs, 1000),
        ] where !(1...most).contains(value) {
            return "\(flag) is \(value): expected 1 … \(most)"
        }
        if contenders.contains(.transformer), hidden % 2 != 0 {
            return "--hidden is \(hidden): expected an even number for a transformer"
        }
        for (flag, value) in [("--learning-rate", learningRate), ("--clip", clip)]
        where !(value > 0 && value.isFinite) {
            return "\(flag) is \(value): expected a number above 0"
        }
        if !(solved > 0 && solved <= 1) {
            return "--solved is \(solved): expected a share above 0, at most 1"
        }
        return nil
    }
}

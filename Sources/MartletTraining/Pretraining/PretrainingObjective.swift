import MartletModels
import MartletTensor
import MartletText

/// What a model's guesses came to.
struct GuessSums {
    /// The sum of −log p, in nats.
    var nats = 0.0
    /// Guesses that were right.
    var right = 0
    /// All guesses.
    var count = 0

    /// The mean of −log p.
    var loss: Double { nats / Double(max(count, 1)) }
    /// The share of right guesses.
    var accuracy: Double { Double(right) / Double(max(count, 1)) }

    /// Adds guesses with scores `[rows, V]` and what is right, `[rows]`; −100 does not count.
    mutating func add(scores: Tensor, labels: Tensor) {
        let losses = scores.softmaxCrossEntropy(labels, reduction: .none)
            .scalars(as: Float.self)
        let best = scores.argmax(axis: 1).cast(to: .int32).scalars(as: Int32.self)
        for (place, label) in labels.scalars(as: Int32.self).enumerated() where label >= 0 {
            nats += Double(losses[place])
            right += best[place] == label ? 1 : 0
            count += 1
        }
    }
}

/// A way to learn from windows of plain text.
protocol PretrainingObjective: Sendable {
    /// What learns.
    associatedtype Network: HuggingFaceModel

    /// The tokens of the text in a window, and how many of them the next window has, too.
    var window: (length: Int, overlap: Int) { get }
    /// What a guess is, in words.
    var guess: String { get }

    /// A model with random weights.
    func network(using random: inout RandomGenerator) -> Network

    /// The mean loss of the guesses in some windows, and how many there are.
    ///
    /// - Parameters:
    ///   - choices: random numbers for what is to be guessed.
    ///   - dropout: random numbers for dropout; nil when not training.
    func loss(
        _ model: Network, _ windows: [[Int32]], choices: inout RandomGenerator,
        dropout: inout RandomGenerator?
    ) -> (loss: Tensor, guesses: Int)

    /// Adds the guesses in some windows.
    func judge(
        _ model: Network, _ windows: [[Int32]], choices: inout RandomGenerator,
        _ sums: inout GuessSums)

    /// What the model makes of a text: what it writes, or how it fills gaps.
    func sample(
        _ model: Network, on windows: [[Int32]], length: Int, using random: inout RandomGenerator
    ) throws -> String
}

extension PretrainingObjective {
    /// The guesses in windows, some at a time; what is to be guessed is the same each time.
    func scores(_ model: Network, _ windows: [[Int32]], batch: Int) -> GuessSums {
        var sums = GuessSums()
        var choices = RandomGenerator(seed: 1)
        for start in stride(from: 0, to: windows.count, by: batch) {
            judge(
                model, Array(windows[start..<min(start + batch, windows.count)]),
                choices: &choices, &sums)
        }
        return sums
    }
}

extension Tensor {
    /// Rows of one length as an int32 tensor `[rows, length]`.
    init(rows: [[Int32]]) {
        self.init(rows.flatMap { $0 }, shape: [rows.count, rows.first?.count ?? 0])
    }

    /// Some rows of `[…, D]`, counted over all outer dimensions: `[places, D]`.
    func rows(at places: [Int32]) -> Tensor {
        reshaped([-1, shape[-1]]).embedding(Tensor(places))
    }
}

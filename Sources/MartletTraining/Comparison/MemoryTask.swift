public import MartletTensor

/// A task that only a network which remembers can do; its sequences are made as they are needed, of any length.
public enum MemoryTask: String, Sendable, Codable, CaseIterable {
    /// The sum of two marked numbers among many (Hochreiter & Schmidhuber 1997, here as in Le et al. 2015).
    ///
    /// Each step has a number from 0 to 1 and a mark; one number of the first half and one of the second are marked. The
    /// answer at the end is their sum, right within 0.04.
    case adding
    /// Ten symbols, a delay, then the same ten again (Hochreiter & Schmidhuber 1997, here as in Arjovsky et al. 2016).
    ///
    /// Ten of eight symbols, as many blanks as the length says, the last of them a sign to begin, then ten blanks during
    /// which the symbols are to be said. The loss is of these ten steps alone.
    case copying
    /// Whether a sequence of bits has an odd number of ones; one bit more or less turns the answer round.
    case parity

    /// The symbols of ``copying``.
    static let symbols = 8
    /// How many of them are to be remembered.
    static let remembered = 10
    /// How far from the sum an answer to ``adding`` may be.
    static let tolerance = 0.04

    /// The width D of an input vector.
    public var inputSize: Int {
        switch self {
        case .adding: 2  // the number, the mark
        case .copying: Self.symbols + 2  // one for each symbol, for a blank and for the sign
        case .parity: 1  // −1 or 1
        }
    }

    /// The width of an answer: a number, scores of symbols, or the log-odds of odd.
    public var outputSize: Int { self == .copying ? Self.symbols : 1 }

    /// How many steps at the end of a sequence are answers.
    public var answerCount: Int { self == .copying ? Self.remembered : 1 }

    /// The shortest length that makes sense.
    public var shortestLength: Int { self == .adding ? 2 : 1 }

    /// The steps T of a sequence of that length.
    public func steps(length: Int) -> Int {
        self == .copying ? length + 2 * Self.remembered : length
    }

    /// The success of one who remembers nothing.
    public var chance: Double {
        switch self {
        // Always 1: the sum of two has the density 1 − |s − 1| around it.
        case .adding: 2 * Self.tolerance - Self.tolerance * Self.tolerance
        case .copying: 1 / Double(Self.symbols)
        case .parity: 0.5
        }
    }

    /// Sequences that follow from the random numbers.
    ///
    /// - Parameters:
    ///   - count: the number of sequences B.
    ///   - length: numbers, blanks or bits; at least ``shortestLength``.
    public func batch(
        _ count: Int, length: Int, using random: inout RandomGenerator
    ) -> MemoryBatch {
        precondition(
            count > 0 && length >= shortestLength,
            "\(rawValue): \(count) sequences of length \(length)")
        return switch self {
        case .adding: Self.adding(count, length, &random)
        case .copying: Self.copying(count, length, &random)
        case .parity: Self.parity(count, length, &random)
        }
    }

    private static func adding(
        _ count: Int, _ length: Int, _ random: inout RandomGenerator
    ) -> MemoryBatch {
        let numbers = random.uniform([count, length]).scalars(as: Float.self)
        var inputs = [Float](repeating: 0, count: count * length * 2)
        var sums = [Float](repeating: 0, count: count)
        for place in numbers.indices { inputs[2 * place] = numbers[place] }
        for row in 0..<count {
            let half = length / 2
            for mark in [
                random.integer(below: half), half + random.integer(below: length - half),
            ] {
                let place = row * length + mark
                inputs[2 * place + 1] = 1
                sums[row] += numbers[place]
            }
        }
        return MemoryBatch(
            inputs: Tensor(inputs, shape: [count, length, 2]),
            targets: Tensor(sums, shape: [count, 1]))
    }

    private static func copying(
        _ count: Int, _ length: Int, _ random: inout RandomGenerator
    ) -> MemoryBatch {
        let steps = length + 2 * remembered
        let (width, blank, sign) = (symbols + 2, symbols, symbols + 1)
        let chosen = random.integers([count, remembered], in: 0..<Int64(symbols))
            .scalars(as: Int64.self)
        var inputs = [Float](repeating: 0, count: count * steps * width)
        for row in 0..<count {
            for step in 0..<steps {
                let symbol =
                    step < remembered
                    ? Int(chosen[row * remembered + step])
                    : step == remembered + length - 1 ? sign : blank
                inputs[(row * steps + step) * width + symbol] = 1
            }
        }
        return MemoryBatch(
            inputs: Tensor(inputs, shape: [count, steps, width]),
            targets: Tensor(chosen.map(Int32.init), shape: [count, remembered]))
    }

    private static func parity(
        _ count: Int, _ length: Int, _ random: inout RandomGenerator
    ) -> MemoryBatch {
        let bits = random.integers([count, length], in: 0..<2).scalars(as: Int64.self)
        let odd = (0..<count).map { row in
            Float(bits[row * length..<(row + 1) * length].reduce(0, ^))
        }
        return MemoryBatch(
            inputs: Tensor(bits.map { Float(2 * $0 - 1) }, shape: [count, length, 1]),
            targets: Tensor(odd, shape: [count, 1]))
    }

    /// What is to be made small: the mean squared error, or the mean cross-entropy of the answers.
    ///
    /// - Parameter answers: `[B, answerCount, outputSize]`.
    public func loss(_ answers: Tensor, _ batch: MemoryBatch) -> Tensor {
        switch self {
        case .adding: answers.squeezed(axis: 2).meanSquaredError(batch.targets)
        case .copying: answers.softmaxCrossEntropy(batch.targets)
        case .parity: answers.squeezed(axis: 2).binaryCrossEntropyWithLogits(batch.targets)
        }
    }

    /// The share of right answers, 0 … 1.
    ///
    /// - Parameter answers: `[B, answerCount, outputSize]`.
    public func success(_ answers: Tensor, _ batch: MemoryBatch) -> Double {
        let right: Int
        switch self {
        case .adding:
            right = zip(
                answers.scalars(as: Float.self), batch.targets.scalars(as: Float.self)
            ).count { abs(Double($0) - Double($1)) < Self.tolerance }
        case .copying:
            right = zip(
                answers.argmax(axis: 2).scalars(as: Int32.self),
                batch.targets.scalars(as: Int32.self)
            ).count { $0 == $1 }
        case .parity:
            right = zip(
                answers.scalars(as: Float.self), batch.targets.scalars(as: Float.self)
            ).count { ($0 > 0) == ($1 > 0.5) }
        }
        return Double(right) / Double(batch.targets.count)
    }
}

/// Sequences of a ``MemoryTask`` with what is to be answered.
public struct MemoryBatch: Sendable {
    /// `[B, T, D]`.
    public var inputs: Tensor
    /// `[B, answers]`: sums or 0 and 1 for parity as float32, symbols as int32.
    public var targets: Tensor
}

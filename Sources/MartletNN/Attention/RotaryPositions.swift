import Foundation
public import MartletTensor

/// Rotary positions: pairs of a head's numbers turned by an angle that grows with the position.
///
/// ```text
/// θ_i = base^(−2i / K)                                  i = 0 ..< K/2, for heads of width K
/// (x_i, x_{i + K/2}) turned by p θ_i at position p
/// ```
///
/// Su et al. 2021, "RoFormer". The product of a turned query and a turned key depends on their distance alone. ``Scaling``
/// has the ways to reach further than a model was trained for.
public struct RotaryPositions: Sendable, Equatable {
    /// How frequencies are changed for longer contexts.
    public enum Scaling: Sendable, Equatable {
        /// As they are.
        case none
        /// Positions divided by a factor (Chen et al. 2023, "Extending Context Window …").
        case linear(factor: Double)
        /// A base that grows with the length once that exceeds the one trained for ("NTK-aware", dynamic).
        case dynamic(factor: Double, trained: Int)
        /// Slow frequencies divided by the factor, fast ones kept, a ramp between (Peng et al. 2023, "YaRN").
        case yarn(
            factor: Double, trained: Int, fast: Double, slow: Double, attention: Double?,
            isTruncated: Bool)
        /// Each frequency divided by a factor of its own: by others in texts longer than trained for (Ding et al. 2024, "LongRoPE").
        case long(short: [Double], long: [Double], trained: Int, attention: Double)
        /// The same idea by wavelengths, as in Llama 3.
        case llama3(factor: Double, low: Double, high: Double, trained: Int)
    }

    /// The numbers of a head that are turned, from the first.
    public var width: Int
    /// The base of the frequencies.
    public var base: Double
    /// How they are changed.
    public var scaling: Scaling

    /// Positions of heads of that width.
    public init(width: Int, base: Double = 10_000, scaling: Scaling = .none) {
        self.width = width
        self.base = base
        self.scaling = scaling
    }

    /// What turned queries and keys are multiplied with.
    public var magnitude: Double {
        switch scaling {
        case .yarn(let factor, _, _, _, let attention, _):
            return attention ?? (factor <= 1 ? 1 : 0.1 * log(factor) + 1)
        case .long(_, _, _, let attention): return attention
        case .none, .linear, .dynamic, .llama3: return 1
        }
    }

    /// The angles θ_i of one step, `[K/2]`, where `length` positions are read.
    public func frequencies(length: Int) -> [Double] {
        switch scaling {
        case .none: return plain(base: base)
        case .linear(let factor): return plain(base: base).map { $0 / factor }
        case .dynamic(let factor, let trained):
            let ratio = Double(max(length, trained)) / Double(trained)
            let grown =
                base
                * pow(
                    factor * ratio - (factor - 1), Double(width) / Double(width - 2))
            return plain(base: grown)
        case .yarn(let factor, let trained, let fast, let slow, _, let isTruncated):
            return yarn(factor, trained, fast, slow, isTruncated)
        case .long(let short, let long, let trained, _):
            let factors = length > trained ? long : short
            precondition(
                factors.count == width / 2,
                "rotary positions: \(factors.count) factors, heads of \(width)")
            return zip(plain(base: base), factors).map { $0 / $1 }
        case .llama3(let factor, let low, let high, let trained):
            return plain(base: base).map { frequency in
                let waves = Double(trained) * frequency / (2 * .pi)
                // Below `low` waves in the trained length a frequency was never seen whole.
                let share = min(max((waves - low) / (high - low), 0), 1)
                return (1 - share) * frequency / factor + share * frequency
            }
        }
    }

    /// Queries or keys `[B, T, N, K]` (or `[T, N, K]`), turned for their positions.
    ///
    /// - Parameters:
    ///   - positions: int32 `[T]`, or `[B, T]`.
    ///   - length: the positions that are read in all, for a ``Scaling`` that depends on it.
    public func callAsFunction(_ x: Tensor, positions: Tensor, length: Int) -> Tensor {
        x.rotated(
            positions: positions,
            inverseFrequencies: Tensor(frequencies(length: length).map { Float($0) }),
            scale: Float(magnitude))
    }

    private func plain(base: Double) -> [Double] {
        (0..<width / 2).map { pow(base, -2 * Double($0) / Double(width)) }
    }

    private func yarn(
        _ factor: Double, _ trained: Int, _ fast: Double, _ slow: Double, _ isTruncated: Bool
    ) -> [Double] {
        /// The place in the list of the frequency that turns so often in the trained length.
        func place(turns: Double) -> Double {
            Double(width) * log(Double(trained) / (turns * 2 * .pi)) / (2 * log(base))
        }
        var (low, high) = (place(turns: fast), place(turns: slow))
        if isTruncated { (low, high) = (low.rounded(.down), high.rounded(.up)) }
        low = max(low, 0)
        high = min(high, Double(width - 1))
        if low == high { high += 0.001 }
        return plain(base: base).enumerated().map { place, frequency in
            let share = min(max((Double(place) - low) / (high - low), 0), 1)
            return share * frequency / factor + (1 - share) * frequency
        }
    }
}

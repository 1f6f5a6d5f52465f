#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Audio of one sample rate as audio of another, part by part.
///
/// Each output sample is the sum of the inputs around its time, weighted by a sinc under a Kaiser window (Kaiser 1974;
/// Crochiere & Rabiner 1983): 64 zero crossings on each side, at the lower of the two rates. With f that rate's half, it
/// keeps 0 … 0.9 f (within 0.01 dB) and takes away what is above f, at least 90 dB. There is no delay: output n is
/// the audio at the time n / `to`. However a recording is cut into parts, the output has the same bits.
///
/// ```text
/// y[n] = Σ_j x[j] · h(j − n · M / L)        L / M = to / from in lowest terms;  n · M / L = whole + phase / L
/// h(t) = c · sinc(c t) · kaiser(c t / 64)   c: the cutoff, in parts of the input's half rate
/// ```
public struct Resampler: Sendable {
    /// The rates that can be read and written.
    public static let rates = 1000...768_000
    /// Zero crossings of the sinc on each side.
    private static let crossings = 64.0
    /// The window's shape, for 90 dB.
    private static let beta = 8.96
    /// The middle of the slope, in parts of the lower half rate.
    private static let middle = 0.955

    /// Samples a second of the input.
    public let from: Int
    /// Samples a second of the output.
    public let to: Int
    private let (L, M): (Int, Int)
    private let cutoff: Double
    /// Inputs on each side of an output.
    private let reach: Int
    /// The weights of each phase that has occurred; the inputs' count is a multiple of 8.
    private var weights: [[Float]?]
    /// The inputs that are still needed; the first one is at `first`.
    private var inputs: [Float]
    private var first: Int
    private var received = 0
    private var written = 0

    /// A resampler at the start of a recording; both rates are in ``rates``.
    public init(from: Int, to: Int) {
        precondition(
            Self.rates.contains(from) && Self.rates.contains(to), "resampler: \(from) to \(to) Hz")
        self.from = from
        self.to = to
        var (a, b) = (from, to)
        while b != 0 { (a, b) = (b, a % b) }
        (L, M) = (to / a, from / a)
        cutoff = Self.middle * min(1, Double(to) / Double(from))
        reach = Int((Self.crossings / cutoff).rounded(.up))
        weights = Array(repeating: nil, count: from == to ? 0 : L)
        // Silence before the first sample.
        first = -reach
        inputs = Array(repeating: 0, count: from == to ? 0 : reach)
    }

    /// The inputs that an output is made of, a multiple of 8.
    private var span: Int { (2 * reach + 2 + 7) / 8 * 8 }

    /// The outputs that the inputs so far determine.
    public mutating func add(_ samples: [Float]) -> [Float] {
        if from == to { return samples }
        inputs += samples
        received += samples.count
        return outputs(until: .max)
    }

    /// The last outputs, with silence after the last sample: all together there are ⌈inputs · to / from⌉.
    public mutating func finish() -> [Float] {
        if from == to { return [] }
        inputs += [Float](repeating: 0, count: span)
        let total = (received * L + M - 1) / M
        let last = outputs(until: total)
        self = Resampler(from: from, to: to)
        return last
    }

    private mutating func outputs(until total: Int) -> [Float] {
        var result: [Float] = []
        let span = span
        let end = first + inputs.count
        while written < total {
            let start = written * M / L - reach
            if start + span > end { break }
            let phase = written * M % L
            let row = weights[phase] ?? row(phase)
            if weights[phase] == nil { weights[phase] = row }
            result.append(Self.product(row, inputs, start - first))
            written += 1
        }
        let unused = min(written * M / L - reach - first, inputs.count)
        if unused > 0 {
            inputs.removeFirst(unused)
            first += unused
        }
        return result
    }

    /// The weights of the inputs around an output that is `phase` / L after one of them.
    private func row(_ phase: Int) -> [Float] {
        let offset = Double(phase) / Double(L)
        let exact = (0..<span).map { kernel(Double($0 - reach) - offset) }
        // Exactly 1 for a constant, whatever the phase.
        let sum = exact.reduce(0, +)
        return exact.map { Float($0 / sum) }
    }

    private func kernel(_ time: Double) -> Double {
        let t = time * cutoff
        guard abs(t) < Self.crossings else { return 0 }
        let sinc = t == 0 ? 1 : sin(.pi * t) / (.pi * t)
        let edge = t / Self.crossings
        return sinc * Self.bessel(Self.beta * (1 - edge * edge).squareRoot())
    }

    /// The modified Bessel function of order 0: Σ ((x / 2)^k / k!)².
    private static func bessel(_ x: Double) -> Double {
        var (sum, term, k) = (1.0, 1.0, 1.0)
        while term > 1e-17 * sum {
            term *= (x / (2 * k)) * (x / (2 * k))
            sum += term
            k += 1
        }
        return sum
    }

    /// Σ weights[i] · inputs[start + i], eight sums side by side.
    private static func product(_ weights: [Float], _ inputs: [Float], _ start: Int) -> Float {
        precondition(start >= 0 && start + weights.count <= inputs.count)
        return weights.withUnsafeBytes { weights in
            inputs.withUnsafeBytes { inputs in
                var sum = SIMD8<Float>()
                for place in stride(from: 0, to: weights.count, by: 32) {
                    sum +=
                        weights.loadUnaligned(fromByteOffset: place, as: SIMD8<Float>.self)
                        * inputs.loadUnaligned(
                            fromByteOffset: start * 4 + place, as: SIMD8<Float>.self)
                }
                return sum.sum()
            }
        }
    }
}

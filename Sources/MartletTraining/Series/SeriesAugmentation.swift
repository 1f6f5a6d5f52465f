import MartletData
import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How the series of a batch are changed in training, each anew at every step: what a gesture stays when it is made faster,
/// larger, less steadily, or cut out less exactly.
public struct SeriesAugmentation: Codable, Sendable, Equatable {
    /// How uneven time runs: the deviation of the logarithm of the speed, of the whole and along it; 0: it is not changed.
    public var warp = 0.1
    /// The largest share of the steps that is cut off.
    public var crop = 0.1
    /// The deviation of the logarithm of a channel's size around its mean; 0: it is not changed.
    public var scale = 0.1
    /// The deviation of noise added to each value, in deviations of its channel; 0: there is none.
    public var jitter = 0.05

    /// The defaults.
    public init() {}

    /// The places where the speed changes; between them it goes over evenly.
    private static let knots = 5
    /// The fewest steps that are left.
    private static let shortest = 4

    /// A series' values `[T', D]`, changed; nil random numbers leave them as they are.
    func applied(
        to item: SeriesCase, means: [Double], deviations: [Double],
        _ random: inout RandomGenerator?
    ) -> (values: [Double], length: Int) {
        guard random != nil else { return (item.values, item.length) }
        let width = item.channels
        var (values, length) = (item.values, item.length)
        if crop > 0, length > Self.shortest {
            let kept = Double(length) * (1 - crop * random!.fraction())
            let count = min(length, max(Self.shortest, Int(kept.rounded())))
            let start = random!.integer(below: length - count + 1)
            values = Array(values[start * width..<(start + count) * width])
            length = count
        }
        if warp > 0, length > 1 {
            (values, length) = warped(values, length, width, &random!)
        }
        for channel in 0..<width {
            let size = scale > 0 ? exp(scale * random!.normal()) : 1
            let mean = means[channel]
            for step in 0..<length {
                let place = step * width + channel
                if scale > 0 { values[place] = mean + (values[place] - mean) * size }
                if jitter > 0 { values[place] += jitter * deviations[channel] * random!.normal() }
            }
        }
        return (values, length)
    }

    /// The series read at another speed, which changes smoothly; values between two steps lie on the line between them.
    private func warped(
        _ values: [Double], _ length: Int, _ width: Int, _ random: inout RandomGenerator
    ) -> ([Double], Int) {
        let whole = Double(length) * exp(warp * random.normal())
        let count = min(max(2, Int(whole.rounded())), 4 * length)
        let speeds = (0..<Self.knots).map { _ in exp(warp * random.normal()) }
        var places = [0.0]
        for step in 1..<count {
            let along = Double(step) / Double(count - 1) * Double(Self.knots - 1)
            let knot = min(Int(along), Self.knots - 2)
            let share = along - Double(knot)
            places.append(
                places[step - 1] + speeds[knot] * (1 - share) + speeds[knot + 1] * share)
        }
        let stretch = Double(length - 1) / places[count - 1]
        var result: [Double] = []
        result.reserveCapacity(count * width)
        for place in places {
            let position = min(place * stretch, Double(length - 1))
            let step = min(Int(position), length - 2)
            let share = position - Double(step)
            for channel in 0..<width {
                let before = values[step * width + channel]
                result.append(before + (values[(step + 1) * width + channel] - before) * share)
            }
        }
        return (result, count)
    }
}

extension RandomGenerator {
    /// A normally distributed number (Box & Muller 1958).
    fileprivate mutating func normal() -> Double {
        let (first, second) = (1 - fraction(), fraction())
        return (-2 * log(first)).squareRoot() * cos(2 * Double.pi * second)
    }
}

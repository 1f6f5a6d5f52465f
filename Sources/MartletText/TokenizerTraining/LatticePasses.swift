#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The forward and the backward pass through the graph of one word, with memory that serves for the next.
///
///     α_0 = 1,  α_j = Σ α_i p(piece i…j);   β_n = 1,  β_i = Σ p(piece i…j) β_j;   Z = α_n
///     expected(piece) += count · α_i p β_j / Z
///
/// Where a value gets small it is scaled to 1 with all that are not finished; the logarithms of the scales are kept.
struct LatticePasses {
    private var forward: [Double] = []
    private var backward: [Double] = []
    private var forwardLogs: [Double] = []
    private var backwardLogs: [Double] = []

    /// Below this a value is scaled.
    private static let small = 1e-120

    /// Adds what is expected of one word to `sums`; the logarithm of the word's probability.
    mutating func run(
        start: Int, length: Int, count: Double, edges: [UInt32], edgeStarts: [Int],
        lengths: [UInt8], probabilities: [Double],
        into sums: UnsafeMutableBufferPointer<Double>
    ) -> Double {
        if forward.count <= length {
            forward = Array(repeating: 0, count: length * 2 + 64)
            backward = forward
            forwardLogs = forward
            backwardLogs = forward
        }
        for place in 0...length { forward[place] = 0 }
        forward[0] = 1
        var scale = 0.0
        for place in 0..<length {
            if forward[place] < Self.small, forward[place] > 0 {
                let factor = 1 / forward[place]
                scale -= log(factor)
                for later in place...min(length, place + 64) { forward[later] *= factor }
            }
            forwardLogs[place] = scale
            let value = forward[place]
            for edge in edgeStarts[start + place]..<edgeStarts[start + place + 1] {
                let piece = Int(edges[edge])
                forward[place + Int(lengths[piece])] += value * probabilities[piece]
            }
        }
        let logTotal = log(forward[length]) + scale
        backward[length] = 1
        backwardLogs[length] = 0
        scale = 0
        let isScaled = forwardLogs[max(0, length - 1)] != 0 || forward[length] < Self.small
        let inverse = count / forward[length]
        for place in stride(from: length - 1, through: 0, by: -1) {
            var sum = 0.0
            let value = forward[place]
            for edge in edgeStarts[start + place]..<edgeStarts[start + place + 1] {
                let piece = Int(edges[edge])
                let end = place + Int(lengths[piece])
                var later = backward[end]
                if isScaled { later *= exp(backwardLogs[end] - scale) }
                let product = probabilities[piece] * later
                sum += product
                if isScaled {
                    sums[piece] +=
                        count * value * product * exp(forwardLogs[place] + scale - logTotal)
                } else {
                    sums[piece] += value * product * inverse
                }
            }
            if isScaled, sum < Self.small, sum > 0 {
                scale += log(sum)
                sum = 1
            }
            backward[place] = sum
            backwardLogs[place] = scale
        }
        return logTotal
    }
}

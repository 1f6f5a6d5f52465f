public import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How one of many scored tokens is chosen.
///
/// ```text
/// p = softmax(scores / temperature)       temperature 0: the highest score
/// keep the k most probable                (top-k, Fan et al. 2018)
/// of these the fewest that have the share P of their sum   (top-p or nucleus, Holtzman et al. 2020)
/// draw one of those by p
/// ```
public struct Sampler: Sendable, Equatable {
    /// Below 1: likelier tokens still likelier; above: the reverse; 0: always the likeliest.
    public var temperature: Double
    /// How many of the likeliest may be chosen; nil: all.
    public var topK: Int?
    /// The share of probability, of what ``topK`` leaves, from which is chosen; 1: all.
    public var topP: Double

    /// A way to choose.
    public init(temperature: Double = 1, topK: Int? = nil, topP: Double = 1) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if !(temperature >= 0 && temperature.isFinite) {
            return
                "--temperature is \(temperature): expected 0 (always the likeliest token) or a number above 0"
        }
        if let topK, topK < 1 { return "--top-k is \(topK): expected at least 1" }
        if !(topP > 0 && topP <= 1) { return "--top-p is \(topP): expected more than 0, at most 1" }
        return nil
    }

    /// The place of the chosen one of some scores; of equal ones at the edge of top-k and top-p the earlier.
    ///
    /// A score of −∞ is never chosen, if there is another.
    public func choose(_ scores: [Float], using random: inout RandomGenerator) -> Int {
        precondition(!scores.isEmpty, "a choice among no scores")
        let best = scores.indices.max { scores[$0] < scores[$1] }!
        guard temperature > 0 else { return best }
        let highest = Double(scores[best])
        var weights = scores.map { exp((Double($0) - highest) / temperature) }
        if (topK ?? weights.count) < weights.count || topP < 1 {
            let order = weights.indices.sorted {
                weights[$0] != weights[$1] ? weights[$0] > weights[$1] : $0 < $1
            }
            let total = order.prefix(topK ?? weights.count).reduce(0.0) { $0 + weights[$1] }
            var kept = [Double](repeating: 0, count: weights.count)
            var sum = 0.0
            for place in order.prefix(topK ?? weights.count) {
                kept[place] = weights[place]
                sum += weights[place]
                if sum >= topP * total { break }
            }
            weights = kept
        }
        var rest = random.fraction() * weights.reduce(0, +)
        var chosen = best
        for place in weights.indices where weights[place] > 0 {
            chosen = place
            rest -= weights[place]
            if rest < 0 { break }
        }
        return chosen
    }
}

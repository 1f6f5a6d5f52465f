/// How sure a score is: by corpora of as many segments, drawn at random out of the segments there are (Koehn 2004).
///
/// The same seed gives the same corpora, on every machine and for every metric.
public struct Bootstrap: Sendable, Hashable, Codable {
    /// How many corpora are drawn.
    public let resamples: Int
    /// What the draws follow from.
    public let seed: UInt64

    /// So many corpora, at least one, from a seed.
    public init(resamples: Int = 1000, seed: UInt64 = 12345) {
        precondition(resamples > 0, "bootstrap of \(resamples) resamples")
        self.resamples = resamples
        self.seed = seed
    }

    /// Where a metric's score lies, 95 times of 100.
    public func interval(
        of metric: some TextMetric, _ statistics: SegmentStatistics
    ) -> ConfidenceInterval {
        ConfidenceInterval(scores(of: metric, statistics))
    }

    /// Whether a system is better or worse than a baseline on the same segments, or only by chance.
    ///
    /// Throws ``ScoringError/unequalSystems(baseline:system:)``.
    public func compare(
        _ metric: some TextMetric, baseline: SegmentStatistics, system: SegmentStatistics
    ) throws(ScoringError) -> PairedComparison {
        guard baseline.count == system.count else {
            throw .unequalSystems(baseline: baseline.count, system: system.count)
        }
        return PairedComparison(
            baseline: metric.score(baseline.sum).value, system: metric.score(system.sum).value,
            baselineScores: scores(of: metric, baseline), systemScores: scores(of: metric, system))
    }

    /// The scores of the corpora.
    func scores(of metric: some TextMetric, _ statistics: SegmentStatistics) -> [Double] {
        let count = statistics.count
        precondition(count > 0, "bootstrap of no segments")
        var random = SplitMix64(seed: seed)
        var times = [UInt32](repeating: 0, count: count)
        return (0..<resamples).map { _ in
            for index in times.indices { times[index] = 0 }
            for _ in 0..<count { times[random.index(below: count)] += 1 }
            return metric.score(statistics.sum(times: times)).value
        }
    }
}

/// A mean score of resampled corpora, and where the middle 95 % of them lie.
public struct ConfidenceInterval: Sendable, Codable, Equatable {
    /// The mean.
    public var mean: Double
    /// The lower end.
    public var lower: Double
    /// The upper end.
    public var upper: Double
    /// Half of the interval's length: sacreBLEU's ±.
    public var halfWidth: Double { (upper - lower) / 2 }

    /// The interval of scores, of which there is at least one: one in 40 is left out at either end, as in sacreBLEU.
    init(_ scores: [Double]) {
        let sorted = scores.sorted()
        let outside = sorted.count / 40
        mean = sorted.reduce(0, +) / Double(sorted.count)
        lower = sorted[outside]
        upper = sorted[sorted.count - 1 - outside]
    }
}

/// Two systems on the same segments: how far apart they are, and how likely they are so by chance.
public struct PairedComparison: Sendable, Codable, Equatable {
    /// The baseline's score.
    public var baseline: Double
    /// The system's score.
    public var system: Double
    /// Where the baseline's score lies.
    public var baselineInterval: ConfidenceInterval
    /// Where the system's score lies.
    public var systemInterval: ConfidenceInterval
    /// Where the system's score less the baseline's lies.
    public var differenceInterval: ConfidenceInterval
    /// How probable it is that systems as good as each other come out at least so far apart, either way round, as sacreBLEU's
    /// paired bootstrap has it: never 0. It is 1 where no drawn corpus sets them apart, as of a system against itself
    /// (there sacreBLEU gives its least value).
    public var pValue: Double
    /// The system's score less the baseline's.
    public var difference: Double { system - baseline }

    private enum CodingKeys: String, CodingKey {
        case baseline, system
        case baselineInterval = "baseline_95"
        case systemInterval = "system_95"
        case differenceInterval = "difference_95"
        case pValue = "p_value"
    }

    /// The comparison of two scores, by those of the same resampled corpora.
    init(baseline: Double, system: Double, baselineScores: [Double], systemScores: [Double]) {
        self.baseline = baseline
        self.system = system
        baselineInterval = ConfidenceInterval(baselineScores)
        systemInterval = ConfidenceInterval(systemScores)
        let differences = zip(systemScores, baselineScores).map { $0 - $1 }
        differenceInterval = ConfidenceInterval(differences)
        let distances = differences.map { abs($0) }
        let mean = distances.reduce(0, +) / Double(distances.count)
        let beyond = distances.count { $0 - mean > abs(system - baseline) }
        let areSame = system == baseline && distances.allSatisfy { $0 == 0 }
        pValue = areSame ? 1 : Double(beyond + 1) / Double(distances.count + 1)
    }
}

/// Always answers the label that training had most of; of equal ones, the first.
public struct MajorityBaseline: Sendable {
    /// The answer.
    public let label: Int

    /// The baseline of these examples.
    public init(training: [TextExample], labelCount: Int) {
        var counts = [Int](repeating: 0, count: max(1, labelCount))
        for example in training { counts[example.label] += 1 }
        label = counts.indices.max { (counts[$0], -$0) < (counts[$1], -$1) } ?? 0
    }
}

/// Texts to be judged, the hypotheses, each with the references that it should be like.
public struct ParallelTexts: Sendable, Equatable {
    /// The texts to be judged.
    public let hypotheses: [String]
    /// The references of each hypothesis, one or more.
    public let references: [[String]]

    /// Hypotheses with the references of each.
    ///
    /// - Parameter allowsEmptyReferences: whether a reference may be empty or white space: the right answer is then to say
    ///   nothing. Otherwise it is an error, as it is most often a line that went missing.
    public init(
        hypotheses: [String], references: [[String]], allowsEmptyReferences: Bool = false
    ) throws(ScoringError) {
        guard hypotheses.count == references.count else {
            throw .unequalCounts(
                hypotheses: hypotheses.count, references: references.count, set: 1)
        }
        guard !hypotheses.isEmpty else { throw .noSegments }
        for (index, own) in references.enumerated() {
            if own.isEmpty { throw .noReference(line: index + 1) }
            guard !allowsEmptyReferences else { continue }
            for (set, text) in own.enumerated() where ScalarText(text).isBlank {
                throw .emptyReference(line: index + 1, set: set + 1)
            }
        }
        self.hypotheses = hypotheses
        self.references = references
    }

    /// Hypotheses with sets of references, such as files: each set has one reference for every hypothesis, in the same order.
    public init(
        hypotheses: [String], referenceSets: [[String]], allowsEmptyReferences: Bool = false
    ) throws(ScoringError) {
        for (index, set) in referenceSets.enumerated() where set.count != hypotheses.count {
            throw .unequalCounts(
                hypotheses: hypotheses.count, references: set.count, set: index + 1)
        }
        try self.init(
            hypotheses: hypotheses,
            references: hypotheses.indices.map { line in referenceSets.map { $0[line] } },
            allowsEmptyReferences: allowsEmptyReferences)
    }

    /// The number of hypotheses.
    public var count: Int { hypotheses.count }

    /// How many references a hypothesis has; nil where some have more than others.
    public var referenceCount: Int? {
        let counts = Set(references.map(\.count))
        return counts.count == 1 ? counts.first : nil
    }
}

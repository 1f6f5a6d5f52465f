/// Why texts cannot be scored. Lines are counted from 1.
public enum ScoringError: Error, Equatable, CustomStringConvertible {
    /// There is nothing to score.
    case noSegments
    /// There are not as many references as hypotheses; `set` is which of several sets of references it is, from 1.
    case unequalCounts(hypotheses: Int, references: Int, set: Int)
    /// A line has no reference at all.
    case noReference(line: Int)
    /// A reference has nothing but white space; `set` is which of the line's references it is, from 1.
    case emptyReference(line: Int, set: Int)
    /// Two systems that are to be compared have answered different numbers of lines.
    case unequalSystems(baseline: Int, system: Int)

    /// What is wrong where, and what to do.
    public var description: String {
        switch self {
        case .noSegments:
            "there are no segments to score; give at least one hypothesis and its reference"
        case .unequalCounts(let hypotheses, let references, let set):
            "there are \(hypotheses) hypotheses, but set \(set) of the references has \(references); "
                + "give one reference a hypothesis, in the same order"
        case .noReference(let line):
            "line \(line): no reference; give at least one, or leave the line out of the hypotheses too"
        case .emptyReference(let line, let set):
            "line \(line): reference \(set) is empty; fill it in, leave the line out of all files, "
                + "or allow empty references"
        case .unequalSystems(let baseline, let system):
            "the baseline has \(baseline) segments and the system \(system); "
                + "both must answer the same lines"
        }
    }
}

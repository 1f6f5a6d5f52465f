import MartletTestSupport

@testable import MartletText

/// The texts that were scored for `Tests/Golden/scores`.
struct ScoringCorpus {
    /// The answers of the two systems `a` and `b`.
    let systems: [String: [String]]
    /// The references of each segment.
    let references: [[String]]

    /// The texts of a golden case.
    init(of wanted: GoldenValue) throws {
        try self.init(wanted["corpus"].text)
    }

    /// The texts named `name`.
    init(_ name: String) throws {
        let texts = try golden("scores/texts")["corpora"][name]
        systems = ["a": texts["a"].list.map(\.text), "b": texts["b"].list.map(\.text)]
        references = texts["references"].list.map { $0.list.map(\.text) }
    }

    /// The texts of one system.
    func texts(_ system: String) throws -> ParallelTexts {
        try ParallelTexts(
            hypotheses: systems[system] ?? [], references: references, allowsEmptyReferences: true)
    }
}

/// Whether two numbers are the same but for rounding.
func isClose(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) <= 1e-12 * max(1, abs(a), abs(b))
}

/// Whether the numbers of two lists are the same but for rounding.
func areClose(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { isClose($0, $1) }
}

extension SplitMix64 {
    /// Some numbers below `count`.
    mutating func numbers(_ length: Int, below count: Int) -> [UInt32] {
        (0..<length).map { _ in UInt32(index(below: count)) }
    }
}

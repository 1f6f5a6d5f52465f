/// How well answers agree with the truth, all computed from the confusion matrix.
public struct ClassificationMetrics: Sendable, Codable, Equatable {
    /// The labels.
    public var labels: [String]
    /// How often a text of label `row` was answered with label `column`.
    public var confusion: [[Int]]

    /// The figures of answers; both arrays hold places in `labels`.
    public init(labels: [String], truth: [Int], answers: [Int]) {
        precondition(
            truth.count == answers.count, "\(answers.count) answers to \(truth.count) questions")
        self.labels = labels
        confusion = labels.map { _ in labels.map { _ in 0 } }
        for (row, column) in zip(truth, answers) { confusion[row][column] += 1 }
    }

    /// The figures of a confusion matrix.
    public init(labels: [String], confusion: [[Int]]) {
        self.labels = labels
        self.confusion = confusion
    }

    /// The number of texts.
    public var examples: Int { confusion.reduce(0) { $0 + $1.reduce(0, +) } }
    /// The number of right answers.
    public var correct: Int { labels.indices.reduce(0) { $0 + confusion[$1][$1] } }
    /// The share of right answers; 0 of none.
    public var accuracy: Double { Self.ratio(correct, examples) }
    /// The mean of the labels' F1.
    public var macroF1: Double {
        labels.isEmpty ? 0 : labels.indices.reduce(0) { $0 + f1($1) } / Double(labels.count)
    }
    /// The number of texts of a label.
    public func support(_ label: Int) -> Int { confusion[label].reduce(0, +) }
    /// Of the answers that say a label, the share that is right; 0 if none says it.
    public func precision(_ label: Int) -> Double {
        Self.ratio(confusion[label][label], confusion.reduce(0) { $0 + $1[label] })
    }
    /// Of the texts of a label, the share that is found; 0 if there is none.
    public func recall(_ label: Int) -> Double {
        Self.ratio(confusion[label][label], support(label))
    }
    /// The harmonic mean of precision and recall; 0 if both are.
    public func f1(_ label: Int) -> Double {
        let answered = confusion.reduce(0) { $0 + $1[label] }
        return Self.ratio(2 * confusion[label][label], support(label) + answered)
    }
    /// The 95 % interval of the accuracy (Wilson 1927).
    public var accuracyInterval: ClosedRange<Double> {
        guard examples > 0 else { return 0...1 }
        let (n, p, z) = (Double(examples), accuracy, 1.959_963_984_540_054)
        let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
        let reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, centre - reach)...min(1, centre + reach)
    }

    private static func ratio(_ part: Int, _ whole: Int) -> Double {
        whole == 0 ? 0 : Double(part) / Double(whole)
    }

    // MARK: JSON

    private enum CodingKeys: String, CodingKey {
        case labels, accuracy, examples, correct
        case confusion = "confusion_matrix"
        case macroF1 = "macro_f1"
        case accuracyInterval = "accuracy_95"
        case perLabel = "per_label"
    }

    private struct LabelFigures: Encodable {
        var label: String
        var precision: Double
        var recall: Double
        var f1: Double
        var support: Int
    }

    /// Reads the labels and the matrix; everything else follows from them.
    public init(from decoder: any Decoder) throws {
        let keys = try decoder.container(keyedBy: CodingKeys.self)
        labels = try keys.decode([String].self, forKey: .labels)
        confusion = try keys.decode([[Int]].self, forKey: .confusion)
        guard confusion.count == labels.count,
            confusion.allSatisfy({ $0.count == labels.count && $0.allSatisfy { $0 >= 0 } })
        else {
            throw DecodingError.dataCorruptedError(
                forKey: .confusion, in: keys,
                debugDescription: "expected \(labels.count) rows of \(labels.count) counts")
        }
    }

    /// Writes the matrix and all figures that follow from it.
    public func encode(to encoder: any Encoder) throws {
        var keys = encoder.container(keyedBy: CodingKeys.self)
        try keys.encode(labels, forKey: .labels)
        try keys.encode(confusion, forKey: .confusion)
        try keys.encode(examples, forKey: .examples)
        try keys.encode(correct, forKey: .correct)
        try keys.encode(accuracy, forKey: .accuracy)
        try keys.encode(
            [accuracyInterval.lowerBound, accuracyInterval.upperBound], forKey: .accuracyInterval)
        try keys.encode(macroF1, forKey: .macroF1)
        try keys.encode(
            labels.indices.map {
                LabelFigures(
                    label: labels[$0], precision: precision($0), recall: recall($0), f1: f1($0),
                    support: support($0))
            }, forKey: .perLabel)
    }
}

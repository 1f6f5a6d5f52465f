import Foundation
import MartletData
import Testing

@Suite struct ClassificationMetricsTests {
    /// Of 10 dogs 8 are found, of 5 cats 3, of 5 birds 5.
    private let animals = ClassificationMetrics(
        labels: ["dog", "cat", "bird"], confusion: [[8, 2, 0], [1, 3, 1], [0, 0, 5]])

    @Test func answersAreCountedByTruthAndAnswer() {
        let metrics = ClassificationMetrics(
            labels: ["no", "yes"], truth: [0, 0, 0, 1, 1], answers: [0, 1, 1, 1, 0])
        #expect(metrics.confusion == [[1, 2], [1, 1]])
        #expect(metrics.examples == 5 && metrics.correct == 2)
    }

    @Test func figuresAreThoseComputedByHand() {
        #expect(animals.examples == 20 && animals.correct == 16)
        #expect(animals.accuracy == 16.0 / 20)
        #expect((0..<3).map(animals.support) == [10, 5, 5])
        let precision: [Double] = [8 / 9, 3 / 5, 5 / 6]
        let recall: [Double] = [8 / 10, 3 / 5, 5 / 5]
        // 2 p r / (p + r)
        let f1: [Double] = [16 / 19, 6 / 10, 10 / 11]
        #expect((0..<3).map(animals.precision) == precision)
        #expect((0..<3).map(animals.recall) == recall)
        #expect((0..<3).map(animals.f1) == f1)
        #expect(abs(animals.macroF1 - f1.reduce(0, +) / 3) < 1e-15)
    }

    @Test func divisionsByZeroAreZero() {
        // Nobody says 1, nothing is 2, and 3 is neither.
        let metrics = ClassificationMetrics(
            labels: ["a", "b", "c", "d"],
            confusion: [[2, 0, 1, 0], [3, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
        let (precision, recall): (Double, Double) = (2 / 5, 2 / 3)
        #expect((0..<4).map(metrics.precision) == [precision, 0, 0, 0])
        #expect((0..<4).map(metrics.recall) == [recall, 0, 0, 0])
        #expect((0..<4).map(metrics.f1) == [0.5, 0, 0, 0])
        #expect(metrics.macroF1 == 0.5 / 4)
    }

    @Test func ofNoExamplesNothingIsKnown() {
        let none = ClassificationMetrics(labels: ["a", "b"], truth: [], answers: [])
        #expect(none.accuracy == 0 && none.macroF1 == 0 && none.examples == 0)
        #expect(none.accuracyInterval == 0...1)
        #expect(ClassificationMetrics(labels: [], truth: [], answers: []).macroF1 == 0)
    }

    /// The ends are where the normal test just fails: |p − a| = z √(p (1 − p) / n).
    @Test(arguments: [(1, 1), (0, 1), (5, 10), (8, 10), (0, 50), (50, 50), (850, 1000)])
    func theIntervalIsWilsons(correct: Int, count: Int) {
        let metrics = ClassificationMetrics(
            labels: ["a", "b"], confusion: [[correct, count - correct], [0, 0]])
        let (interval, share) = (metrics.accuracyInterval, metrics.accuracy)
        for end in [interval.lowerBound, interval.upperBound] {
            let error = (end * (1 - end) / Double(count)).squareRoot()
            #expect(abs(abs(end - share) - 1.959963984540054 * error) < 1e-9)
        }
        #expect(interval.contains(share) && interval.lowerBound < interval.upperBound)
        #expect(interval.lowerBound >= 0 && interval.upperBound <= 1)
    }

    /// R: prop.test(8, 10, correct = FALSE)$conf.int
    @Test func theIntervalOfEightOfTenIsThatOfR() {
        let metrics = ClassificationMetrics(labels: ["a", "b"], confusion: [[8, 2], [0, 0]])
        #expect(abs(metrics.accuracyInterval.lowerBound - 0.4901625) < 1e-7)
        #expect(abs(metrics.accuracyInterval.upperBound - 0.9433178) < 1e-7)
    }

    @Test func theFileHasAllFiguresAndComesBack() throws {
        let data = try JSONEncoder().encode(animals)
        #expect(try JSONDecoder().decode(ClassificationMetrics.self, from: data) == animals)
        struct File: Decodable {
            struct Label: Decodable {
                var label: String
                var precision, recall, f1: Double
                var support: Int
            }
            var accuracy, macroF1: Double
            var examples, correct: Int
            var confusionMatrix: [[Int]]
            var accuracy95: [Double]
            var perLabel: [Label]
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let file = try decoder.decode(File.self, from: data)
        #expect(file.accuracy == 0.8 && file.macroF1 == animals.macroF1)
        #expect(file.examples == 20 && file.correct == 16)
        #expect(file.confusionMatrix == animals.confusion)
        let interval = animals.accuracyInterval
        #expect(file.accuracy95 == [interval.lowerBound, interval.upperBound])
        #expect(file.perLabel.map(\.label) == animals.labels)
        #expect(file.perLabel.map(\.precision) == (0..<3).map(animals.precision))
        #expect(file.perLabel.map(\.recall) == (0..<3).map(animals.recall))
        #expect(file.perLabel.map(\.f1) == (0..<3).map(animals.f1))
        #expect(file.perLabel.map(\.support) == [10, 5, 5])
    }

    @Test(arguments: ["[[1,2]]", "[[1,2],[3]]", "[[1,2],[3,-4]]", "[]", "7", "[[1,2],[3,4],[5,6]]"])
    func aMatrixThatDoesNotFitTheLabelsIsRefused(matrix: String) {
        let json = "{\"labels\": [\"a\", \"b\"], \"confusion_matrix\": \(matrix)}"
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(ClassificationMetrics.self, from: Data(json.utf8))
        }
    }
}

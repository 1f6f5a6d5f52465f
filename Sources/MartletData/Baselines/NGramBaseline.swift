import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

func logarithm(_ value: Float) -> Float { log(value) }

/// Logistic regression on n-grams: the plain method that a network has to beat.
///
/// Features are as ``NGramFeatures`` says, weighted by rarity and scaled to length 1 (tf–idf with sublinear counts).
/// `p = softmax(W x + b)` is fitted by stochastic gradient descent with AdaGrad steps (Duchi et al. 2011) and a small
/// L2 penalty, in an order that depends on nothing but the number of examples.
public struct NGramBaseline: Sendable {
    private let features: NGramFeatures
    /// `[feature][label]`, row-major, then the offsets.
    private let weights: [Float]
    private let labelCount: Int

    /// What it is, in words.
    public var summary: String {
        "logistic regression on \(features.count) n-grams of "
            + (features.isCJK ? "1–3 characters" : "1–2 words")
    }

    /// Fits the weights to examples.
    public static func train(
        on examples: [TextExample], labelCount: Int, epochs: Int = 20, penalty: Float = 1e-4,
        rate: Float = 0.1
    ) -> NGramBaseline {
        let features = NGramFeatures(examples.map(\.text))
        let rows = examples.map { features.entries($0.text) }
        var weights = [Float](repeating: 0, count: (features.count + 1) * labelCount)
        var squares = [Float](repeating: 1e-2, count: weights.count)
        let offsets = features.count * labelCount
        var random = RandomGenerator(seed: 0)
        for _ in 0..<epochs {
            for index in random.permutation(rows.count) {
                let row = rows[index]
                var errors = probabilities(row, weights, labelCount, offsets)
                errors[examples[index].label] -= 1
                for label in 0..<labelCount {
                    func step(_ place: Int, _ gradient: Float) {
                        squares[place] += gradient * gradient
                        weights[place] -= rate * gradient / squares[place].squareRoot()
                    }
                    for entry in row {
                        let place = Int(entry.place) * labelCount + label
                        step(place, errors[label] * entry.weight + penalty * weights[place])
                    }
                    step(offsets + label, errors[label])
                }
            }
        }
        return NGramBaseline(features: features, weights: weights, labelCount: labelCount)
    }

    private init(features: NGramFeatures, weights: [Float], labelCount: Int) {
        self.features = features
        self.weights = weights
        self.labelCount = labelCount
    }

    /// The probability of each label.
    public func predict(_ text: String) -> [Double] {
        Self.probabilities(
            features.entries(text), weights, labelCount, features.count * labelCount
        ).map(Double.init)
    }

    private static func probabilities(
        _ row: [NGramFeatures.Entry], _ weights: [Float], _ labelCount: Int, _ offsets: Int
    ) -> [Float] {
        var scores = Array(weights[offsets..<offsets + labelCount])
        for entry in row {
            let start = Int(entry.place) * labelCount
            for label in 0..<labelCount { scores[label] += entry.weight * weights[start + label] }
        }
        let top = scores.max() ?? 0
        for label in 0..<labelCount { scores[label] = exp(scores[label] - top) }
        let sum = scores.reduce(0, +)
        for label in 0..<labelCount { scores[label] /= sum }
        return scores
    }
}

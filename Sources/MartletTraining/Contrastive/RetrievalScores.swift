import MartletTensor

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How well the targets of questions are found among those of all.
public struct RetrievalScores: Codable, Sendable, Equatable {
    /// The questions.
    public var questions: Int
    /// The different targets that each chooses from.
    public var candidates: Int
    /// The share of questions whose closest target is one of theirs.
    public var accuracy: Double
    /// The share with one of theirs among the five closest.
    public var topFive: Double
    /// The mean of 1 / the place of the first of theirs, from 1.
    public var reciprocalRank: Double
    /// The mean of −log p of the best of theirs, as the loss has it, among all candidates.
    public var loss: Double

    enum CodingKeys: String, CodingKey {
        case questions, candidates, accuracy, loss
        case topFive = "top_5"
        case reciprocalRank = "mean_reciprocal_rank"
    }

    /// The figures of vectors.
    ///
    /// - Parameters:
    ///   - questions: `[questions, D]`, each 1 long.
    ///   - candidates: `[candidates, D]`, each 1 long.
    ///   - right: the candidates that belong to each question, at least one.
    init(_ questions: Tensor, _ candidates: Tensor, right: [Set<Int>], temperature: Double) {
        let (count, width) = (questions.shape[0], candidates.shape[0])
        precondition(
            right.count == count && right.allSatisfy { !$0.isEmpty },
            "retrieval: \(count) questions, candidates of \(right.count), of each at least one")
        self.questions = count
        self.candidates = width
        (accuracy, topFive, reciprocalRank, loss) = (0, 0, 0, 0)
        for start in stride(from: 0, to: count, by: 256) {
            let rows = start..<min(start + 256, count)
            let products = questions.slice(axis: 0, rows).linear(weight: candidates)
                .scalars(as: Float.self)
            for (row, question) in rows.enumerated() {
                let scores = products[row * width..<(row + 1) * width]
                let own = right[question].map { scores[scores.startIndex + $0] }.max()!
                // Of equal ones the others come first, so that vectors that are all the same find nothing.
                let before = scores.enumerated().count {
                    $0.element >= own && !right[question].contains($0.offset)
                }
                accuracy += before == 0 ? 1 : 0
                topFive += before < 5 ? 1 : 0
                reciprocalRank += 1 / Double(before + 1)
                let highest = Double(scores.max()!)
                let sum = scores.reduce(0.0) { $0 + exp((Double($1) - highest) / temperature) }
                loss += log(sum) - (Double(own) - highest) / temperature
            }
        }
        let total = Double(max(count, 1))
        accuracy /= total
        topFive /= total
        reciprocalRank /= total
        loss /= total
    }
}

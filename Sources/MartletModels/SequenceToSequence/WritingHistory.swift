/// All that was written in a batch, step by step, each row with a pointer to the one it goes on from: nothing is copied
/// where hypotheses part.
struct WritingHistory {
    private struct Step {
        /// The row of the step before that each row goes on from.
        var parents: [Int]
        /// What each row has written last.
        var tokens: [Int32]
        /// How much each token that was read counted for what comes next, row by row; empty if nobody tells.
        var attention: [Float] = []
    }

    private var steps: [Step]

    /// Rows that have written nothing but the beginning.
    init(rows: Int, beginning: Int32) {
        steps = [
            Step(parents: [], tokens: [Int32](repeating: beginning, count: rows))
        ]
    }

    /// What each row has written last.
    var lastTokens: [Int32] { steps[steps.count - 1].tokens }

    /// Adds a step: the rows that are gone on from, and what each writes.
    mutating func append(parents: [Int], tokens: [Int32]) {
        steps.append(Step(parents: parents, tokens: tokens))
    }

    /// Keeps what the tokens that were read counted for what comes next, row by row.
    mutating func keep(attention: [Float]) { steps[steps.count - 1].attention = attention }

    /// What a row of a step has written, without the beginning.
    func tokens(step: Int, row: Int) -> [Int32] {
        var tokens = [Int32](repeating: 0, count: step)
        var row = row
        for place in stride(from: step, to: 0, by: -1) {
            tokens[place - 1] = steps[place].tokens[row]
            row = steps[place].parents[row]
        }
        return tokens
    }

    /// How much each of the first `length` tokens that were read counted for each token of a row; nil if nobody told.
    func attention(step: Int, row: Int, length: Int) -> [[Float]]? {
        guard !steps[0].attention.isEmpty else { return nil }
        var result = [[Float]](repeating: [], count: step)
        var row = row
        for place in stride(from: step, to: 0, by: -1) {
            row = steps[place].parents[row]
            let all = steps[place - 1].attention
            let width = all.count / steps[place - 1].tokens.count
            result[place - 1] = Array(all[row * width..<row * width + length])
        }
        return result
    }

    /// How many of the first steps two rows of the last one have in common; they are of the same source.
    func sharedSteps(_ row: Int, _ other: Int) -> Int {
        var (a, b, step) = (row, other, steps.count - 1)
        while a != b {
            (a, b) = (steps[step].parents[a], steps[step].parents[b])
            step -= 1
        }
        return step + 1
    }
}

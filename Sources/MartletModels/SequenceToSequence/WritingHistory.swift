/// All that was written for one source, step by step, each slot with a pointer to the one it goes on from: nothing is copied
/// where hypotheses part.
struct WritingHistory {
    private struct Step {
        /// The slot of the step before that each slot goes on from.
        var parents: [Int]
        /// What each slot has written last.
        var tokens: [Int32]
        /// How much each token that was read counted for what comes next, slot by slot; empty if nobody tells.
        var attention: [Float] = []
    }

    private var steps: [Step]

    /// Slots that have written nothing but the beginning.
    init(slots: Int, beginning: Int32) {
        steps = [
            Step(
                parents: Array(0..<slots),
                tokens: [Int32](repeating: beginning, count: slots))
        ]
    }

    /// How many tokens were written.
    var count: Int { steps.count - 1 }

    /// What each slot has written last.
    var lastTokens: [Int32] { steps[count].tokens }

    /// Adds a step: the slots that are gone on from, and what each writes.
    mutating func append(parents: [Int], tokens: [Int32]) {
        steps.append(Step(parents: parents, tokens: tokens))
    }

    /// Keeps what the tokens that were read counted for what comes next, slot by slot.
    mutating func keep(attention: [Float]) { steps[count].attention = attention }

    /// What a slot of a step has written, without the beginning.
    func tokens(step: Int, slot: Int) -> [Int32] {
        var tokens = [Int32](repeating: 0, count: step)
        var slot = slot
        for place in stride(from: step, to: 0, by: -1) {
            tokens[place - 1] = steps[place].tokens[slot]
            slot = steps[place].parents[slot]
        }
        return tokens
    }

    /// How much each of the `length` tokens that were read counted for each token of a slot; nil if nobody told.
    func attention(step: Int, slot: Int, length: Int) -> [[Float]]? {
        guard !steps[0].attention.isEmpty else { return nil }
        var result = [[Float]](repeating: [], count: step)
        var slot = slot
        for place in stride(from: step, to: 0, by: -1) {
            slot = steps[place].parents[slot]
            result[place - 1] = Array(
                steps[place - 1].attention[slot * length..<(slot + 1) * length])
        }
        return result
    }

    /// How many of the first steps two slots have in common.
    func sharedSteps(_ slot: Int, _ other: Int) -> Int {
        var (a, b, step) = (slot, other, count)
        while a != b, step > 0 {
            (a, b) = (steps[step].parents[a], steps[step].parents[b])
            step -= 1
        }
        return step + 1
    }
}

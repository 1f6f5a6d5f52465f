/// The beam of one source: what is gone on with, and what was found.
///
/// A row of the batch is a slot here, of as many as the beam is wide; at the first step they are all the same. The first continuation of a row stays in its slot, others take the slots of rows that
/// have none: so little of what the model knows has to move.
struct SourceBeam {
    /// A token that may follow a row.
    struct Continuation {
        /// The logarithm of the probability of the whole.
        var logProbability: Double
        var token: Int32
        /// The row, as a place in ``live``.
        var rank: Int

        /// Whether it comes first: the likelier, then the smaller token, then that of the likelier row.
        static func precedes(_ a: Continuation, _ b: Continuation) -> Bool {
            a.logProbability != b.logProbability
                ? a.logProbability > b.logProbability : (a.token, a.rank) < (b.token, b.rank)
        }
    }

    /// A beginning that is gone on with.
    struct Row {
        var slot: Int
        var logProbability: Double
    }

    /// A hypothesis, as the slot of a step that wrote its last token.
    struct Found {
        var step: Int
        var slot: Int
        var logProbability: Double
        var score: Double
    }

    let task: BeamTask
    /// What is gone on with, the likeliest first.
    private(set) var live = [Row(slot: 0, logProbability: 0)]
    /// What each slot goes on from, and writes next. Slots that nobody needs go on from themselves.
    private(set) var parents: [Int]
    private(set) var tokens: [Int32]
    /// The best that end, the best first, and how many ended.
    private(set) var complete: [Found] = []
    private var completeCount = 0
    /// What was cut, the best first.
    private(set) var cut: [Found] = []
    private(set) var isDone = false
    /// What each slot has written.
    private(set) var history: WritingHistory
    private let search: BeamSearch

    init(_ search: BeamSearch, _ task: BeamTask) {
        self.search = search
        self.task = task
        parents = Array(0..<search.width)
        tokens = [Int32](repeating: search.end, count: search.width)
        history = WritingHistory(slots: search.width, beginning: search.beginning)
    }

    /// How many tokens the slots have written.
    var step: Int { history.count }

    /// Keeps what the tokens that were read counted for what comes next, slot by slot.
    mutating func keep(attention: [Float]) { history.keep(attention: attention) }

    /// Writes what was chosen.
    mutating func write() { history.append(parents: parents, tokens: tokens) }

    /// What was found, the best first.
    var hypotheses: [BeamHypothesis] {
        func hypothesis(_ found: Found, isComplete: Bool) -> BeamHypothesis {
            BeamHypothesis(
                tokens: history.tokens(step: found.step, slot: found.slot),
                logProbability: found.logProbability, score: found.score, isComplete: isComplete,
                attention: history.attention(
                    step: found.step, slot: found.slot, length: task.source.count))
        }
        let all =
            complete.map { hypothesis($0, isComplete: true) }
            + cut.map { hypothesis($0, isComplete: false) }
        return Array(all.prefix(search.hypotheses))
    }

    /// Chooses among continuations what is found, and what is gone on with.
    mutating func advance(_ continuations: [Continuation]) {
        let step = step
        var chosen: [Continuation] = []
        var ended: Set<Int> = []
        for (place, next) in continuations.sorted(by: Continuation.precedes).enumerated() {
            if next.token == search.end {
                guard place < search.width else { continue }
                let slot = live[next.rank].slot
                ended.insert(slot)
                let score = next.logProbability / search.lengthPenalty.divisor(length: step + 1)
                add(
                    Found(
                        step: step, slot: slot, logProbability: next.logProbability, score: score))
            } else if chosen.count < search.width {
                chosen.append(next)
            }
            if chosen.count == search.width, place >= search.width - 1 { break }
        }
        if step == task.limit || chosen.isEmpty {
            cutLive(step: step, except: ended)
        } else {
            place(chosen, isFirst: step == 0)
            isDone = isCertain(after: step)
        }
    }

    private mutating func add(_ found: Found) {
        completeCount += 1
        let place = complete.firstIndex { $0.score < found.score } ?? complete.count
        complete.insert(found, at: place)
        if complete.count > search.hypotheses { complete.removeLast() }
    }

    /// What is not done by now stays as it is.
    private mutating func cutLive(step: Int, except ended: Set<Int>) {
        let divisor = search.lengthPenalty.divisor(length: max(step, 1))
        cut = live.filter { !ended.contains($0.slot) }.map {
            Found(
                step: step, slot: $0.slot, logProbability: $0.logProbability,
                score: $0.logProbability / divisor)
        }
        isDone = true
    }

    /// Gives each chosen continuation a slot.
    private mutating func place(_ chosen: [Continuation], isFirst: Bool) {
        // At first there is one row, which is copied into all slots.
        parents = isFirst ? [Int](repeating: 0, count: search.width) : Array(0..<search.width)
        tokens = [Int32](repeating: search.end, count: search.width)
        var isTaken = [Bool](repeating: false, count: search.width)
        var slots = [Int?](repeating: nil, count: chosen.count)
        for (place, next) in chosen.enumerated() where !isTaken[live[next.rank].slot] {
            slots[place] = live[next.rank].slot
            isTaken[live[next.rank].slot] = true
        }
        var free = 0
        let rows = chosen.enumerated().map { place, next in
            var slot = slots[place]
            if slot == nil {
                while isTaken[free] { free += 1 }
                isTaken[free] = true
                slot = free
            }
            parents[slot!] = live[next.rank].slot
            tokens[slot!] = next.token
            return Row(slot: slot!, logProbability: next.logProbability)
        }
        live = rows
    }

    /// Whether nothing that is gone on with could change the result.
    private func isCertain(after step: Int) -> Bool {
        if search.stopsWhenFull { return completeCount >= search.width }
        guard complete.count == search.hypotheses, let worst = complete.last else { return false }
        // Each further token costs probability. A score is the better, the more it is divided by: the divisor grows or falls
        // with the length, so it is largest at the shortest or the longest.
        let shortest = search.lengthPenalty.divisor(length: step + 2)
        let longest = search.lengthPenalty.divisor(length: task.limit + 1)
        return worst.score >= live[0].logProbability / max(shortest, longest)
    }
}

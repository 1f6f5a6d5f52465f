import MartletNN
import MartletTensor

/// Beam search over sources, some at a time side by side.
///
/// The rows of the batch are sources × slots. Where a source is done, one that waits goes on in its rows, if the model can do
/// that: so there are always many rows, and none waits for the longest answer. A source whose answer becomes longer than those of
/// others waits, too, until they are done: room for it would be room in every row. When nobody waits any more, or if the model
/// cannot, places that are vacant are given up, with others: that costs a copy of what the model knows of all that stay. If it
/// cannot, a source has a single slot at the first step.
struct BeamBatch<Writer: SequenceToSequenceModel> {
    /// Sources that were read together, of which some wait.
    private struct Reserve {
        var progress: Writer.Progress
        /// The first of them, the first that waits, and the one behind the last.
        var first, next, end: Int
    }

    /// The most tokens that are read at a time, padding included, where there is more than one source.
    private static var tokensAtATime: Int { 16_384 }

    private let search: BeamSearch
    private let model: Writer
    /// The most sources side by side.
    private let size: Int
    /// One for each source, until it is done.
    private var beams: [SourceBeam?]
    /// What was found for each.
    private var results: [[BeamHypothesis]]
    /// The sources that are in the batch, in its order; nil: the place is vacant.
    private var present: [Int?] = []
    /// Places that have become vacant in this step.
    private var vacated: [Int] = []
    /// Sources that have not begun.
    private var reserve: Reserve?
    /// Sources that have begun and wait, with what the model knows of their rows.
    private var suspended: [(source: Int, progress: Writer.Progress)] = []
    /// Whether others go on in the places of those that are done.
    private var refills = false
    /// So many tokens are written before a source has to wait.
    private var level: Int
    private var progress: Writer.Progress!

    init(_ search: BeamSearch, _ model: Writer, _ tasks: [BeamTask], size: Int) {
        self.search = search
        self.model = model
        self.size = size
        level = search.firstTurn
        beams = tasks.map { SourceBeam(search, $0) }
        results = [[BeamHypothesis]](repeating: [], count: tasks.count)
    }

    /// The hypotheses of each source.
    mutating func run() throws -> [[BeamHypothesis]] {
        while let first = begin() {
            var slots = first
            while true {
                try advance(slots: slots)
                let arrived = slots == search.width ? refill() : []
                if present.allSatisfy({ $0 == nil }) { break }
                goOn(slots: slots, arrived: arrived)
                slots = search.width
            }
        }
        return results
    }

    /// Has the next sources read if none are that wait; false: there are none.
    private mutating func read() -> Bool {
        if let reserve, reserve.next < reserve.end { return true }
        let start = reserve?.end ?? 0
        guard start < beams.count else { return false }
        // The longest come first.
        let most = max(Self.tokensAtATime / beams[start]!.task.source.count, 1)
        let end = min(start + min(size, most), beams.count)
        let sources = beams[start..<end].map { $0!.task.source }
        let lengths = sources.map(\.count)
        let longest = lengths.max() ?? 0
        let padded = sources.flatMap {
            $0 + [Int32](repeating: 0, count: longest - $0.count)
        }
        let progress = model.begin(
            reading: Tensor(padded, shape: [end - start, longest]),
            mask: lengths.allSatisfy { $0 == longest } ? .all : .lengths(lengths))
        reserve = Reserve(progress: progress, first: start, next: start, end: end)
        return true
    }

    /// Begins a batch with sources that wait; gives how many slots each has, nil if there are none.
    private mutating func begin() -> Int? {
        if read(), let waiting = reserve {
            present = Array(waiting.next..<waiting.end)
            reserve!.next = waiting.end
            // A few very long ones are no batch for all the others.
            refills = model.canReplace && present.count >= min(size, 8)
            // Who begins later does so in all slots, and nothing is to depend on when somebody begins.
            let slots = model.canReplace ? search.width : 1
            let rows = (waiting.next..<waiting.end).flatMap {
                [Int](repeating: $0 - waiting.first, count: slots)
            }
            progress =
                rows == Array(0..<waiting.end - waiting.first)
                ? waiting.progress : waiting.progress.selecting(rows)
            return slots
        }
        guard !suspended.isEmpty else { return nil }
        progress = model.join(suspended.map(\.progress))
        refills = true
        present = suspended.map(\.source)
        suspended = []
        return search.width
    }

    // MARK: One step

    /// One step of the model, and what each beam makes of it.
    private mutating func advance(slots: Int) throws {
        let last = present.flatMap {
            $0.map { Array(beams[$0]!.history.lastTokens.prefix(slots)) }
                ?? [Int32](repeating: search.end, count: slots)
        }
        var (scores, attention) = model.step(
            Tensor(last), &progress, tellsAttention: search.keepsAttention)
        precondition(
            scores.rank == 2 && scores.shape[0] == present.count * slots
                && (scores.shape[1] == model.vocabularySize
                    || model.copies && scores.shape[1] > model.vocabularySize),
            "a step of \(present.count * slots) rows with scores of the shape \(scores.shape)")
        if let attention { keep(attention, slots: slots) }
        // log softmax = score - log Σ exp: only of what is looked at.
        let sums = scores.logSumExp().cast(to: .float64).scalars(as: Double.self)
        if let row = sums.firstIndex(where: { !$0.isFinite }) {
            throw ModelError(
                "the model's scores of token \((present[row / slots].map { beams[$0]!.step } ?? 0) + 1) are not numbers; its weights may be damaged, or its training has failed"
            )
        }
        scores.hide(hidden(slots: slots))
        // Of a row, one end and as many others as are gone on with at most.
        let (values, positions) = scores.topK(min(search.width + 1, scores.shape[1]))
        let best = values.cast(to: .float64).scalars(as: Double.self)
        let tokens = positions.scalars(as: Int32.self)
        let count = positions.shape[1]
        for (index, source) in occupied {
            let (prefix, step) = (beams[source]!.task.prefix, beams[source]!.step)
            var continuations: [SourceBeam.Continuation] = []
            for (rank, row) in beams[source]!.live.enumerated() {
                let place = index * slots + row.slot
                func add(_ token: Int32, _ score: Double) {
                    // Rounding does not make a probability larger than 1.
                    continuations.append(
                        .init(
                            logProbability: row.logProbability + min(score - sums[place], 0),
                            token: token, rank: rank))
                }
                if step < prefix.count {
                    add(prefix[step], scores.item(place, Int(prefix[step])))
                    continue
                }
                for next in place * count..<(place + 1) * count where best[next] > -.infinity {
                    add(tokens[next], best[next])
                }
            }
            beams[source]!.advance(continuations)
            guard beams[source]!.isDone else { continue }
            results[source] = beams[source]!.hypotheses
            (beams[source], present[index]) = (nil, nil)
            vacated.append(index)
        }
    }

    /// The places that are not vacant, and their sources.
    private var occupied: [(place: Int, source: Int)] {
        present.enumerated().compactMap { place, source in source.map { (place, $0) } }
    }

    /// Lets each beam keep what its rows look at, `[B, S]`.
    private mutating func keep(_ attention: Tensor, slots: Int) {
        let all = attention.cast(to: .float32).scalars(as: Float.self)
        let width = attention.shape[1]
        for (index, source) in occupied {
            let length = beams[source]!.task.source.count
            beams[source]!.keep(
                attention: (index * slots..<(index + 1) * slots).flatMap {
                    all[$0 * width..<$0 * width + length]
                })
        }
    }

    /// The places of scores, row by row, of tokens that may not come next.
    private func hidden(slots: Int) -> [(row: Int, token: Int32)] {
        var hidden: [(row: Int, token: Int32)] = []
        for (index, source) in occupied {
            let beam = beams[source]!
            let step = beam.step
            for live in beam.live where step >= beam.task.prefix.count {
                let row = index * slots + live.slot
                for token in search.suppressed { hidden.append((row, token)) }
                if step < search.minimumLength { hidden.append((row, search.end)) }
                if let length = search.blockedNGram, step >= length {
                    let written = beam.history.tokens(step: step, slot: live.slot)
                    for token in Self.repeating(written, length) { hidden.append((row, token)) }
                }
            }
        }
        return hidden
    }

    /// What would repeat a row of `length` tokens.
    private static func repeating(_ tokens: [Int32], _ length: Int) -> [Int32] {
        let last = tokens.suffix(length - 1)
        return (0...tokens.count - length).compactMap { start in
            tokens[start..<start + length - 1].elementsEqual(last)
                ? tokens[start + length - 1] : nil
        }
    }

    // MARK: Who is in the batch

    /// Whether the answer of a source is longer than there is room for.
    private func isLong(_ source: Int) -> Bool { beams[source]!.step + 1 >= level }

    /// Lets those wait whose answers become long, and others go on in vacant places; gives the places of these.
    private mutating func refill() -> Set<Int> {
        defer { vacated = [] }
        guard refills else { return [] }
        let long = occupied.filter { isLong($0.source) }
        if !long.isEmpty {
            let hasOthers = long.count < occupied.count || read()
            if hasOthers, suspended.count + long.count <= size {
                for (place, source) in long { suspend(source, at: place) }
            } else {
                level *= 2
            }
        }
        var arrived: Set<Int> = []
        for place in vacated {
            let isFilled = read()
            // Where nobody comes, what has written nothing takes the place of what was written, for which there had to be room.
            let other = isFilled ? reserve!.next - reserve!.first : 0
            model.replace(
                Array(place * search.width..<(place + 1) * search.width), in: &progress,
                with: reserve!.progress, [Int](repeating: other, count: search.width))
            guard isFilled else { continue }
            present[place] = reserve!.next
            reserve!.next += 1
            arrived.insert(place)
        }
        return arrived
    }

    /// Takes a source out, as it is to go on.
    private mutating func suspend(_ source: Int, at place: Int) {
        let rows = beams[source]!.parents.map { place * search.width + $0 }
        suspended.append((source, progress.selecting(rows)))
        beams[source]!.write()
        present[place] = nil
        vacated.append(place)
    }

    /// Makes ready for the next step: what each row goes on from, with those that have just arrived as they are.
    private mutating func goOn(slots: Int, arrived: Set<Int>) {
        let vacant = present.count { $0 == nil }
        // A model that can replace gives up places only at the end, and then many at a time.
        let isLeaving = vacant > 0 && (refills ? 2 : 8) * vacant >= present.count
        var parents: [Int] = []
        var shared: [Int] = []
        for (place, source) in present.enumerated() where source != nil || !isLeaving {
            let beam = source.flatMap { arrived.contains(place) ? nil : beams[$0]! }
            // At the first step all slots know the same.
            let wanted = beam.flatMap { $0.step == 0 && slots > 1 ? nil : $0.parents }
            for slot in 0..<search.width {
                let parent = min(wanted?[slot] ?? slot, slots - 1)
                parents.append(place * slots + parent)
                let differs = slots == search.width && parent != slot
                shared.append(differs ? beam!.history.sharedSteps(slot, parent) : 0)
            }
            if beam != nil { beams[source!]!.write() }
        }
        if isLeaving || slots < search.width {
            progress = progress.selecting(parents)
        } else if parents != Array(parents.indices) {
            progress.select(parents, shared: shared)
        }
        if isLeaving { present.removeAll { $0 == nil } }
    }
}

extension Tensor {
    /// Makes some scores of a matrix −∞.
    fileprivate mutating func hide(_ places: [(row: Int, token: Int32)]) {
        guard !places.isEmpty else { return }
        let (width, dtype) = (shape[1], dtype)
        mutateBytes { bytes in
            func fill<Scalar: FloatingPoint>(_ type: Scalar.Type) {
                let numbers = bytes.bindMemory(to: type)
                for (row, token) in places { numbers[row * width + Int(token)] = -.infinity }
            }
            switch dtype {
            case .float64: fill(Double.self)
            default: fill(Float.self)
            }
        }
    }

    /// One element of a matrix.
    fileprivate func item(_ row: Int, _ column: Int) -> Double {
        slice(axis: 0, row..<row + 1).slice(axis: 1, column..<column + 1).item
    }
}

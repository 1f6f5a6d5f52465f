import MartletNN
import MartletTensor
import Synchronization

/// Beam search over sources, some at a time side by side.
///
/// The rows of the batch are sources × slots. The first token is written where sources are read, in a single row of each. Where a
/// source is done, one that waits goes on in its rows, if the model can do that: so there are always many rows, and none waits for
/// the longest answer. When nobody waits any more, or if the model cannot, places that are vacant are given up, with others: that
/// costs a copy of what the model knows of all that stay.
struct BeamBatch<Writer: SequenceToSequenceModel> {
    /// Sources that were read together and have written a token, of which some wait.
    private struct Reserve {
        /// A row of each.
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
    private let queue: BeamQueue
    /// One for each source that was taken from the queue, until it is done.
    private var beams: [SourceBeam?]
    /// What was found for sources of the queue.
    private var results: [Int: [BeamHypothesis]] = [:]
    /// The sources that are in the batch, in its order; nil: the place is vacant.
    private var present: [Int?] = []
    /// Places that have become vacant in this step.
    private var vacated: [Int] = []
    /// Sources that do not go on yet.
    private var reserve: Reserve?
    /// Whether others go on in the places of those that are done.
    private var refills = false
    private var progress: Writer.Progress!

    init(_ search: BeamSearch, _ model: Writer, _ queue: BeamQueue, size: Int) {
        self.search = search
        self.model = model
        self.queue = queue
        self.size = size
        beams = [SourceBeam?](repeating: nil, count: queue.tasks.count)
    }

    /// The hypotheses of each source that was taken from the queue.
    mutating func run() throws -> [Int: [BeamHypothesis]] {
        while try begin() {
            while true {
                try advance()
                let arrived = try refill()
                if present.allSatisfy({ $0 == nil }) { break }
                goOn(arrived: arrived)
            }
        }
        return results
    }

    /// Has the next sources read, and what comes first written, if none are that wait; false: there are none.
    private mutating func read() throws -> Bool {
        while true {
            while let waiting = reserve, waiting.next < waiting.end {
                if beams[waiting.next] != nil { return true }
                reserve!.next += 1
            }
            guard let taken = queue.take(size, tokens: Self.tokensAtATime) else { return false }
            let sources = queue.tasks[taken].map(\.source)
            for source in taken { beams[source] = SourceBeam(search, queue.tasks[source]) }
            let lengths = sources.map(\.count)
            let longest = lengths.max() ?? 0
            let padded = sources.flatMap {
                $0 + [Int32](repeating: 0, count: longest - $0.count)
            }
            var progress = model.begin(
                reading: Tensor(padded, shape: [taken.count, longest]),
                mask: lengths.allSatisfy { $0 == longest } ? .all : .lengths(lengths))
            _ = try advance(Array(taken), slots: 1, &progress)
            for source in taken { beams[source]?.write() }
            reserve = Reserve(
                progress: progress, first: taken.lowerBound, next: taken.lowerBound,
                end: taken.upperBound)
        }
    }

    /// Begins a batch with sources that wait; false: there are none.
    private mutating func begin() throws -> Bool {
        guard try read(), let waiting = reserve else { return false }
        let sources = (waiting.next..<waiting.end).filter { beams[$0] != nil }
        present = sources
        reserve!.next = waiting.end
        // A few very long ones are no batch for all the others.
        refills = model.canReplace && present.count >= min(size, 8)
        progress = waiting.progress.selecting(
            sources.flatMap {
                [Int](repeating: $0 - waiting.first, count: search.width)
            })
        return true
    }

    // MARK: One step

    /// One step of all that are in the batch.
    private mutating func advance() throws {
        // Held by nobody else, so that it changes in place.
        var known = progress.take()!
        vacated = try advance(present, slots: search.width, &known)
        for place in vacated { present[place] = nil }
        progress = consume known
    }

    /// One step of the model, and what each beam makes of it; gives the places of sources that are done with it.
    private mutating func advance(
        _ present: [Int?], slots: Int, _ progress: inout Writer.Progress
    ) throws -> [Int] {
        let occupied = Self.occupied(present)
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
        if let attention { keep(attention, of: occupied, slots: slots) }
        // log softmax = score - log Σ exp: only of what is looked at.
        let sums = scores.logSumExp().cast(to: .float64).scalars(as: Double.self)
        if let row = sums.firstIndex(where: { !$0.isFinite }) {
            throw ModelError(
                "the model's scores of token \((present[row / slots].map { beams[$0]!.step } ?? 0) + 1) are not numbers; its weights may be damaged, or its training has failed"
            )
        }
        scores.hide(hidden(of: occupied, slots: slots))
        // Of a row, one end and as many others as are gone on with at most.
        let (values, positions) = scores.topK(min(search.width + 1, scores.shape[1]))
        let best = values.cast(to: .float64).scalars(as: Double.self)
        let tokens = positions.scalars(as: Int32.self)
        let count = positions.shape[1]
        var done: [Int] = []
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
            beams[source] = nil
            done.append(index)
        }
        return done
    }

    /// The places that are not vacant, and their sources.
    private static func occupied(_ present: [Int?]) -> [(place: Int, source: Int)] {
        present.enumerated().compactMap { place, source in source.map { (place, $0) } }
    }

    /// Lets each beam keep what its rows look at, `[B, S]`.
    private mutating func keep(
        _ attention: Tensor, of occupied: [(place: Int, source: Int)], slots: Int
    ) {
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
    private func hidden(
        of occupied: [(place: Int, source: Int)], slots: Int
    ) -> [(row: Int, token: Int32)] {
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

    /// Lets those that wait go on in vacant places; gives these places.
    private mutating func refill() throws -> Set<Int> {
        defer { vacated = [] }
        guard refills else { return [] }
        var arrived: Set<Int> = []
        for place in vacated {
            let isFilled = try read()
            // Where nobody comes, what has written a token takes the place of what would be attended to on and on.
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

    /// Makes ready for the next step: what each row goes on from, with those that have just arrived as they are.
    private mutating func goOn(arrived: Set<Int>) {
        let width = search.width
        let vacant = present.count { $0 == nil }
        // A model that can replace gives up places only at the end, and then many at a time.
        let isLeaving = vacant > 0 && (refills ? 2 : 8) * vacant >= present.count
        var parents: [Int] = []
        var shared: [Int] = []
        for (place, source) in present.enumerated() where source != nil || !isLeaving {
            guard let source, !arrived.contains(place) else {
                parents += place * width..<(place + 1) * width
                shared += repeatElement(0, count: width)
                continue
            }
            for (slot, parent) in beams[source]!.parents.enumerated() {
                parents.append(place * width + parent)
                shared.append(
                    parent == slot ? 0 : beams[source]!.history.sharedSteps(slot, parent))
            }
            beams[source]!.write()
        }
        if isLeaving {
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

/// Sources that wait for a thread that has room for them.
final class BeamQueue: Sendable {
    /// The longest first.
    let tasks: [BeamTask]
    private let next = Mutex(0)

    init(_ tasks: [BeamTask]) { self.tasks = tasks }

    /// The next sources, at most so many, and of so many tokens with their padding if there is more than one; nil: there are none.
    func take(_ count: Int, tokens: Int) -> Range<Int>? {
        next.withLock { next in
            guard next < tasks.count else { return nil }
            let most = max(tokens / tasks[next].source.count, 1)
            let start = next
            next = min(start + min(count, most), tasks.count)
            return start..<next
        }
    }
}

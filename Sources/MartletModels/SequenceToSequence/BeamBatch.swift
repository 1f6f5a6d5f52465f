import MartletNN
import MartletTensor

/// Beam search over some sources side by side.
///
/// The rows of the batch are sources × slots; at the first step a source has one. A source that is done leaves, with others
/// where one in eight is done: leaving costs a copy of what the model knows of all that stay.
struct BeamBatch<Writer: SequenceToSequenceModel> {
    private let search: BeamSearch
    private let model: Writer
    /// One for each source.
    private var beams: [SourceBeam]
    /// The sources that are still in the batch, in its order.
    private var present: [Int]
    private var progress: Writer.Progress
    private var history: WritingHistory

    init(_ search: BeamSearch, _ model: Writer, _ tasks: [BeamTask]) {
        self.search = search
        self.model = model
        beams = tasks.map { SourceBeam(search, $0) }
        present = Array(tasks.indices)
        history = WritingHistory(rows: tasks.count, beginning: search.beginning)
        let lengths = tasks.map(\.source.count)
        let longest = lengths.max() ?? 0
        let padded = tasks.flatMap {
            $0.source + [Int32](repeating: 0, count: longest - $0.source.count)
        }
        progress = model.begin(
            reading: Tensor(padded, shape: [tasks.count, longest]),
            mask: lengths.allSatisfy { $0 == longest } ? .all : .lengths(lengths))
    }

    /// The hypotheses of each source.
    mutating func run() throws -> [[BeamHypothesis]] {
        var step = 0
        while true {
            let slots = step == 0 ? 1 : search.width
            try advance(step: step, slots: slots)
            if present.allSatisfy({ beams[$0].isDone }) { break }
            goOn(step: step, slots: slots)
            step += 1
        }
        return beams.map(hypotheses)
    }

    /// One step of the model, and what each beam makes of it.
    private mutating func advance(step: Int, slots: Int) throws {
        var (scores, attention) = model.step(
            Tensor(history.lastTokens), &progress, tellsAttention: search.keepsAttention)
        precondition(
            scores.rank == 2 && scores.shape[0] == present.count * slots
                && (scores.shape[1] == model.vocabularySize
                    || model.copies && scores.shape[1] > model.vocabularySize),
            "a step of \(present.count * slots) rows with scores of the shape \(scores.shape)")
        if let attention {
            history.keep(attention: attention.cast(to: .float32).scalars(as: Float.self))
        }
        // log softmax = score - log Σ exp: only of what is looked at.
        let sums = scores.logSumExp().cast(to: .float64).scalars(as: Double.self)
        guard sums.allSatisfy(\.isFinite) else {
            throw ModelError(
                "the model's scores of token \(step + 1) are not numbers; its weights may be damaged, or its training has failed"
            )
        }
        scores.hide(hidden(step: step, slots: slots))
        // Of a row, one end and as many others as are gone on with at most.
        let (values, positions) = scores.topK(min(search.width + 1, scores.shape[1]))
        let best = values.cast(to: .float64).scalars(as: Double.self)
        let tokens = positions.scalars(as: Int32.self)
        let count = positions.shape[1]
        for (index, source) in present.enumerated() where !beams[source].isDone {
            let prefix = beams[source].task.prefix
            var continuations: [SourceBeam.Continuation] = []
            for (rank, row) in beams[source].live.enumerated() {
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
            beams[source].advance(continuations, step: step, first: index * slots)
        }
    }

    /// The places of scores, row by row, of tokens that may not come next.
    private func hidden(step: Int, slots: Int) -> [(row: Int, token: Int32)] {
        var hidden: [(row: Int, token: Int32)] = []
        for (index, source) in present.enumerated()
        where step >= beams[source].task.prefix.count {
            for live in beams[source].live {
                let row = index * slots + live.slot
                for token in search.suppressed { hidden.append((row, token)) }
                if step < search.minimumLength { hidden.append((row, search.end)) }
                if let length = search.blockedNGram, step >= length {
                    let written = history.tokens(step: step, row: row)
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

    /// Makes ready for the next step: what each row goes on from, without the sources that leave.
    private mutating func goOn(step: Int, slots: Int) {
        let done = present.count { beams[$0].isDone }
        let isLeaving = 8 * done >= present.count && done > 0
        var parents: [Int] = []
        var tokens: [Int32] = []
        var staying: [Int] = []
        for (index, source) in present.enumerated() where !(isLeaving && beams[source].isDone) {
            let beam = beams[source]
            // Of a source that is done and stays after the first step there is one row.
            parents += beam.parents.map { index * slots + min($0, slots - 1) }
            tokens += beam.tokens
            staying.append(source)
        }
        let isSame = !isLeaving && slots == search.width
        if !isSame {
            progress = progress.selecting(parents)
        } else if parents != Array(parents.indices) {
            let shared = parents.enumerated().map { row, parent in
                row == parent ? 0 : history.sharedSteps(row, parent)
            }
            progress.select(parents, shared: shared)
        }
        present = staying
        history.append(parents: parents, tokens: tokens)
    }

    private func hypotheses(of beam: SourceBeam) -> [BeamHypothesis] {
        func hypothesis(_ found: SourceBeam.Found, isComplete: Bool) -> BeamHypothesis {
            BeamHypothesis(
                tokens: history.tokens(step: found.step, row: found.row),
                logProbability: found.logProbability, score: found.score, isComplete: isComplete,
                attention: history.attention(
                    step: found.step, row: found.row, length: beam.task.source.count))
        }
        let all =
            beam.complete.map { hypothesis($0, isComplete: true) }
            + beam.cut.map { hypothesis($0, isComplete: false) }
        return Array(all.prefix(search.hypotheses))
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

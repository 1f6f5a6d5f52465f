import MartletTensor

/// Which sequence takes which of its steps when, in one direction: padding and masked steps are left out.
///
/// The sequences are put in order, those with the most real steps first. So the ones that are still going at a step are
/// the first rows, and the rows of all steps one below another need N = Σ real steps rows in all.
///
/// ```text
/// real steps 2, 4, 1   ->   order 1, 0, 2       step 0: rows 1 0 2
///                                               step 1: rows 1 0
///                                               step 2: row  1       alive = 3, 2, 1, 1
///                                               step 3: row  1       N = 7
/// ```
struct StepPlan {
    /// The sequences in their new order; nil: as they are.
    let order: Tensor?
    /// Where each sequence went; nil: nowhere.
    let inverse: Tensor?
    /// For each step how many sequences take it, falling.
    let alive: [Int]
    /// `[N]`: the row of the input `[B·T, D]` that each row reads, step by step.
    let reads: Tensor
    /// `[B·T]`: the row of the outputs `[N + 1, …]` that stands there, N where there is no real step.
    let writes: Tensor

    /// A plan for sequences with real steps at these times, ascending.
    init(times: [[Int]], time T: Int, isReverse: Bool) {
        let (B, N) = (times.count, times.reduce(0) { $0 + $1.count })
        let sorted = times.indices.sorted {
            times[$0].count != times[$1].count ? times[$0].count > times[$1].count : $0 < $1
        }
        var alive: [Int] = []
        var reads: [Int32] = []
        var writes = [Int32](repeating: Int32(N), count: B * T)
        reads.reserveCapacity(N)
        for step in 0..<(sorted.first.map { times[$0].count } ?? 0) {
            let going = sorted.prefix { times[$0].count > step }
            alive.append(going.count)
            for b in going {
                let t = isReverse ? times[b][times[b].count - 1 - step] : times[b][step]
                writes[b * T + t] = Int32(reads.count)
                reads.append(Int32(b * T + t))
            }
        }
        self.alive = alive
        self.reads = Tensor(reads)
        self.writes = Tensor(writes)
        if sorted == Array(0..<B) {
            (order, inverse) = (nil, nil)
        } else {
            var places = [Int32](repeating: 0, count: B)
            for (place, b) in sorted.enumerated() { places[b] = Int32(place) }
            order = Tensor(sorted.map(Int32.init))
            inverse = Tensor(places)
        }
    }
}

extension RecurrentCell {
    /// One layer in one direction.
    ///
    /// - Parameter input: `[B, T, D]`.
    /// - Returns: `[B, T, outputSize]`, zero where there is no real step; and the state after each sequence's last one.
    func run(_ input: Tensor, _ plan: StepPlan, from start: State) -> (
        output: Tensor, state: State
    ) {
        let (B, T) = (input.shape[0], input.shape[1])
        precondition(
            input.shape[2] == inputSize && start.tensors.allSatisfy { $0.shape.first == B },
            "\(Self.self): input \(input.shape) and states \(start.tensors.map(\.shape)), expected [batch, time, \(inputSize)] and [batch, …]"
        )
        var state =
            plan.order.map { order in
                start.mapTensors { $0.gathered(axis: 0, at: order) }
            } ?? start
        var rows = B
        var ended: [[Tensor]] = []  // what sequences that are through leave, last first
        var outputs: [Tensor] = []
        if !plan.alive.isEmpty {
            let real = input.reshaped([B * T, inputSize]).gathered(axis: 0, at: plan.reads)
            for x in prepared(real).blocks(plan.alive) {
                let going = x.shape[0]
                if going < rows {
                    ended.append(state.tensors.map { $0.slice(axis: 0, going..<rows) })
                    state = state.mapTensors { $0.slice(axis: 0, 0..<going) }
                    rows = going
                }
                let shapes = state.tensors.map(\.shape)
                let (output, new) = step(x, state)
                precondition(
                    output.shape == [going, outputSize] && new.tensors.map(\.shape) == shapes,
                    "\(Self.self): a step gave \(output.shape) and states \(new.tensors.map(\.shape)), expected [\(going), \(outputSize)] and \(shapes)"
                )
                outputs.append(output)
                state = new
            }
        }
        if !ended.isEmpty {
            let kept = state.tensors
            state = state.with(
                tensors: kept.indices.map { place in
                    .concatenate([kept[place]] + ended.reversed().map { $0[place] }, axis: 0)
                })
        }
        if let inverse = plan.inverse {
            state = state.mapTensors { $0.gathered(axis: 0, at: inverse) }
        }
        let nothing = Tensor.zeros([1, outputSize], dtype: input.dtype)
        let output = Tensor.concatenate(outputs + [nothing], axis: 0)
            .gathered(axis: 0, at: plan.writes)
        return (output.reshaped([B, T, outputSize]), state)
    }
}

extension Tensor {
    /// Consecutive parts of a dimension, of sizes that add up to its own.
    ///
    /// They are cut in halves again and again: a slice's gradient has the size of what it was cut from, so that of all n
    /// parts costs log n times the whole, and not n times.
    func blocks(_ sizes: [Int], axis: Int = 0) -> [Tensor] {
        let half = sizes.count / 2
        let first = sizes[..<half].reduce(0, +)
        guard half > 0 else {
            precondition(sizes == [shape[axis]], "blocks of \(sizes) of \(shape) at \(axis)")
            return [self]
        }
        return slice(axis: axis, 0..<first).blocks(Array(sizes[..<half]), axis: axis)
            + slice(axis: axis, first..<shape[axis]).blocks(Array(sizes[half...]), axis: axis)
    }
}

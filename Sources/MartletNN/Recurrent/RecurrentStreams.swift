public import MartletTensor

/// Many streams of one stack, fed together: some or all of them take a step, or a chunk each, as one batch.
///
/// A stream gives the same numbers, bit for bit, whoever shares its batch, and in whatever chunks it is fed. A stream costs
/// the memory of its state.
public struct RecurrentStreams: Sendable {
    /// One of the streams.
    public struct ID: Hashable, Sendable {
        fileprivate var row: Int
        fileprivate var generation: Int
    }

    /// The network.
    public let stack: RecurrentStack
    /// A row for each stream: states of each layer, `[capacity, P]` and `[capacity, H]`.
    private var states: [DirectionState]
    /// How often each row was opened; odd while it is.
    private var generations: [Int] = []
    private var freeRows: [Int] = []

    /// No streams yet, of a stack that reads forward only.
    public init(_ stack: RecurrentStack) {
        precondition(
            stack.readsForward,
            "streams of a network that reads from the end: its end is not known")
        self.stack = stack.prepared
        states = stack.zeroState(batch: 0).directions
    }

    /// How many streams are open.
    public var count: Int { generations.count - freeRows.count }

    /// Opens a stream that goes on from a state of one sequence, or from zeros.
    public mutating func open(from state: RecurrentState? = nil) -> ID {
        if freeRows.isEmpty { grow() }
        let row = freeRows.removeLast()
        generations[row] += 1
        write((state ?? stack.zeroState(batch: 1)).directions, to: [row])
        return ID(row: row, generation: generations[row])
    }

    /// Ends a stream; gives its state.
    @discardableResult
    public mutating func close(_ id: ID) -> RecurrentState {
        let state = self.state(of: id)
        generations[id.row] += 1
        freeRows.append(id.row)
        return state
    }

    /// Whether the stream is open.
    public func isOpen(_ id: ID) -> Bool {
        generations.indices.contains(id.row) && generations[id.row] == id.generation
    }

    /// The state of a stream, as one of a batch of 1.
    public func state(of id: ID) -> RecurrentState { RecurrentState(read([row(of: id)])) }

    /// One step of some streams, each named once.
    ///
    /// - Parameter input: `[n, D]`, a row for each of the streams.
    /// - Returns: their outputs, `[n, P]`.
    public mutating func step(_ ids: [ID], _ input: Tensor) -> Tensor {
        let (n, width) = (ids.count, stack.inputSize)
        precondition(
            input.shape == [n, width],
            "a step of \(n) streams: input \(input.shape), expected [\(n), \(width)]")
        return feed(ids, input.reshaped([n, 1, width])).reshaped([n, stack.outputSize])
    }

    /// A chunk of steps for each of some streams, each named once.
    ///
    /// - Parameters:
    ///   - input: `[n, T, D]`.
    ///   - lengths: how many steps each gets, 0 … T; nil: T.
    /// - Returns: their outputs, `[n, T, P]`, zero beyond a stream's length.
    public mutating func feed(_ ids: [ID], _ input: Tensor, lengths: [Int]? = nil) -> Tensor {
        let rows = ids.map { row(of: $0) }
        precondition(Set(rows).count == rows.count, "streams: one of \(rows.count) is named twice")
        precondition(
            input.rank == 3 && input.shape[0] == rows.count && input.shape[2] == stack.inputSize,
            "\(rows.count) streams: input \(input.shape), expected [\(rows.count), time, \(stack.inputSize)]"
        )
        let (output, state) = stack(input, lengths: lengths, state: RecurrentState(read(rows)))
        write(state.directions, to: rows)
        return output
    }

    // MARK: Rows

    private func row(of id: ID) -> Int {
        precondition(isOpen(id), "a stream that was closed, or is of others")
        return id.row
    }

    /// Twice as many rows.
    private mutating func grow() {
        let old = generations.count
        let more = max(old, 8)
        generations += [Int](repeating: 0, count: more)
        freeRows += (old..<old + more).reversed()
        let zeros = stack.zeroState(batch: more).directions
        states = zip(states, zeros).map { old, new in
            DirectionState(
                hidden: .concatenate([old.hidden, new.hidden], axis: 0),
                cell: old.cell.map { .concatenate([$0, new.cell!], axis: 0) })
        }
    }

    private func read(_ rows: [Int]) -> [DirectionState] {
        if rows.count == generations.count, rows == Array(0..<rows.count) { return states }
        let places = Tensor(rows.map(Int32.init))
        return states.map { state in
            DirectionState(
                hidden: state.hidden.gathered(axis: 0, at: places),
                cell: state.cell?.gathered(axis: 0, at: places))
        }
    }

    private mutating func write(_ new: [DirectionState], to rows: [Int]) {
        precondition(
            new.count == states.count
                && zip(new, states).allSatisfy {
                    $0.hidden.shape == [rows.count, $1.hidden.shape[1]]
                        && $0.cell?.shape == $1.cell.map { [rows.count, $0.shape[1]] }
                }, "streams: a state of another network or batch")
        if rows.count == generations.count, rows == Array(0..<rows.count) {
            states = new
            return
        }
        for place in states.indices {
            Self.copy(new[place].hidden, to: rows, of: &states[place].hidden)
            if let cell = new[place].cell {
                var all = states[place].cell!
                states[place].cell = nil
                Self.copy(cell, to: rows, of: &all)
                states[place].cell = all
            }
        }
    }

    private static func copy(_ new: Tensor, to rows: [Int], of all: inout Tensor) {
        let stride = new.shape[1] * new.dtype.byteCount
        new.contiguous().withUnsafeBytes { from in
            all.mutateBytes { to in
                for (place, row) in rows.enumerated() where stride > 0 {
                    (to.baseAddress! + row * stride).copyMemory(
                        from: from.baseAddress! + place * stride, byteCount: stride)
                }
            }
        }
    }
}

import MartletNN
import MartletTensor

/// A layer in one direction run step by step, so that every state is a value of the tape.
///
/// To each h_t (and c_t) a zero is added, the *probe*, which is a leaf of the tape: the gradient of the loss by the probe is
/// that by the state, from everything that reads it.
struct StepwiseLayer {
    var cell: CellKind
    var weights: RecurrentWeights
    var isReverse: Bool

    /// What was there at each step, in the order of time, detached.
    struct History {
        /// The layer's input, `[B, T, D]`.
        var input: Tensor
        /// h before and after each step, `[B, T, P]`.
        var hiddenBefore: Tensor
        var hidden: Tensor
        /// An LSTM's c before and after each step, `[B, T, H]`.
        var cellBefore: Tensor?
        var cell: Tensor?
    }

    /// The probes of T steps, zeros: of h at every step, then, for an LSTM, of c.
    func probes(batch: Int, time: Int) -> [Tensor] {
        let units = weights.inputHidden.shape[0] / cell.gateCount
        let hidden = Tensor.zeros([batch, weights.stateSize], dtype: .float64)
        let cells = Tensor.zeros([batch, units], dtype: .float64)
        return Array(repeating: hidden, count: time)
            + (cell == .lstm ? Array(repeating: cells, count: time) : [])
    }

    /// Runs over whole sequences.
    ///
    /// - Parameters:
    ///   - input: `[B, T, D]`.
    ///   - lengths: the real steps of each sequence; the state stays where it is in the others.
    ///   - probes: what ``probes(batch:time:)`` gives, as values of the tape.
    /// - Returns: the output, `[B, T, P]`, zero where there is no real step, and what was there.
    func run(_ input: Tensor, lengths: [Int], probes: [Tensor]) -> (Tensor, History) {
        let (B, T) = (input.shape[0], input.shape[1])
        let units = weights.inputHidden.shape[0] / cell.gateCount
        let arguments = weights.arguments(cell).packed(cell)
        var state = DirectionState(
            hidden: .zeros([B, weights.stateSize], dtype: .float64),
            cell: cell == .lstm ? .zeros([B, units], dtype: .float64) : nil)
        var outputs: [Tensor] = []
        var (before, after): ([DirectionState], [DirectionState]) = ([], [])
        for t in isReverse ? Array((0..<T).reversed()) : Array(0..<T) {
            before.append(state)
            let isReal = lengths.map { t < $0 }
            let isWhole = isReal.allSatisfy { $0 }
            state =
                input.slice(axis: 1, t..<t + 1).recurrent(
                    cell, weights: [arguments],
                    steps: isWhole ? nil : RealSteps(lengths: isReal.map { $0 ? 1 : 0 }),
                    state: [state]
                ).state[0]
            state.hidden = state.hidden + probes[t]
            state.cell = state.cell.map { $0 + probes[T + t] }
            after.append(state)
            let shown = isWhole ? state.hidden : state.hidden * Self.column(isReal)
            outputs.append(shown.expandingDimension(at: 1))
        }
        func inTime(_ parts: [Tensor]) -> Tensor {
            .concatenate(isReverse ? parts.reversed() : parts, axis: 1)
        }
        func series(_ states: [DirectionState], _ part: (DirectionState) -> Tensor?) -> Tensor? {
            let parts = states.compactMap { part($0)?.detached.expandingDimension(at: 1) }
            return parts.isEmpty ? nil : inTime(parts)
        }
        let history = History(
            input: input.detached, hiddenBefore: series(before) { $0.hidden }!,
            hidden: series(after) { $0.hidden }!, cellBefore: series(before) { $0.cell },
            cell: series(after) { $0.cell })
        return (inTime(outputs), history)
    }

    /// 1 where it holds, else 0: `[B, 1]`.
    private static func column(_ flags: [Bool]) -> Tensor {
        Tensor(flags.map { $0 ? 1.0 : 0.0 }, shape: [flags.count, 1])
    }
}

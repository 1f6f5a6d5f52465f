import Synchronization

/// Where a tape knows a tensor: which tape, and the number of the value on it.
struct Trace: Sendable, Hashable {
    var tape: UInt32
    var node: Int32

    static let none = Trace(tape: 0, node: -1)
    var isNone: Bool { node < 0 }
}

/// The record of one scope's operations: a flat array, so that a million chained operations are freed
/// without recursion.
///
/// An operation whose inputs include a traced tensor adds one record. ``backward(from:)`` walks
/// the records from the last to the first. Nothing is recorded outside of a scope.
final class Tape: Sendable {
    /// From the gradients of an operation's outputs (nil: zero) to those of its inputs (nil: none).
    typealias Pullback = @Sendable ([Tensor?]) -> [Tensor?]

    /// The same, adding to the gradients that the inputs have so far (nil: none): for inputs of many operations, whose sum
    /// costs more than what is added.
    typealias AddingPullback = @Sendable ([Tensor?], inout [Tensor?]) -> Void

    /// One operation: the values it read and made, and how gradients go back through it.
    struct Record: Sendable {
        var operation: StaticString
        var inputs: [Int32]  // -1: a constant
        var firstOutput: Int32
        var outputCount: Int32
        var pullback: AddingPullback?
    }

    private struct State {
        var records: [Record] = []
        var nodeCount: Int32 = 0
        /// Values of enclosing tapes that were used here, in order of first use.
        var adopted: [Trace: Int32] = [:]
        var adoptedTensors: [Tensor] = []
    }

    /// What a tape does with operations.
    enum Mode: Sendable {
        /// Records them; values of other tapes are constants.
        case recording
        /// Records them; values of other tapes become leaves, whose gradients are handed on.
        case adopting
        /// Follows what depends on what but keeps nothing: the forward pass of a checkpoint.
        case following
    }

    @TaskLocal static var current: Tape?
    private static let lastIdentity = Atomic<UInt32>(0)

    let identity: UInt32
    let mode: Mode
    private let state = Mutex(State())

    init(_ mode: Mode = .recording) {
        self.mode = mode
        identity = Tape.lastIdentity.wrappingAdd(1, ordering: .relaxed).newValue
    }

    /// The tensor as a value that gradients are wanted for.
    func leaf(_ tensor: Tensor) -> Tensor {
        var traced = tensor
        traced.trace = state.withLock { state in
            state.nodeCount += 1
            return Trace(tape: identity, node: state.nodeCount - 1)
        }
        return traced
    }

    /// Values of other tapes that were used here, and their numbers on this tape.
    var adopted: (tensors: [Tensor], nodes: [Int32]) {
        state.withLock { state in
            (state.adoptedTensors, state.adoptedTensors.map { state.adopted[$0.trace]! })
        }
    }

    /// Adds an operation if one of its inputs is traced; gives the outputs, traced.
    func record(
        _ operation: StaticString, inputs: [Tensor], outputs: [Tensor], pullback: @escaping Pullback
    ) -> [Tensor] {
        record(operation, inputs: inputs, outputs: outputs) { incoming, sums in
            var outgoing = pullback(incoming)
            precondition(
                outgoing.count == sums.count,
                "\(operation): \(outgoing.count) gradients for \(sums.count) inputs")
            for place in outgoing.indices {
                if let gradient = outgoing[place].take() {
                    Tape.accumulate(gradient, into: &sums[place])
                }
            }
        }
    }

    /// The same with a pullback that adds.
    func record(
        _ operation: StaticString, inputs: [Tensor], outputs: [Tensor],
        adding pullback: @escaping AddingPullback
    ) -> [Tensor] {
        state.withLock { state in
            var nodes: [Int32] = []
            nodes.reserveCapacity(inputs.count)
            var any = false
            for input in inputs {
                let node = number(of: input, &state)
                any = any || node >= 0
                nodes.append(node)
            }
            guard any else { return outputs.map(\.detached) }
            let first = state.nodeCount
            state.nodeCount += Int32(outputs.count)
            if mode != .following {
                state.records.append(
                    Record(
                        operation: operation, inputs: nodes, firstOutput: first,
                        outputCount: Int32(outputs.count), pullback: pullback))
            }
            return outputs.enumerated().map { index, output in
                var traced = output
                traced.trace = Trace(tape: identity, node: first + Int32(index))
                return traced
            }
        }
    }

    private func number(of tensor: Tensor, _ state: inout State) -> Int32 {
        if tensor.trace.isNone { return -1 }
        if tensor.trace.tape == identity { return tensor.trace.node }
        guard mode != .recording else { return -1 }
        if let known = state.adopted[tensor.trace] { return known }
        let node = state.nodeCount
        state.nodeCount += 1
        state.adopted[tensor.trace] = node
        state.adoptedTensors.append(tensor)
        return node
    }

    /// The names of the operations recorded so far.
    var operationNames: Set<String> {
        state.withLock { Set($0.records.map { "\($0.operation)" }) }
    }

    /// The gradients of every value, given those of some; each record is dropped once it has been used.
    func backward(from seeds: [(tensor: Tensor, gradient: Tensor)]) -> [Tensor?] {
        var (records, nodeCount) = state.withLock { state in
            defer { state.records = [] }
            return (state.records, Int(state.nodeCount))
        }
        var gradients = [Tensor?](repeating: nil, count: nodeCount)
        for seed in seeds where seed.tensor.trace.tape == identity && !seed.tensor.trace.isNone {
            Tape.accumulate(seed.gradient, into: &gradients[Int(seed.tensor.trace.node)])
        }
        while var record = records.popLast() {
            let outputs = Int(record.firstOutput)..<Int(record.firstOutput + record.outputCount)
            let incoming = Array(gradients[outputs])
            for index in outputs { gradients[index] = nil }
            guard incoming.contains(where: { $0 != nil }), let pullback = record.pullback else {
                continue
            }
            // Taken out, so that nobody else holds them and they may change in place.
            var sums = record.inputs.map { node -> Tensor? in
                guard node >= 0 else { return nil }
                defer { gradients[Int(node)] = nil }
                return gradients[Int(node)]
            }
            Tape.$current.withValue(nil) { pullback(incoming, &sums) }
            record.pullback = nil
            for (place, node) in record.inputs.enumerated() where node >= 0 {
                guard let sum = sums[place].take() else { continue }
                Tape.accumulate(sum, into: &gradients[Int(node)])
            }
        }
        return gradients
    }

    /// Adds a gradient to the sum so far, in the place of whichever of the two nobody else holds.
    private static func accumulate(_ gradient: consuming Tensor, into sum: inout Tensor?) {
        gradient.trace = .none
        guard var present = sum.take() else {
            sum = gradient
            return
        }
        if present.addIfOwned(gradient) {
            sum = present
        } else if gradient.addIfOwned(present) {
            sum = gradient
        } else {
            sum = present + gradient
        }
    }
}

// MARK: - For operations

extension Tensor {
    /// This result of an operation, recorded if its input is traced.
    ///
    /// - Parameter pullback: from the gradient of the result to that of the input.
    func recorded(
        _ operation: StaticString, from input: Tensor,
        _ pullback: @escaping @Sendable (Tensor) -> Tensor
    ) -> Tensor {
        if input.trace.isNone { return self }
        guard let tape = Tape.current else { return self }
        return tape.record(operation, inputs: [input], outputs: [self]) { [pullback($0[0]!)] }[0]
    }

    /// This result of an operation, recorded if one of its inputs is traced.
    ///
    /// - Parameter pullback: from the gradient of the result, and which inputs want a gradient, to theirs.
    func recorded(
        _ operation: StaticString, from inputs: [Tensor],
        _ pullback: @escaping @Sendable (Tensor, _ wanted: [Bool]) -> [Tensor?]
    ) -> Tensor {
        guard inputs.contains(where: { !$0.trace.isNone }), let tape = Tape.current else {
            return self
        }
        let wanted = inputs.map { !$0.trace.isNone }
        return tape.record(operation, inputs: inputs, outputs: [self]) { pullback($0[0]!, wanted) }[
            0]
    }

    /// The results of an operation, recorded if one of its inputs is traced.
    ///
    /// - Parameter pullback: from the gradients of the results (nil: zero), and which inputs want a gradient, adds to theirs
    ///   so far (nil: none).
    static func recorded(
        _ operation: StaticString, from inputs: [Tensor], results: [Tensor],
        adding pullback:
            @escaping @Sendable (
                _ gradients: [Tensor?], _ wanted: [Bool], _ sums: inout [Tensor?]
            ) -> Void
    ) -> [Tensor] {
        guard inputs.contains(where: { !$0.trace.isNone }), let tape = Tape.current else {
            return results
        }
        let wanted = inputs.map { !$0.trace.isNone }
        return tape.record(operation, inputs: inputs, outputs: results) {
            pullback($0, wanted, &$1)
        }
    }

    /// The results of an operation with several, recorded if one of its inputs is traced.
    ///
    /// - Parameter pullback: from the gradients of the results (nil: zero), and which inputs want a gradient, to theirs.
    static func recorded(
        _ operation: StaticString, from inputs: [Tensor], results: [Tensor],
        _ pullback: @escaping @Sendable (_ gradients: [Tensor?], _ wanted: [Bool]) -> [Tensor?]
    ) -> [Tensor] {
        guard inputs.contains(where: { !$0.trace.isNone }), let tape = Tape.current else {
            return results
        }
        let wanted = inputs.map { !$0.trace.isNone }
        return tape.record(operation, inputs: inputs, outputs: results) { pullback($0, wanted) }
    }
}

public import MartletTensor

/// The state of a ``CellStack`` between two steps: a value, which can be kept, copied, saved and handed on.
public struct CellStackState<Cell: RecurrentCell>: SequenceState {
    /// The states of all layers: layer by layer, and in it direction by direction.
    public var directions: [Cell.State]

    /// A state of these parts.
    public init(_ directions: [Cell.State]) { self.directions = directions }

    /// The tensors of all parts, one after another, each `[B, …]`.
    public var tensors: [Tensor] { directions.flatMap(\.tensors) }

    /// A state of other tensors.
    public func with(tensors: [Tensor]) -> Self {
        let counts = directions.map(\.tensors.count)
        precondition(
            tensors.count == counts.reduce(0, +),
            "a state of \(counts.reduce(0, +)) tensors: \(tensors.count)")
        var next = 0
        return Self(
            zip(directions, counts).map { part, count in
                defer { next += count }
                return part.with(tensors: Array(tensors[next..<next + count]))
            })
    }

    /// How many sequences it is of.
    public var batch: Int { tensors.first?.shape[0] ?? 0 }

    // MARK: Batches

    /// The state of some of the sequences, in any order and number.
    public func rows(at sequences: [Int]) -> Self {
        let places = Tensor(sequences.map(Int32.init))
        return mapTensors { $0.gathered(axis: 0, at: places) }
    }

    /// The sequences of several states as one batch, in their order.
    public static func concatenate(_ states: [Self]) -> Self {
        precondition(!states.isEmpty, "concatenate: no states")
        let all = states.map(\.tensors)
        return states[0].with(
            tensors: all[0].indices.map { place in
                .concatenate(all.map { $0[place] }, axis: 0)
            })
    }

    // MARK: Saving

    /// The tensors by name, as a file of tensors keeps them: `state_0_l0`, `state_1_l0`, …, `state_0_l0_reverse`, ….
    public func named(of stack: CellStack<Cell>) -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: zip(Self.names(like: self, stack), tensors))
    }

    /// The state that ``named(of:)`` gave.
    ///
    /// - Throws: ``RecurrentStateError`` if a tensor is missing, too much, or of another shape.
    public init(named tensors: [String: Tensor], of stack: CellStack<Cell>) throws {
        let first = tensors.values.first
        let batch = first?.shape.first ?? 0
        let zeros = stack.zeroState(batch: batch, dtype: first?.dtype ?? .float32)
        let names = Self.names(like: zeros, stack)
        guard tensors.count == names.count else {
            throw RecurrentStateError(
                description:
                    "the saved state has \(tensors.count) tensors: expected \(names.count); it is of another network, or damaged"
            )
        }
        self = zeros.with(
            tensors: try zip(names, zeros.tensors).map { name, zero in
                guard let tensor = tensors[name] else {
                    throw RecurrentStateError(
                        description:
                            "the saved state has no \"\(name)\": it is of another network, or damaged"
                    )
                }
                guard tensor.shape == zero.shape, tensor.dtype == zero.dtype else {
                    throw RecurrentStateError(
                        description:
                            "the saved state's \"\(name)\" is \(tensor.dtype) \(tensor.shape): expected \(zero.dtype) \(zero.shape); it is of another network"
                    )
                }
                return tensor
            })
    }

    private static func names(like state: Self, _ stack: CellStack<Cell>) -> [String] {
        precondition(
            state.directions.count == stack.layerCount * stack.directionCount,
            "a state of \(state.directions.count) parts for \(stack.layerCount) layers")
        return state.directions.enumerated().flatMap { part, own in
            let (layer, direction) = part.quotientAndRemainder(dividingBy: stack.directionCount)
            return own.tensors.indices.map {
                "state_\($0)" + CellStack<Cell>.suffix(layer, direction)
            }
        }
    }
}

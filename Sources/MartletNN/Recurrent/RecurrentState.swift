public import MartletTensor

/// The state of a recurrent stack between two steps: a value, which can be kept, copied and handed on.
public struct RecurrentState: Sendable {
    /// The states of all layers: layer by layer, and in it direction by direction.
    public var directions: [DirectionState]

    /// A state of these parts.
    public init(_ directions: [DirectionState]) { self.directions = directions }

    /// A state as PyTorch lays it out, for layers of one width.
    ///
    /// - Parameters:
    ///   - hidden: the hidden states h, `[layers · directions, B, P]`.
    ///   - cell: the cell states c of an LSTM, `[layers · directions, B, H]`; nil for other cells.
    public init(hidden: Tensor, cell: Tensor? = nil) {
        directions = (0..<hidden.shape[0]).map { place in
            DirectionState(
                hidden: hidden.select(axis: 0, place), cell: cell?.select(axis: 0, place))
        }
    }

    /// The hidden states h, `[layers · directions, B, P]`, of layers of one width.
    public var hidden: Tensor { .stack(directions.map(\.hidden)) }

    /// The cell states c of an LSTM, `[layers · directions, B, H]`, of layers of one width; nil for other cells.
    public var cell: Tensor? {
        let cells = directions.compactMap(\.cell)
        return cells.isEmpty ? nil : .stack(cells)
    }

    /// How many sequences it is of.
    public var batch: Int { directions.first?.hidden.shape[0] ?? 0 }
}

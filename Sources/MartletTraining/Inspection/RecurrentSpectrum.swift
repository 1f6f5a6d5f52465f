public import MartletNN
public import MartletTensor

/// What a gate's recurrent matrix does to lengths: `W_hh`, or one of its blocks of H rows; with a projection `W_hr W_hh`, the
/// map from state to state.
public struct RecurrentSpectrum: Sendable, Codable, Equatable {
    /// The gate: LSTM `i f g o`, GRU `r z n`, RNN `h`.
    public var gate: String
    /// The spectral radius: the largest magnitude of an eigenvalue, by which a long product of the matrix with itself grows or
    /// shrinks in each factor.
    public var radius: Double
    /// The largest singular value: by how much one product can lengthen a vector at most.
    public var norm: Double
    /// All eigenvalues.
    public var eigenvalues: [Eigenvalue]

    /// The widest state whose eigenvalues are computed: the work grows with the third power.
    public static let widest = 1024

    /// The spectra of a layer's gates in their order; nil for a state wider than ``widest``, or if the steps towards an
    /// eigenvalue do not converge.
    public static func all(of weights: RecurrentWeights, cell: CellKind) -> [RecurrentSpectrum]? {
        let rows = weights.hiddenHidden.shape[0] / cell.gateCount
        guard weights.stateSize <= widest else { return nil }
        var result: [RecurrentSpectrum] = []
        for (place, gate) in cell.gateNames.enumerated() {
            var block = weights.hiddenHidden.detached.cast(to: .float64)
                .slice(axis: 0, place * rows..<(place + 1) * rows)
            if let projection = weights.projection {
                block = projection.detached.cast(to: .float64).matmul(block)
            }
            guard let spectrum = RecurrentSpectrum(gate, block) else { return nil }
            result.append(spectrum)
        }
        return result
    }

    /// The spectrum of a square matrix, float64.
    private init?(_ gate: String, _ matrix: Tensor) {
        let size = matrix.shape[0]
        let square = matrix.transposed().contiguous().matmul(matrix.contiguous())
        guard
            let own = Eigenvalue.all(
                of: matrix.contiguous().scalars(as: Double.self), size: size),
            let lengths = Eigenvalue.all(of: square.scalars(as: Double.self), size: size)
        else { return nil }
        self.gate = gate
        eigenvalues = own
        radius = own.reduce(0) { max($0, $1.magnitude) }
        norm = lengths.reduce(0) { max($0, $1.real) }.squareRoot()
    }
}

extension CellKind {
    /// The gates' letters in the order of their rows.
    public var gateNames: [String] {
        switch self {
        case .rnnTanh, .rnnRelu: ["h"]
        case .lstm: ["i", "f", "g", "o"]
        case .gru, .gruResetFirst: ["r", "z", "n"]
        }
    }
}

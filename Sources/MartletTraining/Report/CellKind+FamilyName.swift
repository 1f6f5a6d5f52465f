import MartletTensor

extension CellKind {
    /// The name that people call the kind by, whatever its variant.
    var familyName: String {
        switch self {
        case .rnnTanh, .rnnRelu: "RNN"
        case .lstm: "LSTM"
        case .gru, .gruResetFirst: "GRU"
        }
    }
}

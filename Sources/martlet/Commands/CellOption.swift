import ArgumentParser
import MartletNN
import MartletTensor

/// The cell of `--cell`: `rnn` stands for the plain network with tanh.
enum CellOption: String, ExpressibleByArgument, CaseIterable, Codable {
    case rnn, lstm, gru
    case rnnTanh = "rnn_tanh"
    case rnnRelu = "rnn_relu"
    case gruResetFirst = "gru_reset_first"

    var kind: CellKind {
        switch self {
        case .rnn, .rnnTanh: .rnnTanh
        case .rnnRelu: .rnnRelu
        case .lstm: .lstm
        case .gru: .gru
        case .gruResetFirst: .gruResetFirst
        }
    }
}

import MartletNN
import MartletTensor

/// What a gate (or a tanh) of a recurrent layer did over a batch: how often it was at its ends, where its derivative is
/// nearly zero and nothing is learned through it.
public struct GateActivity: Sendable, Codable, Equatable {
    /// The gate: LSTM `i f g o` and `tanh(c)`, GRU `r z n`, RNN `h`.
    public var gate: String
    /// The mean of the activations.
    public var mean: Double
    /// The share of activations at the lower end: below 0.05; of a tanh, below −0.95; of a relu, 0.
    public var low: Double
    /// The share at the upper end: above 0.95; of a relu, none.
    public var high: Double

    /// The share at either end.
    public var saturated: Double { low + high }

    /// What a gate's activations are limited by.
    enum Function { case sigmoid, tanh, relu }

    /// The figures of activations `[B, T, H]`, of which the real steps count.
    init(_ gate: String, _ function: Function, _ activations: Tensor, lengths: [Int]) {
        self.gate = gate
        let (time, units) = (activations.shape[1], activations.shape[2])
        let values = activations.contiguous().scalars(as: Double.self)
        var (sum, lows, highs, count) = (0.0, 0, 0, 0)
        for (row, length) in lengths.enumerated() {
            let start = row * time * units
            for value in values[start..<start + length * units] {
                sum += value
                count += 1
                switch function {
                case .sigmoid:
                    if value < 0.05 { lows += 1 }
                    if value > 0.95 { highs += 1 }
                case .tanh:
                    if value < -0.95 { lows += 1 }
                    if value > 0.95 { highs += 1 }
                case .relu: if value == 0 { lows += 1 }
                }
            }
        }
        let all = Double(max(count, 1))
        (mean, low, high) = (sum / all, Double(lows) / all, Double(highs) / all)
    }
}

extension StepwiseLayer {
    /// What the gates let through at every step, `[B, T, H]` each, from the states before the steps.
    ///
    /// The equations are those at the top of `RNN.swift`, `LSTM.swift` and `GRU.swift`.
    func gates(_ history: History) -> [(name: String, function: GateActivity.Function, Tensor)] {
        let input = Self.product(history.input, weights.inputHidden, weights.inputBias)
        func state(_ hidden: Tensor) -> Tensor {
            Self.product(hidden, weights.hiddenHidden, weights.hiddenBias)
        }
        func part(_ sums: Tensor, _ gate: Int) -> Tensor {
            let units = sums.shape[2] / cell.gateCount
            return sums.slice(axis: 2, gate * units..<(gate + 1) * units)
        }
        switch cell {
        case .rnnTanh: return [("h", .tanh, history.hidden)]
        case .rnnRelu: return [("h", .relu, history.hidden)]
        case .lstm:
            let sums = input + state(history.hiddenBefore)
            let (before, after) = (history.cellBefore!, history.cell!)
            func peep(_ place: Int, _ cell: Tensor) -> Tensor {
                guard let peephole = weights.peephole else { return cell * 0 }
                let units = cell.shape[2]
                return cell * peephole.slice(axis: 0, place * units..<(place + 1) * units)
            }
            return [
                ("i", .sigmoid, (part(sums, 0) + peep(0, before)).sigmoid()),
                ("f", .sigmoid, (part(sums, 1) + peep(1, before)).sigmoid()),
                ("g", .tanh, part(sums, 2).tanh()),
                ("o", .sigmoid, (part(sums, 3) + peep(2, after)).sigmoid()),
                ("tanh(c)", .tanh, after.tanh()),
            ]
        case .gru, .gruResetFirst:
            let sums = state(history.hiddenBefore)
            let reset = (part(input, 0) + part(sums, 0)).sigmoid()
            let update = (part(input, 1) + part(sums, 1)).sigmoid()
            let old =
                cell == .gru
                ? reset * part(sums, 2) : part(state(reset * history.hiddenBefore), 2)
            return [
                ("r", .sigmoid, reset), ("z", .sigmoid, update),
                ("n", .tanh, (part(input, 2) + old).tanh()),
            ]
        }
    }

    /// `x Wᵀ + b` at every step.
    private static func product(_ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
        let (B, T, D) = (x.shape[0], x.shape[1], x.shape[2])
        let product = x.contiguous().reshaped([B * T, D]).matmul(weight.transposed())
        return (bias.map { product + $0 } ?? product).reshaped([B, T, weight.shape[0]])
    }

    /// ∂loss/∂c at every step, `[B, T, H]`: from its probes, which see the step after, and through what is shown of it.
    func cellGradient(_ probes: Tensor, _ hidden: Tensor, _ history: History) -> Tensor {
        let shown = history.cell!.tanh()
        let output = gates(history)[3].2
        let (B, T, H) = (shown.shape[0], shown.shape[1], shown.shape[2])
        let given =
            weights.projection.map {
                hidden.reshaped([B * T, hidden.shape[2]]).matmul($0).reshaped([B, T, H])
            } ?? hidden
        var slope = output * (shown.squared() * -1 + 1)
        if let peephole = weights.peephole {
            slope =
                slope + shown * output * (output * -1 + 1)
                * peephole.slice(axis: 0, 2 * H..<3 * H)
        }
        return probes + given * slope
    }
}

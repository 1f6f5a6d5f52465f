import MartletNN
public import MartletTensor

/// Which steps of a sequence a made-up loss looks at.
public enum InspectedLoss: String, Codable, Sendable, CaseIterable {
    /// The state that each direction has in the end.
    case last
    /// Every state.
    case every

    /// The weights of the loss Σ w ⊙ output: at the steps that it looks at, for each direction, a random vector of length 1.
    ///
    /// So ∂loss/∂h is of length 1 where the loss looks and nothing else reads the state.
    func weights(
        _ stack: RecurrentStack, lengths: [Int], time: Int, using random: inout RandomGenerator
    ) -> Tensor {
        let directions = stack.directionCount
        let width = stack.outputSize / directions
        var values = random.normal([lengths.count, time, stack.outputSize], dtype: .float64)
            .scalars(as: Double.self)
        for (row, length) in lengths.enumerated() {
            for t in 0..<time {
                for direction in 0..<directions {
                    let readsBack = stack.isReversed || direction == 1
                    let isLast = t == (readsBack ? 0 : length - 1)
                    let isSeen = t < length && (self == .every || isLast)
                    let start = (row * time + t) * stack.outputSize + direction * width
                    let square = values[start..<start + width].reduce(0) { $0 + $1 * $1 }
                    let factor = isSeen && square > 0 ? 1 / square.squareRoot() : 0
                    for place in start..<start + width { values[place] *= factor }
                }
            }
        }
        return Tensor(values, shape: [lengths.count, time, stack.outputSize])
    }
}

/// How the cells of an inspection begin.
public enum InspectedStart: String, Codable, Sendable, CaseIterable {
    /// As PyTorch's: everything uniform in ±1/√H.
    case pytorch
    /// As Keras's: the recurrent matrices orthogonal, the forget gate's offset 1.
    case keras

    var initialization: RecurrentInitialization { self == .pytorch ? .pytorch : .keras }
}

/// Fresh cells to inspect, on random inputs.
public struct GradientOptions: Codable, Sendable, Equatable {
    /// The cells, side by side.
    public var cells: [CellKind] = [.rnnTanh, .lstm, .gru]
    /// Steps T.
    public var time = 200
    /// Sequences B.
    public var batch = 8
    /// Units H.
    public var hidden = 64
    /// The width D of the inputs, normal random numbers.
    public var input = 32
    /// Layers on top of each other.
    public var layers = 1
    /// A factor on the recurrent matrices.
    public var scale = 1.0
    /// How the weights begin.
    public var start = InspectedStart.pytorch
    /// Added to the offset of the gate that keeps the old: an LSTM's f, a GRU's z.
    public var keepBias = 0.0
    /// Where the loss looks.
    public var loss = InspectedLoss.last
    /// Where all random numbers come from.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case cells, time, batch, hidden, input, layers, scale, loss, seed
        case start = "init"
        case keepBias = "keep_bias"
    }

    /// What is wrong with the values, by the name of the flag; nil if nothing is.
    public var problem: String? {
        if cells.isEmpty { return "--cell is empty: expected one at least" }
        for (flag, value, most) in [
            ("--time", time, 10_000), ("--batch", batch, 4096),
            ("--hidden", hidden, RecurrentSpectrum.widest), ("--input", input, 4096),
            ("--layers", layers, 64),
        ] where !(1...most).contains(value) {
            return "\(flag) is \(value): expected 1 … \(Decimals.grouped(most))"
        }
        if !(scale >= 0 && scale <= 1e6) { return "--scale is \(scale): expected 0 … 1e6" }
        if !(abs(keepBias) <= 100) { return "--keep-bias is \(keepBias): expected -100 … 100" }
        return Self.problem(time: time, batch: batch, units: hidden * layers)
    }

    /// What is wrong with the work all in all: every state of every step is kept.
    static func problem(time: Int, batch: Int, units: Int) -> String? {
        let (states, most) = (time * batch * units, 1 << 23)
        return states <= most
            ? nil
            : "\(time) steps of \(batch) sequences with \(units) units are \(Decimals.grouped(states)) numbers to keep: expected at most \(Decimals.grouped(most)); take fewer steps (--time) or sequences (--batch)"
    }

    /// A stack of one kind of cell.
    func stack(_ cell: CellKind) -> RecurrentStack {
        // Each cell from the same numbers, whatever stands beside it.
        var random = RandomGenerator(seed: seed, stream: 1)
        var stack = RecurrentStack(
            cell: cell, inputSize: input, hiddenSizes: Array(repeating: hidden, count: layers),
            initialization: start.initialization, using: &random)
        let keeping = cell == .lstm || cell == .gru || cell == .gruResetFirst
        let rows = (0..<cell.gateCount * hidden).map { row in
            keeping && row / hidden == 1 ? keepBias : 0
        }
        for layer in stack.weights.indices {
            stack.weights[layer][0].hiddenHidden = stack.weights[layer][0].hiddenHidden * scale
            stack.weights[layer][0].inputBias =
                stack.weights[layer][0].inputBias!
                + Tensor(rows.map(Float.init), shape: [rows.count])
        }
        return stack
    }
}

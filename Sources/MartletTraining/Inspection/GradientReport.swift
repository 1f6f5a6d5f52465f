public import MartletTensor

/// What an inspection of gradients found: for the terminal, the page, and `--json`.
public struct GradientReport: Codable, Sendable {
    /// What was inspected, in words.
    public var title: String
    /// What it was inspected on, by name.
    public var settings: [Setting]
    /// Where the loss looks: `last`, `every`, or `own` for a classifier's own.
    public var loss: String
    /// The networks side by side.
    public var networks: [Network]

    /// A name and a value.
    public struct Setting: Codable, Sendable, Equatable {
        /// The name.
        public var name: String
        /// The value.
        public var value: String
    }

    /// One network.
    public struct Network: Codable, Sendable {
        /// Its name.
        public var name: String
        /// Its cell.
        public var cell: CellKind
        /// Its layers, each in its directions.
        public var parts: [Part]
    }

    /// One layer in one direction. Lengths that are no finite numbers, or of no sequence, are nil.
    public struct Part: Codable, Sendable {
        /// The layer, counted from 1.
        public var layer: Int
        /// Whether it reads from the end.
        public var isReverse: Bool
        /// |∂loss/∂h_t| for t = 1 … T, the mean over the sequences.
        public var gradient: [Double?]
        /// |∂loss/∂c_t| of an LSTM.
        public var cellGradient: [Double?]?
        /// |∂loss/∂h| at the step that was read last, in the middle and first.
        public var last: Double?, middle: Double?, first: Double?
        /// By how much a step back multiplies the length, the geometric mean.
        public var perStep: Double?
        /// How many steps back the length stays above a hundredth of what it is in the end; nil: all, or it has no meaning.
        public var reach: Int?
        /// The spectra of the gates' recurrent matrices; nil: too wide.
        public var spectra: [RecurrentSpectrum]?
        /// What the gates did.
        public var gates: [GateActivity]
        /// What it comes to.
        public var verdict: GradientVerdict

        enum CodingKeys: String, CodingKey {
            case layer, gradient, last, middle, first, reach, spectra, gates, verdict
            case isReverse = "reverse"
            case cellGradient = "cell_gradient"
            case perStep = "per_step"
        }
    }

    /// Every part with a name that tells it from the others.
    public var named: [(name: String, part: Part)] {
        networks.flatMap { network in
            let layers = network.parts.last?.layer ?? 1
            let isBidirectional = Set(network.parts.map(\.isReverse)).count > 1
            return network.parts.map { part in
                let layer = layers > 1 ? " \(part.layer)" : ""
                let direction = isBidirectional ? (part.isReverse ? " ←" : " →") : ""
                return (network.name + layer + direction, part)
            }
        }
    }
}

/// Whether a gradient reaches the first step.
public struct GradientVerdict: Codable, Sendable, Equatable {
    /// How much is left.
    public enum Kind: String, Codable, Sendable {
        /// Less than a thousandth.
        case vanishes
        /// Less than a tenth.
        case fades
        /// A tenth to ten times.
        case holds
        /// Up to a thousand times.
        case grows
        /// More than that.
        case explodes
    }

    /// How much is left.
    public var kind: Kind
    /// The same as a sentence.
    public var text: String

    /// The verdict of the lengths at the step read last and the one read first.
    init(last: Double, first: Double, loss: String, reach: Int?) {
        let ratio = last > 0 ? first / last : first > 0 ? .infinity : 1
        kind =
            switch ratio {
            case ..<1e-3: .vanishes
            case ..<0.1: .fades
            case ...10: .holds
            case ...1e3: .grows
            default: .explodes
            }
        let share = Decimals.magnitude(ratio)
        guard loss == InspectedLoss.last.rawValue else {
            text =
                "\(kind.rawValue): the gradient at the first step is \(share) times that at the last; the loss looks at every step"
            return
        }
        switch kind {
        case .vanishes, .fades:
            let back =
                reach.map {
                    "; \($0) \($0 == 1 ? "step" : "steps") back it is still above a hundredth"
                } ?? ""
            text =
                "\(kind.rawValue): of the gradient at the last step \(share) arrives at the first\(back)"
        case .holds:
            text = "holds: the gradient at the first step is \(share) times that at the last"
        case .grows, .explodes:
            text =
                ratio.isFinite
                ? "\(kind.rawValue): the gradient at the first step is \(share) times that at the last"
                : "explodes: the gradient at the first step is too long for a number"
        }
    }
}

extension GradientReport.Part {
    /// A part of what was measured.
    init(_ path: GradientFlow.Path, spectra: [RecurrentSpectrum]?, loss: String, lengths: [Int]) {
        func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
        layer = path.layer + 1
        isReverse = path.isReverse
        gradient = path.hidden.map { $0.flatMap(finite) }
        cellGradient = path.cell?.map { $0.flatMap(finite) }
        (last, middle, first) = (finite(path.last), finite(path.middle), finite(path.first))
        let steps = lengths.filter { $0 > 0 }.map { Double($0 - 1) }
        perStep = path.decay(over: steps.reduce(0, +) / Double(max(steps.count, 1))).flatMap(finite)
        // Only where all sequences end at the same step is a distance from the end a step.
        if loss == InspectedLoss.last.rawValue, Set(lengths).count == 1 {
            let backwards = path.isReverse ? path.hidden : path.hidden.reversed()
            reach = backwards.firstIndex { ($0 ?? 0) < 0.01 * path.last }.map { max($0 - 1, 0) }
        }
        self.spectra = spectra
        gates = path.gates
        verdict = GradientVerdict(last: path.last, first: path.first, loss: loss, reach: reach)
    }
}

extension GradientReport {
    /// What to try, by what was found; empty if all is well.
    public var advice: [String] {
        let found = named.map(\.part.verdict.kind)
        var lines: [String] = []
        func cells(_ kinds: [GradientVerdict.Kind]) -> Set<CellKind> {
            Set(
                networks.filter { network in
                    network.parts.contains { kinds.contains($0.verdict.kind) }
                }.map(\.cell))
        }
        let fading = cells([.vanishes, .fades])
        if fading.contains(.rnnTanh) || fading.contains(.rnnRelu) {
            lines.append(
                "A plain network that forgets: take a gated cell (--cell lstm or gru), or begin with orthogonal matrices (--init keras), whose eigenvalues lie on the unit circle."
            )
        }
        if !fading.isDisjoint(with: [.lstm, .gru, .gruResetFirst]) {
            lines.append(
                "A gated cell that forgets: let the gate that keeps begin open (--keep-bias 3; in Swift RecurrentInitialization's forgetBias for an LSTM): f or z is then near 1, and a step back keeps nearly all."
            )
        }
        if found.contains(.explodes) || found.contains(.grows) {
            lines.append(
                "A gradient that grows: clip it (training's --clip; in Swift gradient.clipped(norm: 1)), lower the learning rate, or begin with smaller recurrent matrices (spectral radius 1 or less)."
            )
        }
        return lines
    }
}

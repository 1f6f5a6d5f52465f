/// The kinds of networks that the field's well-known table has.
package enum NetworkFamily: String, Sendable, CaseIterable {
    /// The plain network, however it begins.
    case rnn = "RNN"
    /// Networks with gates.
    case gated = "LSTM / GRU"
    /// Attention.
    case transformer = "Transformer"

    init(_ contender: Contender) {
        switch contender {
        case .rnn, .rnnRelu, .rnnOrthogonal: self = .rnn
        case .lstm, .lstmForget1, .gru, .gruResetFirst: self = .gated
        case .transformer: self = .transformer
        }
    }

    /// What it is said to fit.
    package var use: String {
        switch self {
        case .rnn: "short sequences, tiny devices, a first baseline"
        case .gated: "series, streams and texts of some hundred steps, few data, little memory"
        case .transformer: "language and long contexts, many data, many processors"
        }
    }

    /// What it is said to be good at.
    package var strength: String {
        switch self {
        case .rnn: "few parameters, a state of one size, cheap steps"
        case .gated: "gates carry memory and gradients far, a state of one size"
        case .transformer: "every step sees every other one directly, all steps are trained at once"
        }
    }

    /// What it is said to be bad at.
    package var weakness: String {
        switch self {
        case .rnn: "gradients vanish or explode, step after step in training"
        case .gated: "more parameters, step after step in training"
        case .transformer: "work grows with the square of the length, and the state with the length"
        }
    }
}

/// The field's well-known table with what was measured: of each figure, whose is the best and whose the worst.
package struct ComparisonSummary: Sendable {
    /// A family and what speaks for and against it here.
    package struct Row: Sendable, Equatable {
        /// Who.
        package var family: NetworkFamily
        /// Figures in which it is the best of all families, in words.
        package var best: [String]
        /// Figures in which it is the worst.
        package var worst: [String]
    }

    /// A figure of a family: of its best contender.
    private struct Figure {
        /// The more, the better.
        var value: Double
        /// By how much chance alone changes it: the seeds' standard deviation, or a twentieth of a time.
        var spread = 0.0
        var text: String
        var contender: Contender
    }

    /// The families that took part; empty if there was only one.
    package private(set) var rows: [Row] = []

    /// The table of a record.
    package init(_ record: ComparisonRecord) {
        let families = NetworkFamily.allCases.filter { family in
            record.options.contenders.contains { NetworkFamily($0) == family }
        }
        guard families.count > 1 else { return }
        rows = families.map { Row(family: $0, best: [], worst: []) }
        for task in record.options.tasks { add(task, record) }
    }

    /// Whether anything was measured of two families, however far they are apart.
    package private(set) var hasFigures = false

    private mutating func add(_ task: ComparisonTask, _ record: ComparisonRecord) {
        guard task != .speed else { return add(record.costs) }
        guard let longest = record.rows(of: task).map({ $0.length ?? 0 }).max() else { return }
        let name = task.memory == nil ? task.rawValue : "\(task.rawValue) at \(longest)"
        let unit = task.isShare ? "" : " bits per character"
        add(
            record.rows(of: task).filter { ($0.length ?? 0) == longest }.map { row in
                Figure(
                    value: task.isShare ? row.score : -row.score, spread: row.deviation ?? 0,
                    text: "\(name): \(ComparisonFigures.score(row))\(unit)",
                    contender: row.contender)
            })
    }

    private mutating func add(_ costs: [ComparisonCost]) {
        let lengths = Set(costs.map(\.length)).sorted()
        guard let longest = lengths.last else { return }
        for length in Set([lengths[0], longest]).sorted() {
            let here = costs.filter { $0.length == length }
            let steps = Decimals.grouped(length)
            add(
                here.map {
                    Figure(
                        value: $0.trainingRate, spread: 0.05 * $0.trainingRate,
                        text: "training at length \(steps): \(ComparisonFigures.rate($0)) steps/s",
                        contender: $0.contender)
                })
            add(
                here.map {
                    Figure(
                        value: -$0.stepMicroseconds, spread: 0.05 * $0.stepMicroseconds,
                        text: "a step after \(steps): \(ComparisonFigures.single($0))",
                        contender: $0.contender)
                })
        }
        let here = costs.filter { $0.length == longest }
        add(
            here.map {
                Figure(
                    value: -Double($0.trainingBytes),
                    text:
                        "training at length \(Decimals.grouped(longest)): \(ComparisonFigures.trainingMemory($0))",
                    contender: $0.contender)
            })
        add(
            here.map {
                Figure(
                    value: -Double($0.stateBytes),
                    text:
                        "state after \(Decimals.grouped(longest)): \(ComparisonFigures.state($0))",
                    contender: $0.contender)
            })
    }

    /// Notes whose family is the best and whose the worst, where they differ by more than chance and there are two.
    private mutating func add(_ figures: [Figure]) {
        let ofFamilies = rows.indices.compactMap { place -> (place: Int, figure: Figure)? in
            let own = figures.filter { NetworkFamily($0.contender) == rows[place].family }
            return own.max { $0.value < $1.value }.map { (place, $0) }
        }
        guard ofFamilies.count > 1 else { return }
        hasFigures = true
        guard
            let best = ofFamilies.max(by: { $0.figure.value < $1.figure.value }),
            let worst = ofFamilies.min(by: { $0.figure.value < $1.figure.value }),
            best.figure.value - worst.figure.value > best.figure.spread + worst.figure.spread
        else { return }
        rows[best.place].best.append(text(best.figure))
        rows[worst.place].worst.append(text(worst.figure))
    }

    private func text(_ figure: Figure) -> String {
        NetworkFamily(figure.contender) == .gated
            ? "\(figure.text) (\(figure.contender.rawValue))" : figure.text
    }
}

extension ComparisonFigures {
    /// Steps of training a second, of all sequences: `12.3k`.
    package static func rate(_ cost: ComparisonCost) -> String { Decimals.short(cost.trainingRate) }

    /// The time of one more step: `12.3 µs`.
    package static func single(_ cost: ComparisonCost) -> String {
        Decimals.fixed(cost.stepMicroseconds, cost.stepMicroseconds < 100 ? 1 : 0) + "\u{A0}µs"
    }

    /// The memory of a step of training: `1.2 MB`.
    package static func trainingMemory(_ cost: ComparisonCost) -> String {
        Decimals.fixed(Double(cost.trainingBytes) / 1e6, 1) + "\u{A0}MB"
    }

    /// What is known after a sequence: `0.3 kB`, `2.1 MB`.
    package static func state(_ cost: ComparisonCost) -> String {
        let bytes = Double(cost.stateBytes)
        return bytes < 1e6
            ? Decimals.fixed(bytes / 1e3, 1) + "\u{A0}kB"
            : Decimals.fixed(bytes / 1e6, 1) + "\u{A0}MB"
    }
}

public import ArgumentParser
import MartletStore
import MartletTensor
public import MartletTraining

/// `martlet inspect gradients`: how far back a gradient comes.
struct InspectGradients: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gradients",
        abstract: "See the gradient vanish, hold or explode on its way back through time.",
        discussion: """
            Shows the length of ∂loss/∂h_t at every step, the spectral radius of the recurrent matrices, and how saturated \
            the gates are: of fresh cells on random inputs (--cell), or of a trained model (--model): a bare recurrent \
            stack, on inputs from a safetensors file or random ones, a text classifier with its own loss on labelled texts, \
            or a language model with its own loss on running text. Everything is computed in float64. --out writes a page (.html) or the chart alone (.svg).
            """)

    @Option(
        help: """
            Cells side by side: rnn, rnn_relu, lstm, gru, gru_reset_first, with commas between (default: rnn,lstm,gru).
            """)
    var cell: CellList?
    @Option(help: "The folder of a model to inspect instead.")
    var model: String?
    @Option(
        help: """
            What a model reads: labelled texts, running text, or a safetensors file with input [B, T, D].
            """)
    var data: String?
    @OptionGroup var columns: ColumnFlags
    @Option(help: "Steps; of labelled texts, the most tokens (default: \(defaults.time)).")
    var time: Int?
    @Option(help: "Sequences or texts (default: \(defaults.batch)).")
    var batch: Int?
    @Option(help: "Units of each layer (default: \(defaults.hidden)).")
    var hidden: Int?
    @Option(help: "Width of the inputs (default: \(defaults.input)).")
    var input: Int?
    @Option(help: "Layers on top of each other (default: \(defaults.layers)).")
    var layers: Int?
    @Option(
        help: "A factor on the recurrent matrices: 3 makes a plain network explode (default: 1).")
    var scale: Double?
    @Option(
        name: .customLong("init"),
        help: "How the weights begin: pytorch (uniform) or keras (orthogonal) (default: pytorch).")
    var start: InspectedStart?
    @Option(
        help: """
            Added to the offset of the gate that keeps the old, an LSTM's f and a GRU's z: 3 opens it (default: 0).
            """)
    var keepBias: Double?
    @Option(
        help: """
            Where a made-up loss or a language model's looks: last (the last state) or every (default: last).
            """)
    var loss: InspectedLoss?
    @Option(help: "Where all random numbers come from (default: 0).")
    var seed: UInt64?
    @Option(help: "Write a page, or with a name that ends in .svg the chart.")
    var out: String?
    @Flag(help: "Print one JSON object.")
    var json = false

    private static var defaults: GradientOptions { GradientOptions() }

    /// The options with what was given.
    private var options: GradientOptions {
        var options = GradientOptions()
        func set<Value>(_ path: WritableKeyPath<GradientOptions, Value>, _ value: Value?) {
            if let value { options[keyPath: path] = value }
        }
        set(\.cells, cell?.kinds)
        set(\.time, time)
        set(\.batch, batch)
        set(\.hidden, hidden)
        set(\.input, input)
        set(\.layers, layers)
        set(\.scale, scale)
        set(\.start, start)
        set(\.keepBias, keepBias)
        set(\.loss, loss)
        set(\.seed, seed)
        // A model has its own sizes, which are checked with its data.
        if model != nil { (options.hidden, options.layers) = (1, 1) }
        return options
    }

    func validate() throws {
        if data != nil, model == nil {
            throw ValidationError("--data is for --model: fresh cells read random inputs")
        }
        if model != nil {
            let given: [(String, Bool)] = [
                ("--cell", cell != nil), ("--hidden", hidden != nil), ("--input", input != nil),
                ("--layers", layers != nil), ("--scale", scale != nil), ("--init", start != nil),
                ("--keep-bias", keepBias != nil),
            ]
            if let flag = given.first(where: \.1)?.0 {
                throw ValidationError("\(flag) is for fresh cells: a model has its own")
            }
        }
        if let problem = options.problem { throw ValidationError(problem) }
    }

    func run() throws {
        try Failure.exiting {
            let report =
                try model.map {
                    try GradientInspection.model(
                        $0, data: data, columns: columns.applied(), options: options)
                } ?? GradientInspection.cells(options)
            if let out {
                let text =
                    out.hasSuffix(".svg")
                    ? GradientPage.svg(report)
                    : GradientPage.html(
                        report,
                        command: "martlet "
                            + CommandLine.arguments.dropFirst().joined(separator: " "))
                try FileContents.text(text).save(to: out)
            }
            if json {
                try JSONOutput.print(report)
            } else {
                try Output.line(
                    GradientView(
                        report: report, inColour: Terminal.isColourful, width: Terminal.width
                    ).text + (out.map { "\n\nsaved  \($0)" } ?? ""))
            }
        }
    }
}

/// Cells with commas between them.
struct CellList: ExpressibleByArgument {
    var kinds: [CellKind]

    init?(argument: String) {
        let options = argument.split(separator: ",", omittingEmptySubsequences: false).map {
            CellOption(rawValue: String($0))
        }
        guard !options.contains(where: { $0 == nil }) else { return nil }
        kinds = options.compactMap { $0?.kind }
    }
}

extension InspectedStart: ExpressibleByArgument {}
extension InspectedLoss: ExpressibleByArgument {}

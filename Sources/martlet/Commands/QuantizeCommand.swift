public import ArgumentParser
import Foundation
public import MartletTensor
import MartletTraining

/// `martlet quantize`: a model's matrices in 8 or 4 bits.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract:
            "Keep a model's recurrent matrices in 8 or 4 bits, and say what that saves and costs.",
        discussion: """
            int8: a byte a number, a scale for each row. int4: half a byte, a scale for each 32 numbers. What a matrix \
            reads is rounded to 8 bits as it comes. The new folder is used like the old one. A classifier's vectors of \
            tokens stay as they are.
            """)

    @Argument(help: "The model's folder.")
    var model: String
    @Option(help: "int8 or int4.")
    var type: QuantizedType
    @Option(help: "The folder to write.")
    var out: String
    @Option(
        help: """
            What to compare both models on: labelled texts for a classifier (of its own data, the test tenth is used), a \
            safetensors file with inputs for a recurrent stack.
            """)
    var data: String?
    @OptionGroup var columns: ColumnFlags
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try Failure.exiting {
            let report = try QuantizeRecipe(
                model: model, type: type, out: out, data: data, columns: columns.applied()
            ).run()
            if json {
                try JSONOutput.print(report)
            } else {
                try Output.line(text(report))
            }
        }
    }

    private func text(_ report: QuantizationReport) -> String {
        func line(_ name: String, _ before: String, _ after: String, _ more: String = "") -> String
        {
            name.padding(toLength: 11, withPad: " ", startingAt: 0) + before + " → " + after + more
        }
        func megabytes(_ bytes: Int) -> String { String(format: "%.2f MB", Double(bytes) / 1e6) }
        func percent(_ share: Double) -> String { String(format: "%.1f %%", share * 100) }
        let bytes = report.bytes
        var lines = [
            line(
                "size", megabytes(bytes.before), megabytes(bytes.after),
                String(format: "  (%.2f of it)", Double(bytes.after) / Double(max(bytes.before, 1)))
            )
        ]
        if let time = report.milliseconds {
            lines.append(
                line(
                    "time", String(format: "%.3g ms", time.before),
                    String(format: "%.3g ms", time.after),
                    String(format: "  (%.2f times as fast)", time.before / time.after)))
        }
        if let accuracy = report.accuracy, let same = report.sameAnswers,
            let count = report.examples
        {
            lines.append(
                line(
                    "accuracy", percent(accuracy.before), percent(accuracy.after),
                    "  on \(count) texts; \(percent(same)) of the answers are the same"))
        }
        if let error = report.relativeError {
            lines.append(
                "error".padding(toLength: 11, withPad: " ", startingAt: 0)
                    + String(format: "%.4f of the outputs (root mean square)", error))
        }
        lines.append("saved".padding(toLength: 11, withPad: " ", startingAt: 0) + out)
        return lines.joined(separator: "\n")
    }
}

extension QuantizedType: ExpressibleByArgument {}

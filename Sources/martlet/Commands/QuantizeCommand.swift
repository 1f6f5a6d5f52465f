public import ArgumentParser
public import MartletTensor
import MartletTraining

/// `martlet quantize`: a model's matrices in 8 or 4 bits.
struct QuantizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quantize",
        abstract:
            "Keep a model's matrices in 8 or 4 bits, and say what that saves and costs.",
        discussion: """
            int8: a byte a number, a scale for each row. int4: half a byte, a scale for each 32 numbers. What a matrix \
            reads is rounded to 8 bits as it comes. The new folder is used like the old one, but not to train on. Recurrent \
            stacks, classifiers and language models of them; encoders of texts (BERT, RoBERTa, MiniLM) and models of train \
            seq2seq, these in int8 alone. The vectors of tokens stay as they are.
            """)

    @Argument(help: "The model's folder.")
    var model: String
    @Option(help: "int8 or int4.")
    var type: QuantizedType
    @Option(help: "The folder to write.")
    var out: String
    @Option(
        help: """
            What to compare both models on: labelled texts for a classifier, running text for a language model (of the data \
            that it was trained on, the test part is used), pairs for a model of train seq2seq (likewise), texts, a line each, \
            for an encoder of texts (the first 1,000), a safetensors file with inputs for a recurrent stack.
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
        func row(_ name: String, _ text: String) -> String {
            name + String(repeating: " ", count: 12 - name.count) + text
        }
        func megabytes(_ bytes: Int) -> String { Decimals.fixed(Double(bytes) / 1e6, 2) + " MB" }
        func milliseconds(_ time: Double) -> String {
            Decimals.fixed(time, time < 10 ? 3 : time < 100 ? 1 : 0) + " ms"
        }
        let bytes = report.bytes
        let share = Double(bytes.after) / Double(max(bytes.before, 1))
        var lines = [
            row(
                "size",
                "\(megabytes(bytes.before)) → \(megabytes(bytes.after))  (\(Decimals.percent(share)) of it)"
            )
        ]
        if let time = report.milliseconds {
            lines.append(
                row(
                    "time",
                    "\(milliseconds(time.before)) → \(milliseconds(time.after))  (\(Decimals.fixed(time.before / time.after, 2)) times as fast)"
                ))
        }
        if let accuracy = report.accuracy, let same = report.sameAnswers,
            let count = report.examples
        {
            lines.append(
                row(
                    "accuracy",
                    "\(Decimals.percent(accuracy.before)) → \(Decimals.percent(accuracy.after))  on \(Decimals.grouped(count)) texts; \(Decimals.percent(same)) of the answers are the same"
                ))
        }
        if let perplexity = report.perplexity, let count = report.tokens {
            lines.append(
                row(
                    "perplexity",
                    "\(Decimals.fixed(perplexity.before, 3)) → \(Decimals.fixed(perplexity.after, 3))  on \(Decimals.grouped(count)) tokens"
                ))
        }
        if let scores = report.scores, let same = report.sameAnswers, let count = report.sources {
            for score in scores {
                lines.append(
                    row(
                        score.before.name,
                        "\(Decimals.fixed(score.before.value, 2)) → \(Decimals.fixed(score.after.value, 2))"
                    ))
            }
            lines.append(
                row(
                    "answers",
                    "\(Decimals.percent(same)) of \(Decimals.grouped(count)) are the same"))
        }
        if let cosine = report.cosine, let count = report.examples {
            lines.append(
                row(
                    "cosine",
                    "\(Decimals.fixed(cosine.mean, 4)) on average, \(Decimals.fixed(cosine.least, 4)) at least, of the vectors of \(Decimals.grouped(count)) texts before and after"
                ))
        }
        if let error = report.relativeError {
            lines.append(
                row("error", "\(Decimals.fixed(error, 4)) of the outputs (root mean square)"))
        }
        return (lines + [row("saved", out)]).joined(separator: "\n")
    }
}

extension QuantizedType: ExpressibleByArgument {}

import ArgumentParser
import MartletText

/// `martlet tokenizer inspect`: what each stage makes of a text.
struct TokenizerInspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show what each stage makes of a text, and the pieces with their numbers.",
        discussion: """
            Parts are separated by │; in a terminal the pieces are in colours instead. White space shows as ␣ ⏎ ⇥.
            """)

    @Option(help: "A tokenizer's file, or the folder of a model.")
    var tokenizer: String
    @Flag(
        name: .customLong("no-special-tokens"),
        help: "Without the special tokens that belong around a text.")
    var noSpecialTokens = false
    @Flag(help: "Print one JSON object.")
    var json = false
    @Argument(help: "The text.")
    var text: String

    func run() throws {
        try Failure.exiting {
            let pipeline = try TokenizerPipeline(path: tokenizer)
            let stages = try pipeline.stages(text, addSpecialTokens: !noSpecialTokens)
            if json {
                try JSONOutput.print(Answer(text, stages))
            } else {
                let view = TokenizerView(inColour: Terminal.isColourful)
                try Output.line(view.text(text, stages))
            }
        }
    }

    /// What `--json` prints.
    private struct Answer: Encodable {
        var text: String
        var normalized: [String]
        var words: [String]
        var tokens: [String]
        var ids: [Int32]
        /// Where each token lies in the text's UTF-8: from and to.
        var offsets: [[Int]]

        init(_ text: String, _ stages: TokenizerStages) {
            self.text = text
            normalized = stages.normalized.map(\.text)
            words = stages.words.map(\.text)
            tokens = stages.encoding.tokens
            ids = stages.encoding.ids
            offsets = stages.encoding.byteOffsets.map { [$0.lowerBound, $0.upperBound] }
        }
    }
}

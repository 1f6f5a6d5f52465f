import ArgumentParser
import MartletText

/// `martlet tokenizer decode`: lines of numbers to lines of text.
struct TokenizerDecode: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "decode",
        abstract: "Token numbers to text, line by line.",
        discussion: """
            Every line of standard input is a JSON array of numbers, or numbers with spaces between them. With --json the \
            texts are JSON strings, each on one line whatever it has in it.
            """)

    @Option(help: "A tokenizer's file, or the folder of a model.")
    var tokenizer: String
    @Flag(help: "With the special tokens, which are left out otherwise.")
    var specialTokens = false
    @Flag(help: "Print each text as a JSON string.")
    var json = false

    func run() throws {
        try Failure.exiting {
            let pipeline = try TokenizerPipeline(path: tokenizer)
            var input = try LineReader(path: nil)
            var first = 1
            while let lines = try input.nextLines() {
                let batch = try lines.enumerated().map { index, line in
                    try JSONLine.numbers(line, number: first + index, limit: pipeline.idLimit)
                }
                let texts = try pipeline.decodeBatch(batch, skipSpecialTokens: !specialTokens)
                let answers = json ? try texts.map(JSONOutput.text) : texts
                try Output.write(answers.map { $0 + "\n" }.joined())
                first += lines.count
            }
        }
    }
}

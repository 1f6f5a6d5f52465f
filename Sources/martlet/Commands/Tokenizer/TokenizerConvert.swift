import ArgumentParser
import MartletText
import MartletTraining

/// `martlet tokenizer convert`: any tokenizer's file to a tokenizer.json.
struct TokenizerConvert: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write any tokenizer as tokenizer.json.",
        discussion: """
            From a tokenizer.model of SentencePiece, a .tiktoken file, vocab.txt, or vocab.json beside merges.txt: one file \
            that gives the same numbers, and that Hugging Face's libraries load.
            """)

    @Argument(help: "A tokenizer's file, or the folder of a model.")
    var tokenizer: String
    @Option(help: "The folder to write tokenizer.json into.")
    var out: String
    @Flag(help: "Replace the tokenizer that --out holds.")
    var overwrite = false

    func run() throws {
        try Failure.exiting {
            let target = TokenizerTarget(folder: out)
            try target.check(overwrite: overwrite)
            let pipeline = try TokenizerPipeline(path: tokenizer)
            try target.makeFolder()
            try target.write(pipeline)
            try Output.line("\(target.path): \(Decimals.grouped(pipeline.idLimit)) numbers")
        }
    }
}

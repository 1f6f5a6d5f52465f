import ArgumentParser
import MartletData
import MartletText

/// `martlet bench tokenizer-training`: how long it takes to learn a tokenizer.
struct BenchTokenizerTraining: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer-training",
        abstract: "Time the training of a tokenizer, from text files to its pieces, once.")

    @Option(help: "How the pieces are learned.")
    var type: TokenizerRecipe.Kind
    @Option(parsing: .upToNextOption, help: "Text files (UTF-8), or folders of .txt files.")
    var data: [String]
    @Option(help: "How many pieces there shall be in all.")
    var size = 16_000
    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        try Failure.exiting {
            var recipe = TokenizerRecipe(type)
            recipe.size = size
            let files = try data.flatMap(TextCorpus.files)
            var pieces = 0
            let timing = try Timing { pieces = try recipe.run(files).tokenizer.idLimit }
            let name = "tokenizer training, \(type.rawValue)"
            if json {
                try JSONOutput.print(
                    Result(name: name, milliseconds: timing.milliseconds, pieces: pieces))
            } else {
                try Output.line("\(name): \(timing.milliseconds.median) ms, \(pieces) pieces")
            }
        }
    }

    private struct Result: Encodable {
        var name: String
        var milliseconds: Timing.Milliseconds
        var pieces: Int
    }
}

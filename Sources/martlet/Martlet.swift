import ArgumentParser

/// The command line: every subcommand is one file in `Commands/`.
@main
struct Martlet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet",
        abstract: "Sequence models in Swift, from the RNN to the LLM.",
        version: Version.current,
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, PredictCommand.self, RunCommand.self,
            BenchCommand.self, InfoCommand.self,
        ])
}

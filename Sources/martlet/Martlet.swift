import ArgumentParser

/// The command line: every subcommand is one file in `Commands/`.
@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet", abstract: "Sequence models in Swift, from the RNN to the LLM.")
}

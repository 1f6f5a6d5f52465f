import ArgumentParser

/// `martlet inspect`: look inside a network.
struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Look inside a network.",
        subcommands: [InspectGradients.self])
}

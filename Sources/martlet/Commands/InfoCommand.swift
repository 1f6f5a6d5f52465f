import ArgumentParser
import MartletTensor

/// `martlet info`: what this build runs on.
struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Show the version, the CPU's features, the threads and the kernels in use.")

    @Flag(help: "Print one JSON object.")
    var json = false

    func run() throws {
        let machine = Machine.current
        if json {
            let report = Report(
                version: Version.current, cpu: machine.cpuName, features: machine.features,
                instructionSet: machine.instructionSet,
                availableInstructionSets: machine.availableInstructionSets,
                threads: machine.threads, matrixProducts: "martlet", bfloat16: machine.bfloat16)
            try Failure.exiting { try JSONOutput.print(report) }
            return
        }
        print(
            """
            martlet          \(Version.current)
            CPU              \(machine.cpuName.isEmpty ? "unknown" : machine.cpuName)
            features         \(machine.features.joined(separator: " "))
            kernels          \(machine.instructionSet)  (can run here: \(machine.availableInstructionSets.joined(separator: ", ")); choose with MARTLET_ISA)
            threads          \(machine.threads)  (choose with MARTLET_THREADS)
            matrix products  our own kernels; of bfloat16: \(machine.bfloat16 ?? "not on this CPU")
            """)
    }

    private struct Report: Encodable {
        var version: String
        var cpu: String
        var features: [String]
        var instructionSet: String
        var availableInstructionSets: [String]
        var threads: Int
        var matrixProducts: String
        var bfloat16: String?
    }
}

import MartletStore
import MartletTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What `training.json` says of a run, whatever was learned.
public protocol TrainingRecord: Codable, Sendable {
    /// What could be chosen.
    associatedtype Options: TrainingChoices
    /// The version of Martlet.
    var version: String { get }
    /// The options, with the seed.
    var options: Options { get }
    /// The machine.
    var machine: MachineRecord { get }
    /// The figures of every epoch.
    var epochs: [EpochRecord] { get set }
    /// The epoch whose model was kept, counted from 1.
    var bestEpoch: Int? { get set }
}

extension TrainingRecord {
    /// Seconds of training over all epochs.
    public var trainingSeconds: Double { epochs.reduce(0) { $0 + $1.seconds } }

    /// The content of `training.json`.
    var jsonData: [UInt8] {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
        }
    }

    /// The record of a run folder; nil if it has none of this kind that can be read.
    public static func read(from folder: String) -> Self? {
        let path = CheckpointFolder.resolve(folder, "training.json")
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(Self.self, from: data)
    }

    /// What every page says at its end: how long it took, where, by which version, with which options.
    var particulars: [(name: String, value: String)] {
        [
            ("training time", Decimals.duration(trainingSeconds)),
            ("machine", "\(machine.cpu), \(machine.instructionSet), \(machine.threads) threads"),
            ("Martlet", version),
            ("options", options.listing.map { "\($0.flag) \($0.value)" }.joined(separator: " ")),
        ]
    }

    /// Takes over how far a run is.
    mutating func take(_ progress: TrainingProgress) {
        epochs = progress.history
        bestEpoch = progress.bestEpoch
    }
}

/// The machine that a run was made on.
public struct MachineRecord: Codable, Sendable, Equatable {
    /// The CPU's own name.
    public var cpu: String
    /// The instruction set of the kernels.
    public var instructionSet: String
    /// The threads of the kernels.
    public var threads: Int

    enum CodingKeys: String, CodingKey {
        case cpu, threads
        case instructionSet = "instruction_set"
    }

    /// This machine.
    static var current: MachineRecord {
        let machine = Machine.current
        return MachineRecord(
            cpu: machine.cpuName, instructionSet: machine.instructionSet, threads: machine.threads)
    }
}

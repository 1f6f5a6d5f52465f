import MartletData
import MartletModels
import MartletStore
import MartletTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A run that can go on: everything that changes, and what it must be resumed with.
///
/// It lies in the run folder as `checkpoint/`: `state.safetensors` (the model, the best one so far, the optimiser)
/// and `progress.json`.
struct SentimentCheckpoint {
    /// What a resumed run must agree with.
    struct Header: Codable {
        var options: SentimentOptions
        var dataPath: String
        var columns: TextColumns
        var dataSHA256: String
        var progress: TrainingProgress

        enum CodingKeys: String, CodingKey {
            case options, columns, progress
            case dataPath = "data_path"
            case dataSHA256 = "data_sha256"
        }
    }

    /// The folder of the checkpoint of a run.
    static func folder(of run: String) -> String { run + "/checkpoint" }

    /// Whether a folder holds a run, finished or not.
    static func isRun(_ run: String) -> Bool {
        [
            "training.json", ".commit/training.json", "checkpoint/progress.json",
            "checkpoint/.commit/progress.json",
        ]
        .contains { FileManager.default.fileExists(atPath: run + "/" + $0) }
    }

    /// Saves a snapshot, whole or not at all.
    static func save(
        _ snapshot: Snapshot<SentimentClassifier, AdamW>, header: Header, run: String
    ) throws {
        var tensors: [(name: String, tensor: Tensor)] = []
        for (name, tensor) in snapshot.model.parameters {
            tensors.append(("model." + name, tensor))
        }
        for (name, tensor) in snapshot.average?.model.parameters ?? [] {
            tensors.append(("average." + name, tensor))
        }
        for (name, tensor) in snapshot.best.parameters { tensors.append(("best." + name, tensor)) }
        for (name, tensor) in snapshot.optimizer.state.sorted(by: { $0.key < $1.key }) {
            tensors.append(("optimizer." + name, tensor))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try CheckpointFolder.write(
            to: folder(of: run),
            files: [
                ("progress.json", .bytes(Array(try encoder.encode(header)))),
                ("state.safetensors", .tensors(tensors)),
            ])
    }

    /// What is saved of a run, without its tensors.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none or it is damaged.
    static func header(run: String) throws -> Header {
        let path = CheckpointFolder.resolve(folder(of: run), "progress.json")
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TrainingError.cannotResume(
                "\(folder(of: run)) holds no checkpoint; a finished run has none any more, and one that was not begun has none yet"
            )
        }
        do {
            return try JSONDecoder().decode(Header.self, from: data)
        } catch {
            throw TrainingError.cannotResume(
                "\(path) is damaged (\(error)); train anew with --overwrite")
        }
    }

    /// The snapshot of a run whose fresh model and optimiser are given.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)``, or `StoreError` if the file is damaged.
    static func snapshot(
        run: String, header: Header, model: SentimentClassifier, optimizer: AdamW
    ) throws -> Snapshot<SentimentClassifier, AdamW> {
        let path = CheckpointFolder.resolve(folder(of: run), "state.safetensors")
        let file = try SafetensorsFile(path: path)
        func restored(_ scope: String) throws -> SentimentClassifier {
            try model.mapParameters { name, parameter in
                let tensor = try file.tensor(scope + "." + name)
                guard tensor.shape == parameter.shape, tensor.dtype == parameter.dtype else {
                    throw TrainingError.cannotResume(
                        "\(path): tensor \"\(scope).\(name)\" is \(tensor.dtype) \(tensor.shape), expected \(parameter.dtype) \(parameter.shape)"
                    )
                }
                return tensor
            }
        }
        var state: [String: Tensor] = [:]
        for name in file.names where name.hasPrefix("optimizer.") {
            state[String(name.dropFirst("optimizer.".count))] = try file.tensor(name)
        }
        var optimizer = optimizer
        try optimizer.restore(state)
        return Snapshot(
            model: try restored("model"),
            average: header.options.averaging > 0
                ? WeightAverage(try restored("average"), decay: header.options.averaging) : nil,
            best: try restored("best"), optimizer: optimizer,
            progress: header.progress)
    }
}

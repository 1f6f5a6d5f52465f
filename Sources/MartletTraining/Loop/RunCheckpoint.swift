import MartletStore
import MartletTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// What a resumed run must agree with, beside its tensors: a recipe's options, its data, and how far it is.
protocol RunHeader: Codable {
    associatedtype Options: TrainingChoices
    var options: Options { get }
    var dataSHA256: String { get }
    var progress: TrainingProgress { get }
}

extension RunHeader {
    /// Where the resumed run goes on.
    var resumption: Resumption { Resumption(epoch: progress.epoch, step: progress.step) }

    /// Refuses to resume with other data than the run was begun with.
    func check(_ source: String, sha256: String) throws {
        guard dataSHA256 != sha256 else { return }
        throw TrainingError.cannotResume(
            "\(source) is not the data that the run was begun with (SHA-256 \(sha256.prefix(12))…, then \(dataSHA256.prefix(12))…); give the same data, or train anew into another --out"
        )
    }
}

/// The header of a run on data that their path alone names.
struct PathRunHeader<Options: TrainingChoices>: RunHeader {
    var options: Options
    var dataPath: String
    var dataSHA256: String
    var progress: TrainingProgress

    enum CodingKeys: String, CodingKey {
        case options, progress
        case dataPath = "data_path"
        case dataSHA256 = "data_sha256"
    }
}

/// A run that can go on: everything that changes, and what it must be resumed with.
///
/// It lies in the run folder as `checkpoint/`: `state.safetensors` (the model, the best one so far, the optimiser, and
/// what is carried from step to step) and `progress.json` (the header).
enum RunCheckpoint {
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

    /// The saved run to go on with, if any; refuses to touch one that is to be kept, or had other options.
    static func saved<Header: RunHeader>(
        _ type: Header.Type, run: String, _ existing: ExistingRun, options: Header.Options
    ) throws -> Header? {
        switch existing {
        case .keep:
            if isRun(run) { throw TrainingError.runExists(run) }
            return nil
        case .replace:
            return nil
        case .resume:
            let saved = try header(type, run: run)
            if let difference = options.difference(from: saved.options) {
                throw TrainingError.cannotResume(
                    "\(difference); leave these flags out, or train anew into another --out")
            }
            return saved
        }
    }

    /// Makes sure that the run can be saved, before hours are spent on it.
    ///
    /// The checkpoint of a run that is to be replaced goes, so that none but the new run can be resumed.
    static func prepare(run: String, _ existing: ExistingRun) throws {
        try CheckpointFolder.prepare(run)
        if existing == .replace { try CheckpointFolder.remove(folder(of: run)) }
    }

    /// Saves a snapshot, whole or not at all.
    ///
    /// - Parameter carried: what a step hands to the next beside the weights, such as a recurrent state.
    static func save<M: Module, Rule: Optimizer>(
        _ snapshot: Snapshot<M, Rule>, header: some RunHeader, carried: [Tensor] = [], run: String
    ) throws {
        var tensors: [(name: String, tensor: Tensor)] = []
        func add(_ scope: String, _ model: M) {
            for (name, tensor) in model.parameters { tensors.append((scope + "." + name, tensor)) }
        }
        add("model", snapshot.model)
        if let average = snapshot.average?.model { add("average", average) }
        add("best", snapshot.best)
        for (name, tensor) in snapshot.optimizer.state.sorted(by: { $0.key < $1.key }) {
            tensors.append(("optimizer." + name, tensor))
        }
        for (place, tensor) in carried.enumerated() {
            tensors.append(("carried.\(place)", tensor))
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
    /// - Throws: ``TrainingError/cannotResume(_:)`` if there is none, it is damaged, or of another task.
    static func header<Header: RunHeader>(_ type: Header.Type, run: String) throws -> Header {
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
                "\(path) is damaged, or of another kind of run (\(error)); train anew with --overwrite"
            )
        }
    }

    /// A trainer that begins with a fresh model, or goes on where the saved run stopped, and what that carries.
    ///
    /// - Throws: ``TrainingError/cannotResume(_:)``, or `StoreError` if the file is damaged.
    static func trainer<M: Module, Rule: Optimizer>(
        _ plan: Trainer<M, Rule>.Plan, model: M, optimizer: Rule, resuming saved: (some RunHeader)?,
        run: String
    ) throws -> (trainer: Trainer<M, Rule>, carried: [Tensor]) {
        guard let saved else {
            return (Trainer(plan: plan, model: model, optimizer: optimizer), [])
        }
        let restored = try snapshot(
            run: run, progress: saved.progress, averaging: plan.averaging, model: model,
            optimizer: optimizer)
        return (Trainer(plan: plan, resuming: restored.snapshot), restored.carried)
    }

    /// The snapshot of a run whose fresh model and optimiser are given, and what it carries.
    ///
    /// - Parameter averaging: how much of an average of the weights is kept in a step, if there is one.
    /// - Throws: ``TrainingError/cannotResume(_:)``, or `StoreError` if the file is damaged.
    static func snapshot<M: Module, Rule: Optimizer>(
        run: String, progress: TrainingProgress, averaging: Double?, model: M, optimizer: Rule
    ) throws -> (snapshot: Snapshot<M, Rule>, carried: [Tensor]) {
        let path = CheckpointFolder.resolve(folder(of: run), "state.safetensors")
        let file = try SafetensorsFile(path: path)
        func restored(_ scope: String) throws -> M {
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
        let count = file.names.count { $0.hasPrefix("carried.") }
        return (
            Snapshot(
                model: try restored("model"),
                average: try averaging.map {
                    WeightAverage(try restored("average"), decay: $0)
                },
                best: try restored("best"), optimizer: optimizer, progress: progress),
            try (0..<count).map { try file.tensor("carried.\($0)") }
        )
    }
}

import MartletStore
import MartletTensor

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The weights of a folder: `model.safetensors`, or the shards that `model.safetensors.index.json` lists.
struct WeightFiles {
    private let files: [SafetensorsFile]
    /// Which file has a tensor.
    private let places: [String: Int]

    /// What an index says.
    private struct Index: Decodable {
        var files: [String: String]

        enum CodingKeys: String, CodingKey { case files = "weight_map" }
    }

    /// Opens the files.
    ///
    /// - Throws: ``ModelError`` or `StoreError`: which file is missing or damaged.
    init(folder: String) throws {
        let index = CheckpointFolder.resolve(folder, "model.safetensors.index.json")
        let whole = CheckpointFolder.resolve(folder, "model.safetensors")
        guard !FileManager.default.fileExists(atPath: whole),
            let data = FileManager.default.contents(atPath: index)
        else {
            let file = try SafetensorsFile(path: whole)
            files = [file]
            places = Dictionary(uniqueKeysWithValues: file.names.map { ($0, 0) })
            return
        }
        let map: [String: String]
        do {
            map = try JSONDecoder().decode(Index.self, from: data).files
        } catch {
            throw ModelError(
                "\(index): expected an object \"weight_map\" from the names of tensors to those of files"
            )
        }
        let names = Set(map.values).sorted()
        if let bad = names.first(where: { $0.contains("/") || $0.isEmpty || $0 == ".." }) {
            throw ModelError("\(index): the file \"\(bad)\" does not lie in the same folder")
        }
        let missing = names.filter {
            !FileManager.default.fileExists(atPath: CheckpointFolder.resolve(folder, $0))
        }
        guard missing.isEmpty else {
            throw ModelError(
                "\(index): \(missing.count) of \(names.count) files are missing: \(Self.list(missing)); download them into the same folder"
            )
        }
        files = try names.map {
            try SafetensorsFile(path: CheckpointFolder.resolve(folder, $0))
        }
        var places: [String: Int] = [:]
        for (number, file) in files.enumerated() {
            for name in file.names { places[name] = number }
        }
        let lost = map.keys.filter { places[$0] == nil }.sorted()
        guard lost.isEmpty else {
            throw ModelError(
                "\(index): its files lack \(lost.count) tensors that it lists: \(Self.list(lost))")
        }
        self.places = places
    }

    /// The model with these weights.
    ///
    /// - Parameter configuration: the path of the `config.json` that asks for them.
    /// - Throws: ``ModelError`` or `StoreError`: which tensors are missing, of another shape or type, or of no use.
    func weights<M: Model>(of model: M, configuration: String) throws -> M {
        let foreign = model as? any HuggingFaceModel
        var unused = Set(places.keys)
        var missing: [String] = []
        var wrong: [String] = []
        let loaded = try model.mapParameters { name, parameter in
            let known = names(of: name, foreign?.basePrefix).first { places[$0] != nil }
            guard let known else {
                missing.append(name)
                return parameter
            }
            unused.remove(known)
            let tensor = try files[places[known]!].tensor(known)
            let fits =
                parameter.dtype.isFloatingPoint
                ? tensor.dtype.isFloatingPoint : tensor.dtype == parameter.dtype
            guard tensor.shape == parameter.shape, fits else {
                wrong.append(
                    "tensor \"\(known)\" is \(tensor.dtype) \(tensor.shape): \(configuration) asks for \(parameter.dtype) \(parameter.shape)"
                )
                return parameter
            }
            return tensor.cast(to: parameter.dtype)
        }
        let path = files.count == 1 ? files[0].path : "\(files[0].path) and others"
        if !wrong.isEmpty {
            throw ModelError(
                "\(path): \(wrong.prefix(5).joined(separator: "; "))\(Self.more(wrong, 5))")
        }
        if !missing.isEmpty {
            if files.count == 1, missing.count == 1 {
                throw StoreError.noTensor(
                    path: path, name: missing[0], available: files[0].names)
            }
            throw ModelError(
                "\(path): no tensors \(Self.list(missing)), which \(configuration) asks for; there are \(Self.list(places.keys.sorted()))"
            )
        }
        if let foreign {
            unused = unused.filter { name in
                !type(of: foreign).isTable(name) && !foreign.sharedNames.contains(name)
            }
        }
        if let extra = unused.min() {
            let what = "none of a \(M.Configuration.architecture)'s with this config.json"
            throw ModelError(
                unused.count == 1
                    ? "\(path): tensor \"\(extra)\" is \(what)"
                    : "\(path): tensors \(Self.list(unused.sorted())) are \(what)")
        }
        return loaded
    }

    /// How a file may call a parameter: older ones, and those of a bare encoder or decoder, leave a prefix out.
    private func names(of name: String, _ prefix: String?) -> [String] {
        guard let prefix, !prefix.isEmpty else { return [name] }
        return name.hasPrefix(prefix)
            ? [name, String(name.dropFirst(prefix.count))] : [name, prefix + name]
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ") + more(names, 8)
    }

    private static func more(_ names: [String], _ shown: Int) -> String {
        names.count > shown ? " and \(names.count - shown) more" : ""
    }
}

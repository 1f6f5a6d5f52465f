public import MartletTensor

/// Writing safetensors, the common format of named tensors.
///
/// Wide elements come first and the header ends at a multiple of 64 bytes, so every tensor is aligned for
/// its type in a mapped file; tensors of the same width keep their order. The same tensors give the same bytes.
public enum Safetensors {
    /// Writes a file so that there is either the whole new one or what was there before.
    ///
    /// - Parameters:
    ///   - tensors: each name at most once, and none `__metadata__`.
    ///   - metadata: free text, such as `["format": "pt"]`.
    ///   - path: the file, whose folder exists.
    /// - Throws: ``StoreError/unwritable(path:reason:isDiskFull:kept:)``.
    public static func write(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:],
        to path: String
    ) throws {
        try write(.tensors(tensors, metadata: metadata), to: path, changes: FileChanges())
    }

    /// The bytes of the file that ``write(_:metadata:to:)`` would write.
    public static func data(
        _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]
    ) -> [UInt8] {
        let ordered = ordered(tensors)
        var bytes = header(ordered, metadata)
        for (_, tensor) in ordered { tensor.withUnsafeBytes { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// Writes to a temporary file beside `path`, waits for the disk, and renames it.
    static func write(_ contents: FileContents, to path: String, changes: FileChanges) throws {
        let temporary = "\(path).saving-\(FileChanges.uniqueSuffix())"
        do {
            try contents.write(to: temporary, changes: changes)
            try changes.rename(temporary, to: path)
        } catch let failure as SystemFailure {
            try? changes.remove(temporary)
            throw SystemFailure(path: path, code: failure.code).saving(kept: .previous)
        }
        do {
            try changes.synchroniseFolder(FileChanges.folder(of: path))
        } catch {
            throw error.saving(kept: .new)
        }
    }

    static func ordered(_ tensors: [(name: String, tensor: Tensor)]) -> [(
        name: String, tensor: Tensor
    )] {
        let names = Set(tensors.map(\.name))
        precondition(names.count == tensors.count, "two tensors of the same name")
        precondition(!names.contains("__metadata__"), "a tensor called __metadata__")
        return tensors.enumerated().sorted { left, right in
            (right.element.tensor.dtype.byteCount, left.offset)
                < (left.element.tensor.dtype.byteCount, right.offset)
        }.map(\.element)
    }

    /// The length and the JSON, for tensors in the order of their data.
    static func header(
        _ ordered: [(name: String, tensor: Tensor)], _ metadata: [String: String]
    ) -> [UInt8] {
        var members: [String] = []
        if !metadata.isEmpty {
            let pairs = metadata.sorted { $0.key < $1.key }.map {
                "\(quoted($0.key)):\(quoted($0.value))"
            }
            members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
        }
        var offset = 0
        for (name, tensor) in ordered {
            let sizes = tensor.shape.map(String.init).joined(separator: ",")
            let end = offset + tensor.count * tensor.dtype.byteCount
            members.append(
                "\(quoted(name)):{\"dtype\":\"\(ElementType(tensor.dtype).rawValue)\","
                    + "\"shape\":[\(sizes)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var json = Array("{\(members.joined(separator: ","))}".utf8)
        while (8 + json.count) % 64 != 0 { json.append(0x20) }
        return withUnsafeBytes(of: UInt64(json.count).littleEndian) { Array($0) } + json
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

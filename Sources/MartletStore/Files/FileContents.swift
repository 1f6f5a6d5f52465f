public import MartletTensor

/// What a file is to hold.
public enum FileContents: Sendable {
    /// These bytes.
    case bytes([UInt8])
    /// Named tensors, as safetensors.
    case tensors([(name: String, tensor: Tensor)], metadata: [String: String] = [:])

    /// Text, as UTF-8.
    public static func text(_ text: String) -> FileContents {
        .bytes(Array(text.utf8))
    }

    /// Saves a file so that there is either the whole new one or what was there before.
    ///
    /// - Throws: ``StoreError/unwritable(path:reason:isDiskFull:kept:)``.
    public func save(to path: String) throws {
        try Safetensors.write(self, to: path, changes: FileChanges())
    }

    /// Writes a new file and waits for the disk; tensors go there without a copy in memory.
    func write(to path: String, changes: FileChanges) throws {
        try changes.writeFile(path) { write in
            switch self {
            case .bytes(let bytes):
                try bytes.withUnsafeBytes(write)
            case .tensors(let tensors, let metadata):
                let ordered = Safetensors.ordered(tensors)
                try Safetensors.header(ordered, metadata).withUnsafeBytes(write)
                for (_, tensor) in ordered { try tensor.withUnsafeBytes(write) }
            }
        }
    }
}

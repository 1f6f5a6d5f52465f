public import MartletTensor

/// An open safetensors file: named tensors that share the file's memory.
///
/// The file is mapped, so opening reads only the header, and a tensor's numbers come from disk when they
/// are first used. The tensors keep the file open. The whole header is checked before anything is used.
public final class SafetensorsFile: Sendable {
    /// Where the file is.
    public let path: String
    /// The names of the tensors, in the order of their data.
    public let names: [String]
    /// Free text that the writer added, such as `["format": "pt"]`.
    public let metadata: [String: String]

    private let file: MappedFile
    private let entries: [String: SafetensorsHeader.Entry]

    /// Opens and checks a file.
    ///
    /// - Throws: ``StoreError``.
    public init(path: String) throws {
        file = try MappedFile(path: path)
        let header = try SafetensorsHeader(reading: file.bytes, path: path)
        self.path = path
        names = header.names
        metadata = header.metadata
        entries = header.entries
    }

    /// The shape and type of a tensor, without touching its data; nil if there is none of this name.
    public func layout(of name: String) -> (shape: Shape, dtype: DType)? {
        entries[name].map { ($0.shape, $0.dtype) }
    }

    /// A tensor, sharing the file's memory; it is copied only where the file did not align it.
    ///
    /// - Throws: ``StoreError/noTensor(path:name:available:)``; or ``StoreError/malformed(path:problem:)``
    ///   for a `BOOL` element that is neither 0 nor 1.
    public func tensor(_ name: String) throws -> Tensor {
        guard let entry = entries[name] else {
            throw StoreError.noTensor(path: path, name: name, available: names)
        }
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.bytes])
        if entry.dtype == .bool, let bad = bytes.first(where: { $0 > 1 }) {
            throw StoreError.malformed(
                path: path,
                problem: "tensor \"\(name)\" is BOOL and has the byte \(bad), expected 0 or 1")
        }
        let isAligned = Int(bitPattern: bytes.baseAddress) % entry.dtype.byteCount == 0
        guard isAligned else {
            return Tensor(shape: entry.shape, dtype: entry.dtype) { $0.copyMemory(from: bytes) }
        }
        return Tensor(sharing: bytes, owner: file, shape: entry.shape, dtype: entry.dtype)
    }

    /// All tensors by name.
    ///
    /// - Throws: as ``tensor(_:)``.
    public func tensors() throws -> [String: Tensor] {
        var all: [String: Tensor] = [:]
        for name in names { all[name] = try tensor(name) }
        return all
    }
}

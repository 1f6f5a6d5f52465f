/// Why a file could not be read or written: what, where, found against expected, and what to do.
public enum StoreError: Error, Equatable, Sendable {
    /// The file cannot be opened or read; `reason` is the system's.
    case unreadable(path: String, reason: String)
    /// The file is not a valid safetensors file; `problem` says what was found and what was expected.
    case malformed(path: String, problem: String)
    /// A tensor's element type is none that Martlet has.
    case unsupportedType(path: String, tensor: String, type: String)
    /// The file has no tensor of this name.
    case noTensor(path: String, name: String, available: [String])
    /// A save failed; `reason` is the system's.
    case unwritable(path: String, reason: String, isDiskFull: Bool, kept: Kept)

    /// Which state a failed save leaves on disk.
    public enum Kept: Equatable, Sendable {
        /// What was there before, untouched.
        case previous
        /// The new files: complete, but not all moved to their final place yet.
        case new
    }
}

extension StoreError: CustomStringConvertible {
    /// The error for people.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            return "\(path): cannot be read: \(reason); check the path and the permissions"
        case .malformed(let path, let problem):
            return "\(path): not a valid safetensors file: \(problem); "
                + "copy or download it again, or save it anew"
        case .unsupportedType(let path, let tensor, let type):
            let known = ElementType.allCases.map(\.rawValue).joined(separator: ", ")
            return "\(path): tensor \"\(tensor)\" has elements of type \(type), which is none of "
                + "\(known); convert it to one of these"
        case .noTensor(let path, let name, let available):
            return "\(path): no tensor \"\(name)\"; \(Self.listing(available))"
        case .unwritable(let path, let reason, let isDiskFull, let kept):
            let state =
                switch kept {
                case .previous: "what was saved before is intact"
                case .new: "the new files are complete and will be read, the next save tidies up"
                }
            let advice =
                isDiskFull
                ? "free some space, or save to another disk"
                : "check that the folder exists and may be written to"
            return "\(path): cannot be written: \(reason); \(state); \(advice)"
        }
    }

    private static func listing(_ names: [String]) -> String {
        guard !names.isEmpty else { return "the file has none" }
        let shown = names.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
        let more = names.count > 8 ? " and \(names.count - 8) more" : ""
        return "the file has \(shown)\(more)"
    }
}

/// Why a tokenizer could not be read or written.
public enum TokenizerError: Error, Equatable, CustomStringConvertible {
    /// The file could not be opened or read.
    case unreadable(path: String, reason: String)
    /// The file's content is not a tokenizer, with what is wrong and at which byte (from 0).
    case damaged(path: String, reason: String, offset: Int)
    /// The file could not be written.
    case unwritable(path: String, reason: String)

    /// What happened to which file, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason)); give the tokenizer.json of a trained model"
        case .damaged(let path, let reason, let offset):
            "\(path): damaged at byte \(offset): \(reason); copy the file again or train anew"
        case .unwritable(let path, let reason):
            "\(path): cannot be written (\(reason)); check the folder, its rights and the free space"
        }
    }
}

/// Why a tokenizer could not be read, built or used.
public enum PipelineError: Error, Equatable, CustomStringConvertible {
    /// A file could not be opened or read.
    case unreadable(path: String, reason: String)
    /// A file's content is not what it should be, with what is wrong and at which byte (from 0) where that is known.
    case damaged(path: String, reason: String, offset: Int?)
    /// A part of a tokenizer does not fit the rest: which part, and what is wrong.
    case invalid(part: String, reason: String)
    /// A part that is valid, but that Martlet does not run: which part, and what in it.
    case unsupported(part: String, reason: String)
    /// A text has something that the vocabulary does not know, and there is no unknown token.
    case unknownText(reason: String)

    /// What happened where, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot be read (\(reason)); give a tokenizer.json, tokenizer.model, "
                + "vocab.txt, vocab.json, a .tiktoken file, or the folder of a model"
        case .damaged(let path, let reason, let offset):
            "\(path): damaged\(offset.map { " at byte \($0)" } ?? ""): \(reason); "
                + "copy the file again"
        case .invalid(let part, let reason): "\(part): \(reason)"
        case .unsupported(let part, let reason): "\(part): \(reason) is not supported"
        case .unknownText(let reason):
            "\(reason); give the tokenizer an unknown token, or byte fallback"
        }
    }
}

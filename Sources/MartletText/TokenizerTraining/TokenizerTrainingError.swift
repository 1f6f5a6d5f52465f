/// Why a tokenizer could not be trained.
public enum TokenizerTrainingError: Error, Equatable, CustomStringConvertible {
    /// A file could not be opened or read.
    case unreadable(path: String, reason: String)
    /// A file is not UTF-8: at which line (from 1), which byte of it (from 1), and what stands there.
    case notUTF8(path: String, line: Int, byte: Int, value: UInt8)
    /// There is not a word in the files.
    case empty(paths: [String])
    /// The size that was asked for has no room for what every text needs.
    case tooSmall(size: Int, least: Int, why: String)
    /// An option has a value that it cannot have.
    case option(String)
    /// A line of a word list is not a word, or a word and how often it was seen.
    case wordList(path: String, line: Int, reason: String)

    /// What happened where, and what to do.
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason); check the path and the permissions"
        case .notUTF8(let path, let line, let byte, let value):
            "\(path):\(line): byte \(byte) of the line (0x\(Self.hexadecimal(value))) is not UTF-8 text; "
                + "convert the file (iconv -t UTF-8) or remove the line"
        case .empty(let paths):
            "\(paths.joined(separator: ", ")): no words to learn from; give files with text"
        case .tooSmall(let size, let least, let why):
            "size \(size) is too small: \(why) take \(least); ask for more, or for a smaller alphabet"
        case .option(let problem): problem
        case .wordList(let path, let line, let reason):
            "\(path):\(line): \(reason); a line is a word, or a word, a space and how often it was seen"
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }
}

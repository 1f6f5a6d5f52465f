/// Why labelled texts could not be read: what, where, found against expected, and what to do.
public struct DataError: Error, Equatable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    /// The line, counted from 1, if it is about one.
    public let line: Int?
    /// What is wrong and what to do.
    public let problem: String

    /// An error at a place.
    public init(_ path: String, line: Int? = nil, _ problem: String) {
        self.path = path
        self.line = line
        self.problem = problem
    }

    /// `path:line: problem`.
    public var description: String {
        path + (line.map { ":\($0)" } ?? "") + ": " + problem
    }
}

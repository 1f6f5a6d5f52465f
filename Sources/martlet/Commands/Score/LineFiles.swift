import MartletText

/// Files whose lines belong together by their number.
struct LineFiles {
    /// The file of the texts to be judged, and those of references.
    let hypotheses: String
    let references: [String]
    private let referenceLines: [[String]]
    private let allowsEmpty: Bool

    /// Reads the references.
    ///
    /// - Parameter hypotheses: what they are of, for messages.
    init(hypotheses: String, references: [String], allowsEmpty: Bool) throws {
        self.hypotheses = hypotheses
        self.references = references
        self.allowsEmpty = allowsEmpty
        referenceLines = try references.map(Self.lines)
    }

    /// The lines of a file of hypotheses, with their references.
    ///
    /// - Throws: ``InputError`` with the file and the line.
    func texts(of path: String) throws -> ParallelTexts {
        let lines = try Self.lines(of: path)
        for (index, reference) in referenceLines.enumerated() where reference.count != lines.count {
            throw InputError(
                description:
                    "\(Self.name(path)) has \(lines.count) line\(lines.count == 1 ? "" : "s") and \(Self.name(references[index])) \(reference.count): line for line they have to be of the same text"
            )
        }
        do throws(ScoringError) {
            return try ParallelTexts(
                hypotheses: lines, referenceSets: referenceLines,
                allowsEmptyReferences: allowsEmpty)
        } catch {
            throw InputError(description: message(error, path))
        }
    }

    /// The problem by the names of the files.
    private func message(_ error: ScoringError, _ path: String) -> String {
        switch error {
        case .noSegments: "\(Self.name(path)): there are no lines to score"
        case .emptyReference(let line, let set):
            "\(Self.name(references[set - 1])):\(line): the reference is empty; fill it in, leave the line out of all files, or allow it with --allow-empty-references"
        default: "\(Self.name(path)): \(error)"
        }
    }

    private static func lines(of path: String) throws -> [String] {
        var reader = try LineReader(path: path == "-" ? nil : path)
        var lines: [String] = []
        while let line = try reader.next() { lines.append(line) }
        return lines
    }

    private static func name(_ path: String) -> String { path == "-" ? "standard input" : path }
}

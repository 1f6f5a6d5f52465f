import Foundation
import MartletData
import MartletTestSupport
import Testing

/// Reads a file of this name and content from a fresh folder.
func read(
    _ name: String, _ content: some Sequence<UInt8>, columns: TextColumns = TextColumns(),
    labels: [String]? = nil
) throws -> TextDataset {
    try withTemporaryFolder { folder in
        let path = folder + "/" + name
        try Data(content).write(to: URL(filePath: path))
        return try TextDataset.read(path, columns: columns, labels: labels)
    }
}

/// Reads a folder of these two files.
func readFolder(
    positive: String, negative: String, labels: [String]? = nil
) throws -> TextDataset {
    try withTemporaryFolder { folder in
        try Data(positive.utf8).write(to: URL(filePath: folder + "/pos.txt"))
        try Data(negative.utf8).write(to: URL(filePath: folder + "/neg.txt"))
        return try TextDataset.read(folder, labels: labels)
    }
}

/// What the reading complains about, without the folder in front; empty if it does not.
func complaint(_ body: () throws -> TextDataset) -> String {
    do {
        let dataset = try body()
        return "read \(dataset.examples.count) texts"
    } catch let error as DataError {
        let name = error.path.split(separator: "/").last ?? ""
        return error.description.replacingOccurrences(of: error.path, with: name)
    } catch {
        return "not a DataError: \(error)"
    }
}

/// What reading a file of this name and content complains about.
func complaint(
    _ name: String, _ content: String, columns: TextColumns = TextColumns(),
    labels: [String]? = nil
) -> String {
    complaint { try read(name, content.utf8, columns: columns, labels: labels) }
}

/// A field of CSV with quotation marks around it and those inside doubled.
func quoted(_ field: String) -> String {
    // By scalars: a quotation mark under an accent is another character to `String`.
    let parts = field.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.map { String($0) }.joined(separator: "\"\"") + "\""
}

extension TextDataset {
    /// The texts with the names of their labels.
    var pairs: Set<[String]> { Set(examples.map { [$0.text, labels[$0.label]] }) }
}

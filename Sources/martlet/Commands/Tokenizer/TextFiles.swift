#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The files that arguments name.
enum TextFiles {
    /// Files as they are, and for a folder the .txt files in it, by their names.
    static func expanded(_ paths: [String]) throws -> [String] {
        try paths.flatMap { path -> [String] in
            var isFolder = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder
            else { return [path] }
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: path)
            } catch {
                throw InputError(description: "\(path): cannot be read; check the permissions")
            }
            let files = names.filter { $0.hasSuffix(".txt") }.sorted()
            guard !files.isEmpty else {
                throw InputError(description: "\(path): there is no .txt file in this folder")
            }
            return files.map { "\(path)/\($0)" }
        }
    }
}

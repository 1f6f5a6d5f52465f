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
            guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
                return [path]
            }
            let files = names.filter { $0.hasSuffix(".txt") }.sorted()
            guard !files.isEmpty else {
                throw InputError(description: "\(path): there is no .txt file in this folder")
            }
            return files.map { "\(path)/\($0)" }
        }
    }
}
